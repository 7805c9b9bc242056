package completeness_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/completeness"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

func study(t testing.TB, d *db.DB, id string) catalog.Study {
	t.Helper()
	s, err := catalog.StudyByID(context.Background(), d.Read(context.Background()), identity.Everything(), id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t testing.TB, d *db.DB, studyID string) *worklist.Workitem {
	t.Helper()
	w, err := worklist.OpenOfStudy(context.Background(), d.Read(context.Background()), studyID)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// start runs a ledger until the test's bubble stops it.
func start(t testing.TB, l *completeness.Ledger) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

// TestReleaseAfterQuiet: on virtual time a study is released when it has been
// quiet, not before, and late images take the item to INCOMPLETE and back.
func TestReleaseAfterQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := worklisttest.Open(t)
		worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
		var released []assign.Result
		l := completeness.New(d, completeness.Options{OnReleased: func(r assign.Result) { released = append(released, r) }})
		stop := start(t, l)
		s := worklisttest.Study{Facility: "kaifu", StudyUID: uid.New(), Quiet: 30 * time.Second}
		var id string
		arrive := func() {
			id = worklisttest.Arrive(t, d, s).StudyID
			l.Wake()
		}
		for range 5 { // an instance every 20 s: never quiet for 30
			arrive()
			time.Sleep(20 * time.Second) // virtual time
		}
		synctest.Wait()
		if got := study(t, d, id).State; got != catalog.Receiving {
			t.Fatalf("released while images were coming: %s", got)
		}
		time.Sleep(9 * time.Second) // virtual time
		synctest.Wait()
		if got := study(t, d, id).State; got != catalog.Receiving {
			t.Fatalf("released a second early: %s", got)
		}
		time.Sleep(2 * time.Second) // virtual time
		synctest.Wait()
		item := open(t, d, id)
		if got := study(t, d, id); got.State != catalog.Complete || item == nil || item.Readiness != worklist.Ready {
			t.Fatalf("not released: %s, item %+v", got.State, item)
		}
		if len(released) != 1 || released[0].Workitem.ID != item.ID {
			t.Errorf("told of %d releases", len(released))
		}

		arrive()
		time.Sleep(time.Second) // virtual time
		synctest.Wait()
		if item := open(t, d, id); item.Readiness != worklist.Incomplete {
			t.Errorf("late image: item is %s", item.Readiness)
		}
		time.Sleep(31 * time.Second) // virtual time
		synctest.Wait()
		if again := open(t, d, id); again.ID != item.ID || again.Readiness != worklist.Ready {
			t.Errorf("after the late image: %+v", again)
		}
		want := []string{
			"workitem.created", "study.complete", "study.reopened", "workitem.incomplete", "workitem.ready", "study.complete",
		}
		got := slices.DeleteFunc(worklisttest.Kinds(t, d, id), func(k string) bool { return k == catalog.EventInstanceStored })
		if !slices.Equal(got, want) {
			t.Errorf("events %v, want %v", got, want)
		}
		stop()
		_ = d.Close()
	})
}

// TestDeclaredCount: a study that says how many it is does not wait.
func TestDeclaredCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := worklisttest.Open(t)
		worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
		l := completeness.New(d, completeness.Options{})
		stop := start(t, l)
		s := worklisttest.Study{Facility: "kaifu", StudyUID: uid.New(), Quiet: time.Hour, Declared: 2}
		id := worklisttest.Arrive(t, d, s).StudyID
		l.Wake()
		time.Sleep(time.Minute) // virtual time
		synctest.Wait()
		if study(t, d, id).State != catalog.Receiving {
			t.Error("released with one of two")
		}
		worklisttest.Arrive(t, d, s)
		l.Wake()
		time.Sleep(time.Second) // virtual time
		synctest.Wait()
		if study(t, d, id).State != catalog.Complete {
			t.Error("not released with two of two")
		}
		stop()
		_ = d.Close()
	})
}

// TestWakeStorm: ten thousand wake-ups keep nothing back.
func TestWakeStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := worklisttest.Open(t)
		worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
		l := completeness.New(d, completeness.Options{Pause: 100 * time.Millisecond, Longest: time.Hour})
		stop := start(t, l)
		id := worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu", Quiet: time.Second}).StudyID
		for range 10_000 {
			l.Wake()
		}
		time.Sleep(1100 * time.Millisecond) // virtual time
		synctest.Wait()
		if study(t, d, id).State != catalog.Complete {
			t.Error("a storm of wake-ups kept the study back")
		}
		stop()
		_ = d.Close()
	})
}

