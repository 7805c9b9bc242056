package dispatch_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/dokuei/dokuei/reports/dispatch"
	"github.com/dokuei/dokuei/reports/loop"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/worklist"
)

// A reminder goes by mail to a person or a ward and by HTTP to a system, says which
// hospital and how urgent, is the same letter when it is sent again, and without a
// relay is not tried again.
func TestRemind(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var letters []clock.Letter
	var posted []string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		posted = append(posted, string(b))
		mu.Unlock()
	}))
	defer server.Close()
	s := &dispatch.Dispatcher{Sender: "DOKUEI", Local: true, Link: "https://reads.example/", Mail: func(_ context.Context, l clock.Letter) error {
		letters = append(letters, l)
		return nil
	}}
	n := loop.Notice{ID: "n1", Step: 2, ReportID: "r1", StudyID: "s1", Hospital: "海部病院", HospitalEn: "Kaifu Hospital", Importance: 3, Email: "doctor@example.jp"}
	ward, hook, late := n, n, n
	ward.Email, ward.Destination = "", worklist.Destination{Route: "mailto:ward@example.jp"}
	ward.Importance = 0
	hook.Email, hook.Destination = "", worklist.Destination{Route: server.URL}
	late.Escalation, late.Importance = true, 0
	for _, x := range []loop.Notice{n, ward, hook, late} {
		if err := s.Remind(t.Context(), x); err != nil {
			t.Error(err)
		}
	}
	if len(letters) != 3 || len(posted) != 1 {
		t.Fatalf("%d letters, %d posts", len(letters), len(posted))
	}
	for i, want := range []struct{ to, subject string }{{"doctor@example.jp", "2回目"}, {"ward@example.jp", "【緊急】未確認"}, {"doctor@example.jp", "期限を過ぎた"}} {
		l := letters[i]
		if l.To != want.to || l.ID != "reminder-n1" || !strings.Contains(l.Subject, want.subject) || !strings.Contains(l.Body, "施設: 海部病院\n") || !strings.Contains(l.Body, "Hospital: Kaifu Hospital\n") || !strings.Contains(l.Body, "https://reads.example/#/sent/s1") {
			t.Errorf("letter %+v", l)
		}
	}
	if !strings.Contains(posted[0], `"event":"report.reminder"`) || !strings.Contains(posted[0], `"step":2`) {
		t.Errorf("posted %s", posted[0])
	}
	s.Mail = nil
	if err := s.Remind(t.Context(), n); !errors.Is(err, loop.ErrNoWay) {
		t.Errorf("without a relay: %v", err)
	}
	n.Email, n.Destination = "", worklist.Destination{Route: "mllp://host:1"}
	if err := s.Remind(t.Context(), n); err == nil {
		t.Error("reminded by MLLP")
	}
}
