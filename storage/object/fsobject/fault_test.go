//go:build linux || darwin

package fsobject_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/object/objecttest"
)

// faulty fails the named call from its nth use on.
type faulty struct {
	fsobject.Files
	mu    sync.Mutex
	call  string
	after int
	err   error
	free  int64
	log   []string
}

func (f *faulty) fail(call, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, call+" "+filepath.Base(name))
	if call != f.call {
		return nil
	}
	if f.after--; f.after >= 0 {
		return nil
	}
	return f.err
}

func (f *faulty) Create(name string) (fsobject.File, error) {
	if err := f.fail("create", name); err != nil {
		return nil, err
	}
	file, err := f.Files.Create(name)
	return &faultyFile{file, f, name}, err
}

func (f *faulty) Mkdir(name string) error {
	return errors.Join(f.fail("mkdir", name), f.Files.Mkdir(name))
}

func (f *faulty) Rename(from, to string) error {
	if err := f.fail("rename", to); err != nil {
		return err
	}
	return f.Files.Rename(from, to)
}

func (f *faulty) RenameNew(from, to string) error {
	if err := f.fail("rename new", to); err != nil {
		return err
	}
	return f.Files.RenameNew(from, to)
}

func (f *faulty) SyncDir(name string) error {
	if err := f.fail("syncdir", name); err != nil {
		return err
	}
	return f.Files.SyncDir(name)
}

func (f *faulty) Space(dir string) (int64, int64, error) {
	if f.free > 0 {
		return f.free, f.free, nil
	}
	return f.Files.Space(dir)
}

type faultyFile struct {
	fsobject.File
	f    *faulty
	name string
}

func (f *faultyFile) Write(b []byte) (int, error) {
	if err := f.f.fail("write", f.name); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}

func (f *faultyFile) Sync() error {
	if err := f.f.fail("sync", f.name); err != nil {
		return err
	}
	return f.File.Sync()
}

func TestEveryFaultIsAnError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		call string
		err  error
		want error
	}{
		{"create", syscall.EIO, syscall.EIO},
		{"create", syscall.EROFS, syscall.EROFS},
		{"create", syscall.ENOSPC, object.ErrNoSpace},
		{"write", syscall.ENOSPC, object.ErrNoSpace},
		{"write", syscall.EDQUOT, object.ErrNoSpace},
		{"write", syscall.EIO, syscall.EIO},
		{"sync", syscall.EIO, syscall.EIO},
		{"sync", syscall.ENOSPC, object.ErrNoSpace},
		{"mkdir", syscall.ENOSPC, object.ErrNoSpace},
		{"rename", syscall.EIO, syscall.EIO},
		{"syncdir", syscall.EIO, syscall.EIO},
	} {
		t.Run(c.call+" "+c.err.Error(), func(t *testing.T) {
			t.Parallel()
			f := &faulty{Files: fsobject.OS()}
			s, root := open(t, fsobject.Options{Files: f})
			f.mu.Lock()
			f.call, f.err = c.call, c.err
			f.mu.Unlock()
			err := objecttest.Put(t.Context(), s, "a/b/c", bytes.Repeat([]byte("x"), 300<<10))
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if n := files(t, filepath.Join(root, "spool")); len(n) != 0 {
				t.Errorf("left in the spool: %v", n)
			}
			f.mu.Lock()
			f.call = ""
			f.mu.Unlock()
			if c.call != "syncdir" {
				if _, err := s.Stat(t.Context(), "a/b/c"); !errors.Is(err, object.ErrNotFound) {
					t.Errorf("visible after the fault: %v", err)
				}
			}
			if err := objecttest.Put(t.Context(), s, "a/b/c", []byte("y")); err != nil {
				t.Errorf("the next one: %v", err)
			}
		})
	}
}

// The order that a power cut cannot break: content before name, name before nil.
func TestOrderOfDurability(t *testing.T) {
	t.Parallel()
	f := &faulty{Files: fsobject.OS()}
	s, _ := open(t, fsobject.Options{Files: f})
	f.log = nil
	if err := objecttest.Put(t.Context(), s, "ab/cd/k", []byte("x")); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(f.log, ", ")
	spool, rest, _ := strings.Cut(strings.TrimPrefix(got, "create "), ", ")
	want := "write " + spool + ", sync " + spool +
		", mkdir ab, syncdir objects, mkdir cd, syncdir ab, rename k, syncdir cd"
	if rest != want {
		t.Errorf("got  %s\nwant %s", rest, want)
	}
	f.log = nil
	if err := objecttest.Put(t.Context(), s, "ab/cd/l", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.log, ", "); strings.Contains(got, "mkdir") || !strings.HasSuffix(got, "rename l, syncdir cd") {
		t.Errorf("in a known folder: %s", got)
	}
}

// With NameFirst the name comes before the flush, but never onto a name that is taken,
// nor where the file system cannot tell.
func TestOrderWithTheNameFirst(t *testing.T) {
	t.Parallel()
	f := &faulty{Files: fsobject.OS()}
	s, _ := open(t, fsobject.Options{Files: f, NameFirst: func(string) bool { return true }})
	put := func(key string) string {
		t.Helper()
		f.log = nil
		if err := objecttest.Put(t.Context(), s, key, []byte("x")); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(f.log, ", ")
		spool, rest, _ := strings.Cut(strings.TrimPrefix(got, "create "), ", ")
		return strings.ReplaceAll(rest, spool, "spool")
	}
	put("ab/j") // makes the folder
	if runtime.GOOS == "linux" {
		if got, want := put("ab/k"), "write spool, rename new k, sync spool, syncdir ab"; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	const late = "write spool, rename new k, sync spool, rename k, syncdir ab"
	if got := put("ab/k"); got != late {
		t.Errorf("again: got  %s\nwant %s", got, late)
	}
	f.call, f.err = "rename new", errors.ErrUnsupported
	if got, want := put("ab/l"), strings.ReplaceAll(late, " k", " l"); got != want {
		t.Errorf("unsupported: got  %s\nwant %s", got, want)
	}
	f.err = syscall.EIO
	if err := objecttest.Put(t.Context(), s, "ab/m", []byte("x")); !errors.Is(err, syscall.EIO) {
		t.Errorf("a fault of the name is hidden: %v", err)
	}
}

func TestReserve(t *testing.T) {
	t.Parallel()
	f := &faulty{Files: fsobject.OS()}
	s, _ := open(t, fsobject.Options{Files: f, Reserve: 1 << 20})
	f.free = 1<<20 - 1
	if _, err := s.Create(t.Context()); !errors.Is(err, object.ErrNoSpace) {
		t.Fatalf("create below the reserve: %v", err)
	}
	f.free = 1 << 20
	p, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Abort()
	f.free = 1
	var n int
	for chunk := make([]byte, 1<<20); err == nil && n < 100; n++ {
		_, err = p.Write(chunk)
	}
	if !errors.Is(err, object.ErrNoSpace) {
		t.Fatalf("a long write beyond the reserve: %v", err)
	}
}
