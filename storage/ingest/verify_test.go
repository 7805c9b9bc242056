package ingest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/storage/ingest"
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
