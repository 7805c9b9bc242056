package fsobject_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/object/objecttest"
)

func open(tb testing.TB, opt fsobject.Options) (*fsobject.Store, string) {
	tb.Helper()
	root := filepath.Join(tb.TempDir(), "store")
	s, err := fsobject.Open(root, opt)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s, root
}

func TestContract(t *testing.T) {
	t.Parallel()
	objecttest.Run(t, func(t *testing.T) object.Store { s, _ := open(t, fsobject.Options{}); return s })
}

func BenchmarkStore(b *testing.B) {
	objecttest.Benchmark(b, func(b *testing.B) object.Store { s, _ := open(b, fsobject.Options{}); return s })
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestSpoolIsSweptByTheNextProcessOnly(t *testing.T) {
	t.Parallel()
	s, root := open(t, fsobject.Options{})
	p, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
		t.Fatal(err)
	}
	second, err := fsobject.Open(root, fsobject.Options{}) // beside a living one
	if err != nil {
		t.Fatal(err)
	}
	if n := len(files(t, filepath.Join(root, "spool"))); n != 1 {
		t.Fatalf("%d spool files beside a living process, want 1", n)
	}
	second.Close()
	s.Close() // as the kernel does at the end of a process
	third, err := fsobject.Open(root, fsobject.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	if n := files(t, filepath.Join(root, "spool")); len(n) != 0 {
		t.Fatalf("left in the spool: %v", n)
	}
}

func TestFoldersThatWentAwayAreMadeAgain(t *testing.T) {
	t.Parallel()
	s, root := open(t, fsobject.Options{})
	for range 2 {
		if err := objecttest.Put(t.Context(), s, "a/b/c", []byte("x")); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(filepath.Join(root, "objects", "a")); err != nil {
			t.Fatal(err)
		}
	}
}
