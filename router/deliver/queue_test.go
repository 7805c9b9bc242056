package deliver_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// carrier stands in for the network: it notes what it was given and when, and
// answers as the test says.
type carrier struct {
	mu     sync.Mutex
	seen   []string // "destination:instance"
	at     []time.Time
	answer func(to worklist.Destination, i catalog.Instance, nth int) error
}

func (c *carrier) Carry(ctx context.Context, to worklist.Destination, load deliver.Load) {
	deliver.OneByOne(func(ctx context.Context, to worklist.Destination, cargo deliver.Cargo) (string, error) {
		return "", c.one(ctx, to, cargo.Instance)
	}).Carry(ctx, to, load)
}

func (c *carrier) one(ctx context.Context, to worklist.Destination, i catalog.Instance) error {
	c.mu.Lock()
	c.seen, c.at = append(c.seen, to.Name+":"+i.SOPInstanceUID), append(c.at, time.Now())
	n := len(c.seen)
	c.mu.Unlock()
	err := c.answer(to, i, n)
	if errors.Is(err, errHang) {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return err
}

func (c *carrier) list() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.seen)
}

var errHang = errors.New("hang")

type house struct {
	*db.DB
	t testing.TB
}

func newHouse(t testing.TB, destinations ...string) house {
	d := worklisttest.Open(t)
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	for _, name := range destinations {
		worklisttest.Destination(t, d, "kaifu", name, "PACS", "127.0.0.1", 104, "sr,pdf")
	}
	return house{d, t}
}

// sign enqueues an SR and a PDF of a study, as a signature does.
func (h house) sign(studyUID, version string) (studyID string) {
	h.t.Helper()
	worklisttest.Arrive(h.t, h.DB, worklisttest.Study{Facility: "kaifu", StudyUID: studyUID})
	var objects []deliver.Object
	for _, kind := range []string{deliver.SR, deliver.PDF} {
		a := worklisttest.Arrive(h.t, h.DB, worklisttest.Study{
			Facility: "kaifu", StudyUID: studyUID, Origin: catalog.Dokuei, Modality: "SR", SOPUID: studyUID + "." + version + map[string]string{"sr": "1", "pdf": "2"}[kind],
		})
		objects, studyID = append(objects, deliver.Object{InstanceID: a.InstanceID, Kind: kind}), a.StudyID
	}
	worklisttest.Write(h.t, h.DB, func(ctx context.Context, tx db.Tx) error {
		_, err := deliver.Enqueue(ctx, tx, deliver.Parcel{FacilityID: "kaifu", StudyID: studyID, ReportID: "r" + version, Objects: objects})
		return err
	})
	return studyID
}

func (h house) of(studyID string) []deliver.Delivery {
	h.t.Helper()
	list, err := deliver.OfStudy(context.Background(), h.Read(context.Background()), identity.Everything(), studyID)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// run starts a courier; stop ends it as a graceful stop does.
func (h house) run(c deliver.Carrier, o deliver.Options) (courier *deliver.Courier, stop func()) {
	if o.Random == nil {
		o.Random = func() float64 { return 0.5 } // no jitter: waits are exact
	}
	courier = deliver.New(h.DB, c, o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- courier.Run(ctx) }()
	return courier, func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Errorf("Run: %v", err)
		}
	}
}

// states writes deliveries as "PACS sr delivered".
func states(list []deliver.Delivery) string {
	var s []string
	for _, d := range list {
		s = append(s, fmt.Sprint(d.DestinationName, " ", d.Object, " ", d.State))
	}
	slices.Sort(s)
	return strings.Join(s, ", ")
}

// unreachable is what a dead host gives.
var unreachable = &netError{}

type netError struct{}

func (*netError) Error() string { return "i/o timeout" }
func (*netError) Timeout() bool { return true }

func TestBackOffAndRecovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "PACS")
		var up atomic.Bool
		c := &carrier{answer: func(worklist.Destination, catalog.Instance, int) error {
			if up.Load() {
				return nil
			}
			return unreachable
		}}
		courier, stop := h.run(c, deliver.Options{Shortest: 5 * time.Second, Longest: time.Minute, FailedAfter: 4})
		id := h.sign(uid.New(), "1")
		courier.Wake()
		begin := time.Now()
		time.Sleep(4 * time.Minute) // virtual time
		synctest.Wait()
		// 0 s, then after 5, 10, 20, 40, 60, 60 s: one object only, the other waits behind it.
		var waits []time.Duration
		for i, at := range c.at {
			if i == 0 && at.Sub(begin) > time.Second {
				t.Errorf("the first attempt came after %v", at.Sub(begin))
			}
			if i > 0 {
				waits = append(waits, at.Sub(c.at[i-1]).Round(time.Second))
			}
			if c.seen[i] != c.seen[0] {
				t.Errorf("attempt %d was of %s", i, c.seen[i])
			}
		}
		want := []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second, time.Minute, time.Minute}
		if !slices.Equal(waits, want) {
			t.Errorf("waits %v, want %v", waits, want)
		}
		for _, d := range h.of(id) {
			if !strings.Contains(d.LastError, "does not answer") {
				t.Errorf("%s: reason %q", d.Object, d.LastError)
			}
		}
		if got := states(h.of(id)); got != "PACS pdf pending, PACS sr failed" {
			t.Errorf("after many attempts: %s", got)
		}
		up.Store(true)
		time.Sleep(time.Minute) // virtual time
		synctest.Wait()
		if got := states(h.of(id)); got != "PACS pdf delivered, PACS sr delivered" {
			t.Errorf("after the receiver came back: %s", got)
		}
		for _, d := range h.of(id) {
			if d.LastError != "" || d.DeliveredAt.IsZero() {
				t.Errorf("delivered, but %+v", d)
			}
		}
		kinds := worklisttest.Kinds(t, h.DB, id)
		for kind, n := range map[string]int{deliver.EventQueued: 2, deliver.EventDelivered: 2, deliver.EventDelayed: 3, deliver.EventFailed: 4} {
			if got := len(slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return k != kind })); got != n {
				t.Errorf("%d events %s, want %d", got, kind, n)
			}
		}
		stop()
		_ = h.Close()
	})
}

func TestRetryNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "PACS")
		var up atomic.Bool
		c := &carrier{answer: func(worklist.Destination, catalog.Instance, int) error {
			if up.Load() {
				return nil
			}
			return unreachable
		}}
		courier, stop := h.run(c, deliver.Options{Shortest: time.Hour, Longest: 24 * time.Hour})
		id := h.sign(uid.New(), "1")
		courier.Wake()
		time.Sleep(time.Minute) // virtual time
		up.Store(true)
		pdf := h.of(id)[1]
		retry := func(scope identity.Scope) error {
			err := h.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := deliver.Retry(ctx, tx, scope, pdf.ID, "coord")
				return err
			})
			courier.Wake()
			time.Sleep(time.Second) // virtual time
			synctest.Wait()
			return err
		}
		if err := retry(identity.Scope{FacilityID: "minami"}); !errors.Is(err, deliver.ErrNotFound) {
			t.Errorf("another hospital's retry: %v", err)
		}
		if err := retry(identity.Scope{FacilityID: "kaifu"}); err != nil {
			t.Error(err)
		}
		if got := states(h.of(id)); got != "PACS pdf delivered, PACS sr delivered" {
			t.Errorf("after retry: %s", got)
		}
		if err := retry(identity.Everything()); !errors.Is(err, deliver.ErrDelivered) {
			t.Errorf("retry of the delivered: %v", err)
		}
		stop()
		_ = h.Close()
	})
}

// TestDeadDestinationBlocksNobody: one destination hangs until the time of an
// attempt is over; the others get everything at once.
func TestDeadDestinationBlocksNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "dead", "one", "two")
		c := &carrier{answer: func(to worklist.Destination, _ catalog.Instance, _ int) error {
			if to.Name == "dead" {
				return errHang
			}
			return nil
		}}
		courier, stop := h.run(c, deliver.Options{Timeout: time.Hour})
		var ids []string
		for range 20 {
			ids = append(ids, h.sign(uid.New(), "1"))
		}
		courier.Wake()
		time.Sleep(time.Second) // virtual time
		synctest.Wait()
		for _, id := range ids {
			for _, d := range h.of(id) {
				if d.DestinationName != "dead" && d.State != deliver.Delivered {
					t.Fatalf("%s %s is %s", d.DestinationName, d.Object, d.State)
				}
			}
		}
		counts, err := deliver.CountsByDestination(t.Context(), h.Read(t.Context()))
		if err != nil || len(counts) != 3 {
			t.Errorf("%v, %v", counts, err)
		}
		stop() // the hanging attempt is broken off and written down
		for _, d := range h.of(ids[0]) {
			if d.State == deliver.Sending {
				t.Errorf("%s is still %s after the stop", d.DestinationName, d.State)
			}
		}
		_ = h.Close()
	})
}

// TestOrderOfAStudy: what was signed first arrives first, though the receiver
// fails now and then; other studies do not wait for it.
func TestOrderOfAStudy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "PACS")
		c := &carrier{answer: func(_ worklist.Destination, _ catalog.Instance, nth int) error {
			if nth%3 == 0 {
				return deliver.StatusError(0xA700)
			}
			return nil
		}}
		courier, stop := h.run(c, deliver.Options{Shortest: time.Second})
		study := uid.New()
		var id string
		for _, v := range []string{"1", "2", "3", "4"} {
			id = h.sign(study, v)
		}
		other := h.sign(uid.New(), "1")
		courier.Wake()
		time.Sleep(time.Hour) // virtual time
		synctest.Wait()
		list := h.of(id)
		if len(list) != 8 {
			t.Fatalf("%d deliveries", len(list))
		}
		for i, d := range list {
			if d.State != deliver.Delivered {
				t.Errorf("%d is %s", i, d.State)
			}
			if i > 0 && d.DeliveredAt.Before(list[i-1].DeliveredAt) {
				t.Errorf("%s of %s arrived before what goes before it", d.Object, d.ReportID)
			}
		}
		if got := states(h.of(other)); got != "PACS pdf delivered, PACS sr delivered" {
			t.Error(got)
		}
		stop()
		_ = h.Close()
	})
}

