package dispatch

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/dokuei/dokuei/reports/loop"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/deliver"
)

// Remind carries a notice of reports/loop to a person or to a hospital's route. It
// says nothing of whom the report is about, of what, or by whom.
func (s *Dispatcher) Remind(ctx context.Context, n loop.Notice) error {
	if n.Email != "" {
		return s.remindByMail(ctx, n.Email, n)
	}
	u, err := url.Parse(n.Destination.Route)
	if err != nil {
		return &deliver.RefusalError{Reason: "the address of the destination is no URL", Permanent: true}
	}
	switch u.Scheme {
	case "mailto":
		return s.remindByMail(ctx, u.Opaque, n)
	case "http", "https":
		event := loop.EventReminder
		if n.Escalation {
			event = loop.EventEscalated
		}
		body, err := json.Marshal(struct {
			ID       string `json:"id"`
			Event    string `json:"event"`
			Hospital string `json:"hospital"`
			Report   string `json:"report"`
			Step     int    `json:"step"`
			Critical bool   `json:"critical"`
		}{n.ID, event, n.Hospital, n.ReportID, n.Step, n.Importance == 0})
		if err != nil {
			return fmt.Errorf("dispatch: %w", err)
		}
		_, err = s.post(ctx, u, body, deliver.Notice)
		return err
	}
	return &deliver.RefusalError{Reason: "there is no way of the kind " + u.Scheme, Permanent: true}
}

func (s *Dispatcher) remindByMail(ctx context.Context, to string, n loop.Notice) error {
	if s.Mail == nil {
		return fmt.Errorf("%w: the service has no mail relay: start it with --smtp", loop.ErrNoWay)
	}
	subject := fmt.Sprintf("[Dokuei] 未確認の読影レポート（%d回目） / Unread report, reminder %d", n.Step, n.Step)
	ja, en := "確認されていない読影レポートがあります。サインインして内容をご確認ください。", "A report has not been acknowledged. Sign in to read it."
	switch {
	case n.Escalation:
		subject = "[Dokuei] 【緊急】連絡期限を過ぎた所見 / URGENT: a critical finding is past its deadline"
		ja, en = "緊急連絡の対象となる所見が、期限までに誰にも伝わっていません。至急ご連絡ください。", "Nobody was told of a critical finding by its deadline. Please call at once."
	case n.Importance == 0:
		subject = fmt.Sprintf("[Dokuei] 【緊急】未確認の読影レポート（%d回目） / URGENT unread report, reminder %d", n.Step, n.Step)
	}
	body := fmt.Sprintf("%s\n施設: %s\n\n%s\nHospital: %s\n", ja, n.Hospital, en, cmp.Or(n.HospitalEn, n.Hospital))
	if s.Link != "" {
		body += fmt.Sprintf("\n%s/#/sent/%s\n", strings.TrimSuffix(s.Link, "/"), n.StudyID)
	}
	if err := s.Mail(ctx, clock.Letter{ID: "reminder-" + n.ID, To: to, Subject: subject, Body: body}); err != nil {
		return fmt.Errorf("dispatch: %w", err)
	}
	return nil
}