// TestClockSetBack: studies stranded in the future are released after their
// quiet time, counted from the present.
func TestClockSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := worklisttest.Open(t)
		worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
		id := worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu", Quiet: 30 * time.Second}).StudyID
		day := (24 * time.Hour).Microseconds()
		worklisttest.Exec(t, d, `UPDATE studies SET last_arrival = last_arrival + $1, release_at = release_at + $1`, day)
		l := completeness.New(d, completeness.Options{})
		stop := start(t, l)
		time.Sleep(29 * time.Second) // virtual time
		synctest.Wait()
		if study(t, d, id).State != catalog.Receiving {
			t.Error("released at once")
		}
		time.Sleep(2 * time.Second) // virtual time
		synctest.Wait()
		if study(t, d, id).State != catalog.Complete {
			t.Error("still stranded in tomorrow")
		}
		stop()
		_ = d.Close()
	})
}

// TestAdoption: complete studies without an item get one at the start.
func TestAdoption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := worklisttest.Open(t)
		worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
		var ids []string
		for range 70 { // more than one batch
			ids = append(ids, worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu"}).StudyID)
		}
		worklisttest.Exec(t, d, `UPDATE studies SET state = 'complete'`)
		stop := start(t, completeness.New(d, completeness.Options{}))
		synctest.Wait()
		for _, id := range ids {
			if open(t, d, id) == nil {
				t.Fatal("a study without an item")
			}
		}
		stop()
		_ = d.Close()
	})
}

// TestTwoLedgers: two processes on one database release each study once.
func TestTwoLedgers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "dokuei.db")
	a, b := worklisttest.OpenAt(t, path), worklisttest.OpenAt(t, path)
	worklisttest.Facility(t, a, "kaifu", "KAIFU_CT")
	const n = 100
	for range n {
		worklisttest.Arrive(t, a, worklisttest.Study{Facility: "kaifu", Quiet: time.Microsecond})
	}
	told := make(chan struct{}, 2*n)
	one := func(d *db.DB) *completeness.Ledger {
		return completeness.New(d, completeness.Options{OnReleased: func(assign.Result) { told <- struct{}{} }})
	}
	stopA, stopB := start(t, one(a)), start(t, one(b))
	for range n {
		select {
		case <-told:
		case <-time.After(time.Minute):
			t.Fatal("not all were released")
		}
	}
	stopA()
	stopB()
	var items int
	if err := a.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM workitems`).Scan(&items); err != nil || items != n || len(told) != 0 {
		t.Errorf("%d items, %d releases too many, %v", items, len(told), err)
	}
}

// TestKilled: a process that dies with SIGKILL after the last instance leaves
// nothing but the file; the next one releases the study.
func TestKilled(t *testing.T) {
	const envPath = "DOKUEI_TEST_LEDGER"
	if path := os.Getenv(envPath); path != "" { // the process that will be killed
		d := worklisttest.OpenAt(t, path)
		worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
		start(t, completeness.New(d, completeness.Options{}))
		id := worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu", Quiet: 5 * time.Second}).StudyID // longer than it takes to be killed
		os.Stdout.WriteString("stored " + id + "\n")
		select {}
	}
	path := filepath.Join(t.TempDir(), "dokuei.db")
	child := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	child.Env = append(os.Environ(), envPath+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for buf := make([]byte, 256); !strings.Contains(said.String(), "\n"); {
		n, err := out.Read(buf)
		said.Write(buf[:n])
		if err != nil {
			t.Fatalf("the child ended: %q, %v", said.String(), err)
		}
	}
	if err := child.Process.Kill(); err != nil { // SIGKILL
		t.Fatal(err)
	}
	_ = child.Wait() // killed
	id, ok := strings.CutPrefix(strings.TrimSpace(said.String()), "stored ")
	if !ok {
		t.Fatalf("the child said %q", said.String())
	}

	d := worklisttest.OpenAt(t, path)
	if s := study(t, d, id); s.State != catalog.Receiving {
		t.Fatalf("before the new start: %s", s.State)
	}
	told := make(chan assign.Result, 1)
	stop := start(t, completeness.New(d, completeness.Options{OnReleased: func(r assign.Result) { told <- r }}))
	defer stop()
	select {
	case r := <-told:
		if r.Workitem.StudyID != id || study(t, d, id).State != catalog.Complete {
			t.Errorf("released %+v", r.Workitem)
		}
	case <-time.After(time.Minute):
		t.Fatal("the study was not released after the restart")
	}
}
