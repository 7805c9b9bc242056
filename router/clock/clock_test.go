package clock_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dokuei/dokuei/internal/outbound"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// watch is a clock that is set by hand.
type watch struct {
	mu sync.Mutex
	at time.Time
}

func (w *watch) now() time.Time  { w.mu.Lock(); defer w.mu.Unlock(); return w.at }
func (w *watch) set(t time.Time) { w.mu.Lock(); defer w.mu.Unlock(); w.at = t }

func look(t testing.TB, k *clock.Keeper) {
	t.Helper()
	if _, err := k.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func count(t testing.TB, d *db.DB, query string, args ...any) int {
	t.Helper()
	var n int
	if err := d.Read(t.Context()).QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOnEachEngine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		t.Run("escalation", func(t *testing.T) { testEscalation(t, open(t)) })
		t.Run("offer", func(t *testing.T) { testOffer(t, open(t)) })
	})
}

// Nobody takes a STAT: warned, escalated once, by many keepers of which each starts
// anew, and the coordinator hears of it.
func testEscalation(t *testing.T, d *db.DB) {
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	worklisttest.Panel(t, d, "npo", "sato")
	worklisttest.Exec(t, d, `UPDATE users SET email = 'sato@example.jp'`)
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		_, err := identity.CreateUser(ctx, tx, identity.User{Login: "coord", Name: "coord", Role: identity.Coordinator, Email: "coord@example.jp"})
		return err
	})
	made := db.Now()
	w := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu", Name: "SECRET^PATIENT"},
		worklist.New{PanelID: "npo", Priority: worklist.STAT, ClaimDue: made.Add(10 * time.Minute), Deadline: made.Add(30 * time.Minute)})
	done := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"},
		worklist.New{PanelID: "npo", Priority: worklist.STAT, ClaimDue: made.Add(10 * time.Minute), Deadline: made.Add(30 * time.Minute)})
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		u, err := identity.UserByLogin(ctx, tx, "sato")
		if err != nil {
			return err
		}
		if _, err := worklist.Claim(ctx, tx, done.ID, u.ID); err != nil {
			return err
		}
		_, err = worklist.Complete(ctx, tx, done.ID, u.ID)
		return err
	})

	at := &watch{at: made}
	var mu sync.Mutex
	var sent []clock.Notice
	refuse := true
	options := clock.Options{Now: at.now, Email: true, Webhook: true, Send: map[string]clock.Sender{
		"email": func(_ context.Context, n clock.Notice) error {
			mu.Lock()
			defer mu.Unlock()
			if refuse {
				return errors.New("the relay is down")
			}
			sent = append(sent, n)
			return nil
		},
		"webhook": func(_ context.Context, n clock.Notice) error { return nil },
	}}
	for minute := 0; minute <= 60; minute += 2 {
		at.set(made.Add(time.Duration(minute)*time.Minute + time.Second))
		var wait sync.WaitGroup
		for range 3 {
			wait.Go(func() { look(t, clock.New(d, options)) })
		}
		wait.Wait()
		if minute == 40 {
			mu.Lock()
			refuse = false
			mu.Unlock()
		}
	}
	for range 3 {
		at.set(at.now().Add(2 * time.Hour))
		look(t, clock.New(d, options))
	}
	kinds := strings.Join(worklisttest.Kinds(t, d, w.StudyID), " ")
	if got := strings.Count(kinds, worklist.EventEscalated); got != 2 {
		t.Errorf("escalated %d times: %s", got, kinds)
	}
	if got := strings.Count(kinds, worklist.EventWarned); got != 2 {
		t.Errorf("warned %d times: %s", got, kinds)
	}
	if got := strings.Join(worklisttest.Kinds(t, d, done.StudyID), " "); strings.Contains(got, worklist.EventEscalated) || strings.Contains(got, worklist.EventWarned) {
		t.Errorf("a completed item was watched: %s", got)
	}
	told := map[string]int{}
	for _, n := range sent {
		told[n.Recipient]++
		if subject, body := n.Text(); strings.Contains(subject+body, "SECRET") || strings.Contains(subject+body, "P1") {
			t.Error("a notice names the patient")
		}
	}
	if told["coord@example.jp"] != 2 || told["sato@example.jp"] != 3 { // it is there, and either limit is near
		t.Errorf("told %v", told)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM notices WHERE sent_at = 0`); n != 0 {
		t.Errorf("%d notices were never sent", n)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM notices WHERE body LIKE '%SECRET%'`); n != 0 {
		t.Error("a row of a notice names the patient")
	}
	if n := count(t, d, `SELECT escalated FROM workitems WHERE id = $1`, w.ID); n != 2 {
		t.Errorf("the item says it was escalated %d times", n)
	}
}

