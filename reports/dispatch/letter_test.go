package dispatch

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/deliver"
)

// A letter says that there is a report and how urgent it is, and not a word of
// whom it is about.
func TestLettersNameNobody(t *testing.T) {
	t.Parallel()
	var sent []clock.Letter
	s := &Dispatcher{Link: "https://dokuei.example/", Mail: func(_ context.Context, l clock.Letter) error {
		sent = append(sent, l)
		return nil
	}}
	r := reportstest.Amended()
	for range 2 {
		if receipt, err := s.letter(t.Context(), "ward@kaifu.example", r); err != nil || receipt == "" {
			t.Fatal(err)
		}
	}
	r.Kind, r.Marks.Critical = reports.Correction, &reports.Critical{Level: "red", Finding: "右被殻出血"}
	if _, err := s.letter(t.Context(), "ward@kaifu.example", r); err != nil {
		t.Fatal(err)
	}
	if sent[0] != sent[1] {
		t.Error("sent again it is another letter")
	}
	if !strings.Contains(sent[2].Subject, "緊急") || !strings.Contains(sent[2].Subject, "訂正版") || !strings.Contains(sent[2].Body, "https://dokuei.example/#/sent/"+r.StudyID) {
		t.Errorf("%+v", sent[2])
	}
	for _, l := range sent {
		for _, secret := range []string{"田", "YOSHIDA", "KF-00123", "被殻", "CT", "佐藤", "海部", "A20261122001", "頭部"} {
			if strings.Contains(l.Subject+l.Body, secret) {
				t.Errorf("%q stands in a letter: %s", secret, l.Body)
			}
		}
	}
	var refusal *deliver.RefusalError
	if _, err := (&Dispatcher{}).letter(t.Context(), "x@y", r); !errors.As(err, &refusal) || refusal.Permanent {
		t.Errorf("without a relay: %v", err)
	}
}
