package pack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/pack"
)

const group = "0198c0de-0000-7000-8000-000000000001"

var secret = bytes.Repeat([]byte{7}, 32)

func open(t testing.TB, root string, opt pack.Options) *pack.Store {
	t.Helper()
	if opt.Reserve == 0 {
		opt.Reserve = -1
	}
	s, err := pack.Open(root, opt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func file(root string) string { return filepath.Join(root, group[:6], group+".pack") }

func value(n int) []byte {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	b := make([]byte, 50+r.IntN(3000))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func id(n int) string { return fmt.Sprintf("image-%03d", n) }

func put(t testing.TB, s *pack.Store, n int) {
	t.Helper()
	v := value(n)
	if err := s.Put(context.Background(), group, id(n), v[:20], nil, v[20:]); err != nil {
		t.Fatal(err)
	}
}

func has(t *testing.T, s *pack.Store, n int) bool {
	t.Helper()
	ok, err := s.Has(t.Context(), group, id(n))
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Get(t.Context(), group, id(n))
	switch {
	case errors.Is(err, pack.ErrNotFound):
		return false
	case err != nil:
		t.Fatal(err)
	case !ok:
		t.Fatalf("value %d is read and said not to be there", n)
	case !bytes.Equal(b, value(n)):
		t.Fatalf("value %d came back as other bytes", n)
	}
	return true
}

func each(t *testing.T, fn func(t *testing.T, opt pack.Options)) {
	for name, opt := range map[string]pack.Options{"plain": {}, "encrypted": {Secret: secret}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fn(t, opt)
		})
	}
}

func TestPutGet(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, opt pack.Options) {
		root := t.TempDir()
		s := open(t, root, opt)
		if has(t, s, 1) {
			t.Error("a value in an empty store")
		}
		for n := range 50 {
			put(t, s, n)
		}
		for _, s := range []*pack.Store{s, open(t, root, opt)} {
			for n := range 50 {
				if !has(t, s, n) {
					t.Errorf("value %d is missing", n)
				}
			}
			if has(t, s, 50) {
				t.Error("a value nobody put")
			}
			if n, err := s.Len(t.Context(), group); n != 50 || err != nil {
				t.Errorf("%d values of 50, %v", n, err)
			}
		}
		if err := s.Put(t.Context(), group, id(3), []byte("another")); err != nil {
			t.Fatal(err)
		}
		if b, err := open(t, root, opt).Get(t.Context(), group, id(3)); err != nil || string(b) != "another" {
			t.Errorf("%q, %v: want the last value put", b, err)
		}
		if err := s.Drop(group); err != nil {
			t.Fatal(err)
		}
		if has(t, s, 1) {
			t.Error("a value of a dropped group")
		}
		if err := s.Drop(group); err != nil {
			t.Errorf("dropped again: %v", err)
		}
		put(t, s, 1)
		if !has(t, s, 1) || has(t, s, 2) {
			t.Error("a group put again after it was dropped holds something else")
		}
	})
}

// TestCutOff: a file that ends anywhere holds the values that are whole there, and
// goes on.
func TestCutOff(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, opt pack.Options) {
		root := t.TempDir()
		s := open(t, root, opt)
		var ends []int
		for n := range 6 {
			put(t, s, n)
			st, err := os.Stat(file(root))
			if err != nil {
				t.Fatal(err)
			}
			ends = append(ends, int(st.Size()))
		}
		whole, err := os.ReadFile(file(root))
		if err != nil {
			t.Fatal(err)
		}
		cuts := []int{0, 1, 23, 24, 25}
		for _, e := range ends {
			cuts = append(cuts, e-1, e, e+1, e+19, e+25)
		}
		for _, cut := range cuts {
			cut = min(cut, len(whole))
			if err := os.WriteFile(file(root), whole, 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, root, opt) // remembers where they were
			has(t, s, 0)
			if err := os.WriteFile(file(root), whole[:cut], 0o600); err != nil {
				t.Fatal(err)
			}
			for _, s := range []*pack.Store{open(t, root, opt), s} {
				for n, end := range ends {
					if got := has(t, s, n); got != (end <= cut) {
						t.Fatalf("cut at %d: value %d that ends at %d is there: %v", cut, n, end, got)
					}
				}
			}
			put(t, s, 9)
			for _, s := range []*pack.Store{open(t, root, opt), s} {
				for n, end := range ends {
					if end <= cut && !has(t, s, n) {
						t.Fatalf("cut at %d and gone on: value %d is missing", cut, n)
					}
				}
				if !has(t, s, 9) {
					t.Fatalf("cut at %d: what was put then is missing", cut)
				}
			}
		}
	})
}

