package fsobject_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/object/objecttest"
)

// A place that the medium cannot read is damage, which the scrub finds and mends, and no
// error to stop at.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	s, root := open(t, fsobject.Options{})
	// The first page of a process is never mapped: the kernel answers EIO.
	if err := os.Symlink("/proc/self/mem", filepath.Join(root, "objects", "bad")); err != nil {
		t.Fatal(err)
	}
	o, err := s.Open(t.Context(), "bad")
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if _, err := o.ReadAt(make([]byte, 8), 0); !errors.Is(err, object.ErrDamaged) || !errors.Is(err, unix.EIO) {
		t.Errorf("read: %v", err)
	}
}

// A copy at a second site may be mounted read-only: it is read, and takes nothing.
func TestReadOnlyVolume(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("a volume cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	root := filepath.Join(dir, "store")
	s, err := fsobject.Open(root, fsobject.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(objecttest.Put(t.Context(), s, "a/b", []byte("x")), s.Close(), unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, "")); err != nil {
		t.Fatal(err)
	}
	s, err = fsobject.Open(root, fsobject.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if b, err := objecttest.Get(t.Context(), s, "a/b"); err != nil || string(b) != "x" {
		t.Errorf("%q, %v", b, err)
	}
	if err := objecttest.Put(t.Context(), s, "a/c", []byte("y")); !errors.Is(err, unix.EROFS) {
		t.Errorf("written: %v", err)
	}
	if err := s.Delete(t.Context(), "a/b"); !errors.Is(err, unix.EROFS) {
		t.Errorf("deleted: %v", err)
	}
}
