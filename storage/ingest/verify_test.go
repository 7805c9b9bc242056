package ingest_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/objecttest"
)

func TestVerifyFindsEveryDamage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for n := range 5 {
		s.mustStore(kaifu, ct(n))
	}
	verify := func() (list []ingest.Damage) {
		told := 0
		v, err := s.in.Verify(t.Context(), ingest.VerifyOptions{Progress: func(ingest.Verified) { told++ }},
			func(d ingest.Damage) error { list = append(list, d); return nil })
		s.must(err)
		if v.Objects != 5 || told != 5 || v.Damaged != len(list) || v.Bytes == 0 {
			t.Errorf("%+v, told %d times", v, told)
		}
		return list
	}
	if list := verify(); len(list) != 0 {
		t.Fatalf("whole and reported: %+v", list)
	}
	file := func(k int) string {
		return filepath.Join(s.dir, "objects", "objects", filepath.FromSlash(s.stored[k].ObjectKey))
	}
	b, err := os.ReadFile(file(1))
	s.must(err)
	b[len(b)-1] ^= 1
	s.must(os.WriteFile(file(1), b, 0o600))
	s.must(os.Truncate(file(2), 100))
	s.must(os.Remove(file(3)))
	list := verify()
	if len(list) != 3 || list[0].InstanceID != s.stored[1].InstanceID || list[0].Missing || list[1].Missing || !list[2].Missing {
		t.Errorf("%+v", list)
	}
}

// An object that a bucket does not give, as often as it is asked, is found and stops neither a
// verify nor a rebuild for ever; a bucket that is away does.
func TestOneThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for n := range 3 {
		s.mustStore(kaifu, ct(n))
	}
	orphan := s.orphan(3, s.clock())
	inside := &object.UnavailableError{Err: errors.New("InternalError")}
	bad, away := s.stored[1].ObjectKey, false
	s.use(&objecttest.Hooked{Store: s.objects, Before: func(_ context.Context, c objecttest.Call) error {
		if c.Key == bad && (c.Method == "open" || away && c.Method == "stat") {
			return inside
		}
		return nil
	}})
	var found []string
	verify := func() (ingest.Verified, error) {
		found = nil
		return s.in.Verify(t.Context(), ingest.VerifyOptions{}, func(d ingest.Damage) error {
			found = append(found, d.ObjectKey)
			return nil
		})
	}
	if v, err := verify(); err != nil || v.Objects != 3 || v.Damaged != 1 || len(found) != 1 || found[0] != bad {
		t.Errorf("%+v, %v, %v", v, found, err)
	}
	away = true
	if v, err := verify(); !errors.Is(err, inside) || v.Damaged != 0 {
		t.Errorf("away: %+v, %v", v, err)
	}
	bad, away = orphan, false
	if r, err := s.in.Rebuild(t.Context(), ingest.RebuildOptions{}); err != nil || r.Objects != 4 || r.Left != 1 || r.Known != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	away = true
	if _, err := s.in.Rebuild(t.Context(), ingest.RebuildOptions{}); !errors.Is(err, inside) {
		t.Errorf("away: %v", err)
	}
}