// An offer reaches its deputy, then the panel; whom it does not reach cannot claim.
func testOffer(t *testing.T, d *db.DB) {
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	ids := worklisttest.Panel(t, d, "npo", "main", "deputy", "other")
	made := db.Now()
	offer := worklist.OfferTo{Mode: worklist.Deputy, Main: ids[0], Deputy: ids[1]}
	w := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"}, worklist.New{
		PanelID: "npo", Priority: worklist.Urgent, ClaimDue: made.Add(time.Hour), Deadline: made.Add(4 * time.Hour), Offer: offer,
	})
	at := &watch{at: made}
	k := clock.New(d, clock.Options{Now: at.now})
	try := func(id string) error {
		return d.View(t.Context(), func(ctx context.Context, tx db.Tx) error {
			got, err := worklist.Get(ctx, tx, identity.Everything(), w.ID)
			if err == nil && !got.Offer.Allows(id) {
				err = worklist.ErrOffered
			}
			return err
		})
	}
	for _, step := range []struct {
		minute int
		want   [3]bool
	}{{0, [3]bool{true, false, false}}, {16, [3]bool{true, true, false}}, {31, [3]bool{true, true, true}}} {
		at.set(made.Add(time.Duration(step.minute) * time.Minute))
		look(t, k)
		for i, id := range ids {
			if got := try(id) == nil; got != step.want[i] {
				t.Errorf("minute %d: reader %d may claim: %v", step.minute, i, got)
			}
		}
		if step.minute == 16 {
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := worklist.Claim(ctx, tx, w.ID, ids[2])
				return err
			})
			if !errors.Is(err, worklist.ErrOffered) {
				t.Errorf("a reader the offer has not reached claimed: %v", err)
			}
		}
	}
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		_, err := worklist.Claim(ctx, tx, w.ID, ids[2])
		return err
	})
	if n := count(t, d, `SELECT COUNT(*) FROM timers WHERE workitem_id = $1 AND fired_at > 0`, w.ID); n != 3 {
		t.Errorf("%d timers fired", n) // deputy, panel, claim soon
	}
}

// Of a STAT who reads or is on call hears at once, and nobody who is off duty; when
// nobody is on duty all do. Of one that is offered to a reader that reader alone does.
func TestOffered(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	ids := worklisttest.Panel(t, d, "npo", "reading", "oncall", "away", "off")
	night := worklisttest.Panel(t, d, "night", "away", "off")
	never := []string{strings.ToLower(calendar.DayOf(db.Now()).Add(3).Weekday().String()[:3]) + " 00:00-00:01"} // not while the test runs
	worklisttest.Exec(t, d, `UPDATE users SET email = login`)
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		var errs []error
		for i, p := range []worklist.ReaderProfile{{}, {Hours: never, OnCall: []string{"daily 00:00-24:00"}}, {}, {Hours: never}} {
			errs = append(errs, worklist.SetReaderProfile(ctx, tx, ids[i], p))
		}
		_, err := worklist.AddShift(ctx, tx, worklist.Shift{UserID: ids[2], Kind: worklist.Absent, From: db.Now().Add(-time.Hour), To: db.Now().Add(time.Hour)}, "test")
		return errors.Join(append(errs, err)...)
	})
	stat := worklist.New{Priority: worklist.STAT, ClaimDue: db.Now().Add(time.Hour), Deadline: db.Now().Add(2 * time.Hour)}
	for _, x := range []struct {
		panel string
		offer worklist.OfferTo
		want  string
	}{
		{"npo", worklist.OfferTo{}, "oncall reading"},
		{"night", worklist.OfferTo{}, "away off"},
		{"npo", worklist.OfferTo{Mode: worklist.Direct, Main: ids[1]}, "oncall"},
		{"night", worklist.OfferTo{Mode: worklist.Direct, Main: night[1]}, "off"},
	} {
		n := stat
		n.PanelID, n.Offer = x.panel, x.offer
		w := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"}, n)
		for range 2 { // looked at twice, told once
			look(t, clock.New(d, clock.Options{Email: true}))
		}
		rows, err := d.Read(t.Context()).QueryContext(t.Context(), `SELECT recipient FROM notices WHERE workitem_id = $1 AND kind = $2 ORDER BY recipient`, w.ID, clock.Offered)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for rows.Next() {
			var r string
			if err := rows.Scan(&r); err != nil {
				t.Fatal(err)
			}
			told = append(told, r)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(told, " "); got != x.want {
			t.Errorf("panel %s, offer %+v: told %q, want %q", x.panel, x.offer, got, x.want)
		}
	}
}