// TestDamaged: a value is the one put, or not there, whichever byte is another.
func TestDamaged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, opt pack.Options) {
		root := t.TempDir()
		s := open(t, root, opt)
		for n := range 3 {
			put(t, s, n)
		}
		whole, err := os.ReadFile(file(root))
		if err != nil {
			t.Fatal(err)
		}
		step := 1 + len(whole)/500
		for at := 0; at < len(whole); at += step {
			damaged := bytes.Clone(whole)
			damaged[at] ^= 0x10
			if err := os.WriteFile(file(root), damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, root, opt)
			there := 0
			for n := range 3 {
				if has(t, s, n) {
					there++
				}
			}
			if saltOnly := at >= 8 && at < 24 && opt.Secret == nil; there == 3 && !saltOnly {
				t.Fatalf("byte %d is another and nothing was noticed", at)
			}
			put(t, s, 2)
			if !has(t, s, 2) {
				t.Fatalf("byte %d is another: what is put again is not there", at)
			}
		}
	})
}

// TestTogether: several processes, here stores, append to one group.
func TestTogether(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, opt pack.Options) {
		root := t.TempDir()
		var all sync.WaitGroup
		for k := range 4 {
			s := open(t, root, opt)
			for g := range 2 {
				all.Go(func() {
					for n := range 40 {
						put(t, s, 100*k+50*g+n)
						if _, err := s.Get(context.Background(), group, id(n)); err != nil && !errors.Is(err, pack.ErrNotFound) {
							t.Error(err)
						}
					}
				})
			}
		}
		all.Wait()
		s := open(t, root, opt)
		for k := range 8 {
			for n := range 40 {
				if !has(t, s, 50*k+n) {
					t.Errorf("value %d is missing", 50*k+n)
				}
			}
		}
	})
}

// TestForgotten: more groups than are remembered.
func TestForgotten(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), pack.Options{})
	pack.Remember(s, 40)
	for round := range 2 {
		for g := range 20 {
			for n := range 5 {
				name := fmt.Sprintf("group-%02d", g)
				if round == 0 {
					if err := s.Put(t.Context(), name, id(n), []byte(name)); err != nil {
						t.Fatal(err)
					}
				}
				if b, err := s.Get(t.Context(), name, id(n)); err != nil || string(b) != name {
					t.Fatalf("%s: %q, %v", name, b, err)
				}
			}
		}
		if n := pack.Remembered(s); n > 46 {
			t.Errorf("%d values remembered, at most 40 and one group", n)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), pack.Options{})
	for _, g := range []string{"", "..", "../a", "a/b", `a\b`, "con"} {
		if err := s.Put(t.Context(), g, "id", nil); !errors.Is(err, object.ErrKey) {
			t.Errorf("group %q: %v", g, err)
		}
		if _, err := s.Get(t.Context(), g, "id"); !errors.Is(err, object.ErrKey) {
			t.Errorf("group %q: %v", g, err)
		}
	}
	full := open(t, t.TempDir(), pack.Options{Reserve: 1 << 62})
	if err := full.Put(t.Context(), group, "id", nil); !errors.Is(err, object.ErrNoSpace) {
		t.Errorf("no room: %v", err)
	}
	other := t.TempDir()
	put(t, open(t, other, pack.Options{Secret: secret}), 1)
	if has(t, open(t, other, pack.Options{Secret: bytes.Repeat([]byte{8}, 32)}), 1) {
		t.Error("read with another secret")
	}
	raw, err := os.ReadFile(file(other))
	if err != nil || bytes.Contains(raw, value(1)[:20]) {
		t.Errorf("readable in the file (%v)", err)
	}
}

// FuzzFile: whatever a file holds, nothing but what was put comes out of it, and it
// can be gone on with.
func FuzzFile(f *testing.F) {
	root := f.TempDir()
	s := open(f, root, pack.Options{})
	for n := range 3 {
		if err := s.Put(context.Background(), group, id(n), []byte{byte(n), 1, 2, 3}); err != nil {
			f.Fatal(err)
		}
	}
	whole, err := os.ReadFile(file(root))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-2])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, content []byte) {
		root := t.TempDir()
		if err := os.MkdirAll(filepath.Dir(file(root)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file(root), content, 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, root, pack.Options{})
		if _, err := s.Get(t.Context(), group, id(1)); err != nil && !errors.Is(err, pack.ErrNotFound) {
			t.Fatal(err)
		}
		put(t, s, 1)
		if !has(t, s, 1) {
			t.Fatal("what was put is not there")
		}
	})
}

func BenchmarkPut(b *testing.B) {
	for name, opt := range map[string]pack.Options{"plain": {}, "encrypted": {Secret: secret}} {
		b.Run(name, func(b *testing.B) {
			s := open(b, b.TempDir(), opt)
			v := bytes.Repeat([]byte{1, 2, 3, 4}, 3500)
			b.SetBytes(int64(len(v)))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				if err := s.Put(b.Context(), fmt.Sprintf("series-%d", n/300), id(n), v); err != nil {
					b.Fatal(err)
				}
				n++
			}
		})
	}
}
