package dispatch

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/deliver"
)

// kinds are the versions of a report as letters name them.
var kinds = map[reports.Kind][2]string{
	reports.Preliminary: {"暫定報告", "preliminary report"}, reports.Final: {"確定報告", "final report"}, reports.Addendum: {"補遺", "addendum"},
	reports.Correction: {"訂正版", "correction"}, reports.Retraction: {"撤回", "retraction"},
}

// letter sends an e-mail that there is a version. It says nothing of whom it is
// about, of what, or by whom: mail is read on telephones and forwarded.
func (s *Dispatcher) letter(ctx context.Context, to string, r *reports.Report) (string, error) {
	if s.Mail == nil {
		return "", &deliver.RefusalError{Reason: "the service has no mail relay: start it with --smtp"}
	}
	kind := kinds[r.Kind]
	subject := "[Dokuei] 読影レポート（" + kind[0] + "） / " + kind[1]
	if r.Marks.Critical != nil {
		subject = "[Dokuei] 【緊急】読影レポート（" + kind[0] + "） / URGENT " + kind[1]
	}
	var b strings.Builder
	fmt.Fprintf(&b, "読影レポートが届いています（%s、第%d版）。\nサインインして内容をご確認ください。\n\nA report is ready (%s, version %d). Sign in to read it.\n", kind[0], r.Version, kind[1], r.Version)
	if r.Marks.Critical != nil {
		b.WriteString("\n緊急連絡の対象となる所見があります。至急ご確認ください。\nIt has a critical finding: please look at once.\n")
	}
	if s.Link != "" {
		fmt.Fprintf(&b, "\n%s/#/sent/%s\n", strings.TrimSuffix(s.Link, "/"), r.StudyID)
	}
	// The same version is the same letter, however often it is sent.
	if err := s.Mail(ctx, clock.Letter{ID: r.ID + "." + r.ContentHash[:16], To: to, Subject: subject, Body: b.String()}); err != nil {
		if errors.Is(err, clock.ErrRecipient) {
			return "", &deliver.RefusalError{Reason: "the mail relay takes no mail for the address of the destination", Permanent: true}
		}
		return "", fmt.Errorf("dispatch: %w", err)
	}
	return "taken by the mail relay", nil
}