// A plan is in order and within the limits, whatever they are.
func TestPlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		made := time.Unix(1_800_000_000, 0)
		w := worklist.Workitem{CreatedAt: made, Deadline: made.Add(time.Duration(rapid.Int64Range(1, 1e6).Draw(t, "final")) * time.Second)}
		if rapid.Bool().Draw(t, "claim") {
			w.ClaimDue = made.Add(time.Duration(rapid.Int64Range(1, 1e5).Draw(t, "limit")) * time.Second)
		}
		w.Offer.Main = rapid.SampledFrom([]string{"", "a"}).Draw(t, "main")
		if w.Offer.Main != "" {
			w.Offer.Deputy = rapid.SampledFrom([]string{"", "b"}).Draw(t, "deputy")
			w.Offer.Until = made.Add(w.Alone(made))
		}
		seen := map[clock.Kind]time.Time{}
		for _, x := range clock.Plan(w) {
			if _, twice := seen[x.Kind]; twice || x.Due.Before(made) {
				t.Fatalf("%+v", x)
			}
			seen[x.Kind] = x.Due
		}
		if !seen[clock.FinalLate].Equal(w.Deadline) || seen[clock.FinalSoon].After(w.Deadline) {
			t.Fatal("the deadline is not watched")
		}
		if late, ok := seen[clock.ClaimLate]; ok != !w.ClaimDue.IsZero() || ok && !late.Equal(w.ClaimDue) {
			t.Fatal("the limit to claim is not watched")
		}
		if panel, ok := seen[clock.OfferPanel]; ok && !w.ClaimDue.IsZero() && panel.After(w.ClaimDue) {
			t.Fatal("one reader alone holds a study past the limit to claim")
		}
	})
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	status := http.StatusOK
	var got string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = string(b)
		w.WriteHeader(status)
	}))
	defer s.Close()
	n := clock.Notice{ID: "1", Kind: clock.ClaimLate, Facility: "海部病院", Priority: "STAT"}
	if err := clock.Webhook(s.URL)(t.Context(), n); err != nil || !strings.Contains(got, `"kind":"claim.late"`) {
		t.Errorf("%v %s", err, got)
	}
	status = http.StatusBadGateway
	if err := clock.Webhook(s.URL)(t.Context(), n); err == nil {
		t.Error("a refusal was taken for success")
	}
	for _, url := range []string{"http://169.254.169.254/latest", "http://[fe80::1]/", "http://[fd00:ec2::254]/"} {
		if err := clock.Webhook(url)(t.Context(), n); !errors.Is(err, outbound.ErrForbidden) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// A relay of a few lines hears a whole conversation.
func TestSMTP(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	heard := make(chan string, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		r := bufio.NewReader(conn)
		fmt.Fprint(conn, "220 relay\r\n")
		var all strings.Builder
		for data := false; ; {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			all.WriteString(line)
			switch {
			case data && line == ".\r\n":
				data = false
				fmt.Fprint(conn, "250 taken\r\n")
			case data:
			case strings.HasPrefix(line, "DATA"):
				data = true
				fmt.Fprint(conn, "354 go on\r\n")
			case strings.HasPrefix(line, "QUIT"):
				fmt.Fprint(conn, "221 bye\r\n")
				heard <- all.String()
				return
			default:
				fmt.Fprint(conn, "250 ok\r\n")
			}
		}
	}()
	n := clock.Notice{ID: "1", Kind: clock.ClaimLate, Facility: "海部病院", Priority: "STAT", Recipient: "coord@example.jp", Link: "https://dokuei.example.jp/"}
	if err := clock.SMTP(l.Addr().String(), "dokuei@example.jp", "", "")(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	text := <-heard
	if !strings.Contains(text, "RCPT TO:<coord@example.jp>") || !strings.Contains(text, "Subject: =?UTF-8?b?") {
		t.Errorf("%s", text)
	}
	_, body, _ := strings.Cut(text, "\r\n\r\n")
	body, _, _ = strings.Cut(body, "\r\n.\r\n")
	raw, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(body, "\r\n", ""))
	if err != nil || !strings.Contains(string(raw), "海部病院") || !strings.Contains(string(raw), "was not taken in time") {
		t.Errorf("%s %v", raw, err)
	}
}