// TestRefusedForGood: a receiver that takes no SR still gets every PDF, and the
// SRs stay visible as failed and are tried on.
func TestRefusedForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "PACS")
		c := &carrier{answer: func(_ worklist.Destination, i catalog.Instance, _ int) error {
			if strings.HasSuffix(i.SOPInstanceUID, "1") {
				return deliver.StatusError(0x0122)
			}
			return nil
		}}
		courier, stop := h.run(c, deliver.Options{Longest: time.Hour})
		study := uid.New()
		h.sign(study, "1")
		id := h.sign(study, "2")
		courier.Wake()
		time.Sleep(time.Minute) // virtual time
		synctest.Wait()
		if got := states(h.of(id)); got != "PACS pdf delivered, PACS pdf delivered, PACS sr failed, PACS sr failed" {
			t.Error(got)
		}
		sr := h.of(id)[0]
		if !sr.Refused || sr.LastStatus != 0x0122 || !strings.Contains(sr.LastError, "0122") {
			t.Errorf("%+v", sr)
		}
		if c, err := deliver.CountsOf(t.Context(), h.Read(t.Context()), identity.Everything(), id); err != nil || c[id] != (deliver.Counts{Delivered: 2, Failed: 2}) {
			t.Errorf("counts %+v, %v", c, err)
		}
		n := len(c.list())
		time.Sleep(3 * time.Hour) // virtual time
		synctest.Wait()
		if len(c.list()) < n+2 {
			t.Error("a refused object is not tried any more")
		}
		stop()
		_ = h.Close()
	})
}

// TestDiedWhileSending: what a dead process was sending is sent again at the
// next start, with what the rows say of earlier attempts.
func TestDiedWhileSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "PACS")
		id := h.sign(uid.New(), "1")
		worklisttest.Exec(t, h.DB, `UPDATE deliveries SET state = 'sending', attempts = 3 WHERE object = 'sr'`)
		c := &carrier{answer: func(worklist.Destination, catalog.Instance, int) error { return nil }}
		_, stop := h.run(c, deliver.Options{})
		time.Sleep(time.Second) // virtual time
		synctest.Wait()
		list := h.of(id)
		if got := states(list); got != "PACS pdf delivered, PACS sr delivered" || list[0].Attempts != 4 {
			t.Errorf("%s, %d attempts", got, list[0].Attempts)
		}
		stop()
		_ = h.Close()
	})
}

func TestEnqueue(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "PACS")
	worklisttest.Destination(t, h.DB, "kaifu", "PDF only", "PACS", "127.0.0.1", 104, "pdf")
	off := worklisttest.Destination(t, h.DB, "kaifu", "off", "PACS", "127.0.0.1", 104, "sr,pdf")
	worklisttest.Exec(t, h.DB, `UPDATE destinations SET active = 0 WHERE id = $1`, off)
	id := h.sign(uid.New(), "1")
	list := h.of(id)
	if got := states(list); got != "PACS pdf pending, PACS sr pending, PDF only pdf pending" {
		t.Error(got)
	}
	worklisttest.Write(t, h.DB, func(ctx context.Context, tx db.Tx) error { // the same again
		made, err := deliver.Enqueue(ctx, tx, deliver.Parcel{FacilityID: "kaifu", StudyID: id, Objects: []deliver.Object{{InstanceID: list[0].InstanceID, Kind: deliver.SR}}})
		if len(made) != 0 {
			t.Errorf("enqueued twice: %+v", made)
		}
		return err
	})
	for scope, n := range map[string]int{"kaifu": 3, "minami": 0} {
		got, err := deliver.OfReport(t.Context(), h.Read(t.Context()), identity.Scope{FacilityID: scope}, "r1")
		if err != nil || len(got) != n {
			t.Errorf("%s sees %d, %v", scope, len(got), err)
		}
	}
}

// retry asks for everything of a study to be tried now.
func retry(t testing.TB, h house, courier *deliver.Courier, studyID string) {
	t.Helper()
	worklisttest.Write(t, h.DB, func(ctx context.Context, tx db.Tx) error {
		_, err := deliver.Retry(ctx, tx, identity.Everything(), h.of(studyID)[0].ID, "coord")
		return err
	})
	courier.Wake()
}
