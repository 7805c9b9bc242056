package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object"
)

// crashing is a store whose process dies right after the commit of an object: the
// transaction is never reached.
type crashing struct {
	object.Store
	after func()
	err   error
}

func (c crashing) Create(ctx context.Context) (object.Pending, error) {
	p, err := c.Store.Create(ctx)
	return crashingPending{p, c}, err
}

type crashingPending struct {
	object.Pending
	c crashing
}

func (p crashingPending) Commit(ctx context.Context, key string) error {
	if p.c.after == nil {
		return p.c.err
	}
	err := p.Pending.Commit(ctx, key)
	p.c.after()
	return errors.Join(err, p.c.err)
}

var errCrash = errors.New("crash")

func TestCrashBetweenObjectAndRowsLeavesAnOrphan(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.at(time.Now()) // objects carry the time of the disk
	kept := s.mustStore(kaifu, ct(1))
	s.use(crashing{s.objects, func() {}, errCrash})
	if _, err := s.store(kaifu, ct(2)); !errors.Is(err, errCrash) || ingest.Status(err) != 0xA700 {
		t.Fatal(err)
	}
	if s.count("instances") != 1 || len(s.keys()) != 2 {
		t.Fatalf("%d instances, %d objects", s.count("instances"), len(s.keys()))
	}
	s.use(s.objects)
	n, _, err := s.in.Sweep(t.Context(), time.Hour)
	s.must(err)
	if n != 0 {
		t.Error("swept an object younger than the limit")
	}
	s.pass(2 * time.Hour)
	n, bytes, err := s.in.Sweep(t.Context(), time.Hour)
	s.must(err)
	if n != 1 || bytes == 0 || len(s.keys()) != 1 {
		t.Errorf("swept %d (%d bytes), left %v", n, bytes, s.keys())
	}
	if again := s.mustStore(kaifu, ct(1)); !again.Duplicate || again.InstanceID != kept.InstanceID {
		t.Error("the sweep harmed what has a row")
	}
	if again := s.mustStore(kaifu, ct(2)); again.Duplicate {
		t.Error("the sender's second try is new")
	}
}

func TestFailingCommitLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.use(crashing{Store: s.objects, err: fmt.Errorf("disk: %w", object.ErrNoSpace)})
	_, err := s.store(kaifu, ct(1))
	if !errors.Is(err, ingest.ErrNoSpace) || ingest.Status(err) != 0xA700 || ingest.Reason(err) != "no-space" {
		t.Error(err)
	}
	s.empty()
}

func TestClosedDatabaseKeepsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.must(s.db.Close())
	if _, err := s.store(kaifu, ct(1)); ingest.Status(err) != 0xA700 {
		t.Error(err)
	}
}

// The rows are there for the next process; the study is released by it.
func TestStateSurvives(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.mustStore(kaifu, ct(1))
	second, err := db.Open(t.Context(), s.database, nil) // beside the first, as after a crash
	s.must(err)
	defer second.Close()
	s.pass(time.Minute)
	s.db = second
	s.complete(r.StudyID)
}

// A sweep at full speed never takes what senders are about to acknowledge.
func TestSweepBesideSenders(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.at(time.Now())
	s.mustStore(kaifu, ct(40))
	s.at(time.Now().Add(24 * time.Hour)) // everything is old at once
	var stop atomic.Bool
	swept := make(chan error, 1)
	go func() {
		for !stop.Load() {
			if _, _, err := s.in.Sweep(t.Context(), time.Minute); err != nil {
				swept <- err
				return
			}
		}
		swept <- nil
	}()
	for n := range 40 {
		m, b := encode(t, ct(n), uid.ExplicitVRLittleEndian)
		if _, err := s.in.Store(t.Context(), kaifu, m, bytes.NewReader(b)); err != nil {
			t.Error(err)
		}
	}
	stop.Store(true)
	s.must(<-swept)
	if n := len(s.keys()); n != 41 || s.count("instances") != 41 {
		t.Errorf("%d objects for %d instances", n, s.count("instances"))
	}
}
