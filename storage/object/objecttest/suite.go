package objecttest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/object"
)

// Run checks the promises of object.Store. open gives an empty store each time.
func Run(t *testing.T, open func(t *testing.T) object.Store) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, s object.Store)
	}{
		{"round trip", roundTrip},
		{"not found", notFound},
		{"invisible before commit", invisible},
		{"abort", abort},
		{"finished", finished},
		{"commit again", commitAgain},
		{"replace", replace},
		{"concurrent commits of one key", concurrent},
		{"keys", keys},
		{"list", list},
		{"list is exact", listProperty},
		{"delete", remove},
		{"cancelled", cancelled},
		{"locks are said to be there", lockable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open(t))
		})
	}
}

// Put stores b under key.
func Put(ctx context.Context, s object.Store, key string, b []byte) error {
	p, err := s.Create(ctx)
	if err != nil {
		return err
	}
	if _, err := p.Write(b); err != nil {
		return errors.Join(err, p.Abort())
	}
	return errors.Join(p.Commit(ctx, key), p.Abort())
}

// Get reads the whole object.
func Get(ctx context.Context, s object.Store, key string) ([]byte, error) {
	o, err := s.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
	return b, errors.Join(err, o.Close())
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, s object.Store, key string, b []byte) {
	t.Helper()
	got, err := Get(t.Context(), s, key)
	must(t, err)
	if !bytes.Equal(got, b) {
		t.Fatalf("%s: %d bytes read, not the %d written", key, len(got), len(b))
	}
}

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

func roundTrip(t *testing.T, s object.Store) {
	ctx := t.Context()
	for n, size := range []int{0, 1, 4095, 128 << 10, 1<<20 + 3} {
		key, b := fmt.Sprintf("a/%d.dcm", n), pattern(size)
		p, err := s.Create(ctx)
		must(t, err)
		for chunk := range slices.Chunk(b, 10_000) {
			_, err := p.Write(chunk)
			must(t, err)
		}
		if p.Size() != int64(size) || p.Sum() != sha256.Sum256(b) {
			t.Fatalf("%d bytes: size %d or hash differs", size, p.Size())
		}
		if size > 10 {
			back := make([]byte, 5)
			_, err := p.ReadAt(back, int64(size-5))
			must(t, err)
			if !bytes.Equal(back, b[size-5:]) {
				t.Fatal("ReadAt of a pending differs")
			}
		}
		before := time.Now().Add(-time.Minute)
		must(t, p.Commit(ctx, key))
		must(t, p.Abort())
		want(t, s, key, b)
		info, err := s.Stat(ctx, key)
		must(t, err)
		if info.Key != key || info.Size != int64(size) || info.Modified.Before(before) {
			t.Fatalf("stat: %+v", info)
		}
	}
}

func notFound(t *testing.T, s object.Store) {
	ctx := t.Context()
	must(t, Put(ctx, s, "here", []byte("x")))
	for _, key := range []string{"nowhere", "a/b/c", "here/below"} {
		_, err1 := s.Open(ctx, key)
		_, err2 := s.Stat(ctx, key)
		err3 := s.Delete(ctx, key)
		for _, err := range []error{err1, err2, err3} {
			if !errors.Is(err, object.ErrNotFound) {
				t.Errorf("%s: %v", key, err)
			}
		}
	}
	must(t, Put(ctx, s, "folder/object", nil))
	if _, err := s.Open(ctx, "folder"); !errors.Is(err, object.ErrNotFound) {
		t.Errorf("folder: %v", err)
	}
}

func invisible(t *testing.T, s object.Store) {
	ctx := t.Context()
	p, err := s.Create(ctx)
	must(t, err)
	_, err = p.Write(pattern(300 << 10))
	must(t, err)
	if got := all(t, s, "", ""); len(got) != 0 {
		t.Fatalf("visible before Commit: %v", got)
	}
	must(t, p.Commit(ctx, "k"))
	if got := all(t, s, "", ""); !slices.Equal(got, []string{"k"}) {
		t.Fatalf("after Commit: %v", got)
	}
}

func abort(t *testing.T, s object.Store) {
	p, err := s.Create(t.Context())
	must(t, err)
	_, err = p.Write(pattern(300 << 10))
	must(t, err)
	must(t, p.Abort())
	must(t, p.Abort())
	if got := all(t, s, "", ""); len(got) != 0 {
		t.Fatalf("visible after Abort: %v", got)
	}
}

