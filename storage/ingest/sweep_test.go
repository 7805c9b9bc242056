package ingest_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/ingest"
)

// orphan leaves an object without a row, as a crash does, that came at a time.
func (s *site) orphan(n int, came time.Time) (key string) {
	s.Helper()
	before := s.keys()
	s.use(crashing{s.objects, func() {}, errCrash})
	if _, err := s.store(kaifu, ct(n)); !errors.Is(err, errCrash) {
		s.Fatal(err)
	}
	s.use(s.objects)
	for _, k := range s.keys() {
		if !slices.Contains(before, k) {
			key = k
		}
	}
	s.must(os.Chtimes(filepath.Join(s.dir, "objects", "objects", filepath.FromSlash(key)), came, came))
	return key
}

// at sets the clock of the ingester.
func (s *site) at(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// A catalog that was brought back from an earlier time does not know what was acknowledged
// since. The sweep takes none of that for the leftover of a crash, however old it becomes,
// and a rebuild gives it its rows.
func TestSweepAfterTheCatalogWentBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	begin := time.Now().Add(-time.Hour)
	s.at(begin)
	kept := s.mustStore(kaifu, ct(1))
	crash := s.orphan(2, begin.Add(time.Second))
	unknown := s.orphan(3, begin.Add(20*time.Minute)) // of which the catalog was told, and has forgotten
	s.at(begin.Add(40 * time.Minute))                 // it goes on from the earlier state
	s.mustStore(kaifu, ct(4))
	for range 2 {
		s.pass(100 * time.Hour)
		n, _, err := s.in.Sweep(t.Context(), 48*time.Hour)
		s.must(err)
		if left := s.keys(); slices.Contains(left, crash) || !slices.Contains(left, unknown) || len(left) != 3 {
			t.Errorf("%d swept, left %v", n, left)
		}
	}
	done, err := s.in.Rebuild(t.Context(), ingest.RebuildOptions{})
	s.must(err)
	if done.Instances != 1 || done.Known != 2 || s.count("instances") != 3 {
		t.Errorf("%+v", done)
	}
	if again := s.mustStore(kaifu, ct(1)); !again.Duplicate || again.InstanceID != kept.InstanceID {
		t.Error("the sweep harmed what has a row")
	}
}

// Where several nodes store into one place, a node whose clock runs ahead sweeps nothing that
// another one is about to name: the database has a clock, too.
func TestSweepWithAClockThatRunsAhead(t *testing.T) {
	t.Parallel()
	s := siteOn(t, dbtest.Open(t, dbtest.Postgres(t)))
	s.at(time.Now())
	s.mustStore(kaifu, ct(1))
	key := s.orphan(2, time.Now())
	s.at(time.Now().AddDate(10, 0, 0))
	n, _, err := s.in.Sweep(t.Context(), 48*time.Hour)
	s.must(err)
	gone, err := s.in.Drop(t.Context(), key, 48*time.Hour)
	s.must(err)
	if n != 0 || gone || len(s.keys()) != 2 {
		t.Errorf("%d swept, dropped %t, left %v", n, gone, s.keys())
	}
	s.at(time.Now())
	s.must(os.Chtimes(filepath.Join(s.dir, "objects", "objects", filepath.FromSlash(key)), time.Now(), time.Now().Add(-49*time.Hour)))
	if gone, err = s.in.Drop(t.Context(), key, 48*time.Hour); err != nil || !gone {
		t.Errorf("after its time: %t, %v", gone, err)
	}
}
