package ingest_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object/fsobject"
)

// volume mounts a file system of the given size for the length of the test.
func volume(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a small volume cannot be mounted here (%v): a full disk is only tested with injected errors", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// TestFullDisk fills the volume that holds objects and rows. The sender is told Out
// of Resources, what was acknowledged stays, and work goes on when there is room.
// Without a reserve it is the database that runs into the wall.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reserve int64
		pixels  int
	}{
		"reserve":                  {0, 256 << 10},
		"no reserve":               {-1, 256 << 10},
		"no reserve, small images": {-1, 16 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &site{TB: t, dir: volume(t, "14m"), now: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)}
			ballast := filepath.Join(s.dir, "ballast")
			s.must(os.WriteFile(ballast, make([]byte, 3<<20), 0o600))
			fs, err := fsobject.Open(filepath.Join(s.dir, "objects"), fsobject.Options{Reserve: c.reserve})
			s.must(err)
			t.Cleanup(func() { fs.Close() })
			s.objects, s.db = fs, dbtest.Open(t, filepath.Join(s.dir, "dokuei.db"))
			s.use(fs)
			big := func(d *dataset.Dataset) { d.SetBytes(tag.PixelData, "OW", make([]byte, c.pixels)) }
			n := 0
			for err == nil {
				n++
				_, err = s.store(kaifu, ct(n, big))
			}
			if ingest.Status(err) != ingest.StatusOutOfResources || !errors.Is(err, ingest.ErrNoSpace) {
				t.Errorf("the full disk: %v", err)
			}
			acknowledged := n - 1
			if got := s.count("instances"); got != acknowledged {
				t.Errorf("%d rows, %d acknowledged", got, acknowledged)
			}
			s.must(os.Remove(ballast))
			s.mustStore(kaifu, ct(n, big)) // the sender's next try
			list, err := catalog.InstancesAfter(t.Context(), s.db.Read(t.Context()), identity.Everything(), "", n+1)
			s.must(err)
			for _, i := range list {
				if o, err := s.objects.Stat(t.Context(), i.ObjectKey); err != nil || o.Size != i.Size {
					t.Errorf("acknowledged and gone: %v", err)
				}
			}
			if len(list) != n {
				t.Errorf("%d instances, want %d", len(list), n)
			}
			var check string
			s.must(s.db.Read(t.Context()).QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&check))
			if check != "ok" {
				t.Error(check)
			}
			s.verifyAudit()
			t.Logf("%d acknowledged before the disk was full", acknowledged)
		})
	}
}