func finished(t *testing.T, s object.Store) {
	ctx := t.Context()
	for _, end := range []func(p object.Pending) error{
		func(p object.Pending) error { return p.Commit(ctx, "k") },
		func(p object.Pending) error { return p.Abort() },
	} {
		p, err := s.Create(ctx)
		must(t, err)
		must(t, end(p))
		_, err1 := p.Write([]byte("x"))
		_, err2 := p.ReadAt(make([]byte, 1), 0)
		for _, err := range []error{err1, err2, p.Commit(ctx, "l")} {
			if !errors.Is(err, object.ErrFinished) {
				t.Errorf("after the end: %v", err)
			}
		}
	}
}

func commitAgain(t *testing.T, s object.Store) {
	ctx, b := t.Context(), pattern(70_000)
	must(t, Put(ctx, s, "a/k", b))
	o, err := s.Open(ctx, "a/k")
	must(t, err)
	defer o.Close()
	must(t, Put(ctx, s, "a/k", b))
	want(t, s, "a/k", b)
	back := make([]byte, len(b))
	_, err = o.ReadAt(back, 0)
	must(t, err)
	if !bytes.Equal(back, b) {
		t.Fatal("the object open before changed")
	}
}

// replace: what is known not to be whole gives way, even where its length is right.
func replace(t *testing.T, s object.Store) {
	ctx, b := t.Context(), pattern(70_000)
	rotten := bytes.Clone(b)
	rotten[40_000] ^= 1
	must(t, Put(ctx, s, "a/k", rotten))
	p, err := s.Create(ctx)
	must(t, err)
	_, err = p.Write(b)
	must(t, err)
	p.Replace()
	must(t, errors.Join(p.Commit(ctx, "a/k"), p.Abort()))
	want(t, s, "a/k", b)
	if got := all(t, s, "", ""); !slices.Equal(got, []string{"a/k"}) {
		t.Fatal(got)
	}
}

func concurrent(t *testing.T, s object.Store) {
	ctx, b := t.Context(), pattern(50_000)
	var wg sync.WaitGroup
	errs := make(chan error, 16)
	for range cap(errs) {
		wg.Go(func() { errs <- Put(ctx, s, "x/y/z", b) })
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		must(t, err)
	}
	want(t, s, "x/y/z", b)
	if got := all(t, s, "", ""); !slices.Equal(got, []string{"x/y/z"}) {
		t.Fatal(got)
	}
}

func keys(t *testing.T, s object.Store) {
	ctx := t.Context()
	for _, key := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", ".hidden", "a/.b", "A", `a\b`, "c:", "c:/a", "a b",
		"a\x00", "é", "-rf", "con", "nul.dcm", "com1", "a.", strings.Repeat("a", 129), strings.Repeat("a/", 16) + "a",
	} {
		_, err1 := s.Open(ctx, key)
		_, err2 := s.Stat(ctx, key)
		for _, err := range []error{err1, err2, s.Delete(ctx, key), Put(ctx, s, key, []byte("x"))} {
			if !errors.Is(err, object.ErrKey) {
				t.Errorf("%q: %v", key, err)
			}
		}
	}
	if got := all(t, s, "", ""); len(got) != 0 {
		t.Fatalf("stored: %v", got)
	}
}

func remove(t *testing.T, s object.Store) {
	ctx := t.Context()
	must(t, Put(ctx, s, "d/a", []byte("a")))
	must(t, Put(ctx, s, "d/b", []byte("b")))
	o, err := s.Open(ctx, "d/a")
	must(t, err)
	must(t, s.Delete(ctx, "d/a"))
	back := make([]byte, 1)
	_, err = o.ReadAt(back, 0)
	must(t, errors.Join(err, o.Close()))
	if got := all(t, s, "", ""); !slices.Equal(got, []string{"d/b"}) {
		t.Fatal(got)
	}
	must(t, Put(ctx, s, "d/a", []byte("again")))
	want(t, s, "d/a", []byte("again"))
}

func cancelled(t *testing.T, s object.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	p, err := s.Create(ctx)
	must(t, err)
	cancel()
	if err := p.Commit(ctx, "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("commit: %v", err)
	}
	must(t, p.Abort())
	if _, err := s.Create(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("create: %v", err)
	}
	if got := all(t, s, "", ""); len(got) != 0 {
		t.Fatalf("stored: %v", got)
	}
}
