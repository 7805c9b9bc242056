package sealed_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/object/objecttest"
	"github.com/dokuei/dokuei/storage/object/s3object"
	"github.com/dokuei/dokuei/storage/object/s3object/s3test"
	"github.com/dokuei/dokuei/storage/object/sealed"
)

func TestMain(m *testing.M) {
	s3test.Main()
	os.Exit(m.Run())
}

const chunk = 64 << 10

func kek(b byte) sealed.KEK { return sealed.NewKEK(bytes.Repeat([]byte{b}, 32)) }

func disk(t testing.TB) (inner *fsobject.Store, root string) {
	t.Helper()
	root = t.TempDir()
	inner, err := fsobject.Open(root, fsobject.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { inner.Close() })
	return inner, filepath.Join(root, "objects")
}

func mustOpen(t testing.TB, inner object.Store, keks ...sealed.KEK) *sealed.Store {
	t.Helper()
	s, err := sealed.Open(t.Context(), inner, keks...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t testing.TB, s object.Store, key string, b []byte) {
	t.Helper()
	if err := objecttest.Put(t.Context(), s, key, b); err != nil {
		t.Fatal(err)
	}
}

func want(t testing.TB, s object.Store, key string, b []byte) {
	t.Helper()
	got, err := objecttest.Get(t.Context(), s, key)
	if err != nil || !bytes.Equal(got, b) {
		t.Fatalf("%s: %d bytes of %d, %v", key, len(got), len(b), err)
	}
}

func content(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*31 + i>>8)
	}
	return b
}

func TestContractOnDisk(t *testing.T) {
	t.Parallel()
	objecttest.Run(t, func(t *testing.T) object.Store {
		inner, _ := disk(t)
		return mustOpen(t, inner, kek(1))
	})
}

func TestContractInBucket(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	var mu sync.Mutex // a bucket is a second for the server's disk: one at a time
	objecttest.Run(t, func(t *testing.T) object.Store {
		mu.Lock()
		defer mu.Unlock()
		inner, err := s3object.Open(t.Context(), s3object.Options{
			Bucket: server.Bucket(t, false), Prefix: "images", Endpoint: server.Endpoint, Region: server.Region,
			AccessKey: server.AccessKey, SecretKey: server.SecretKey, Spool: t.TempDir(), SpoolReserve: -1,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { inner.Close() })
		return mustOpen(t, inner, kek(1))
	})
}

func BenchmarkStore(b *testing.B) {
	objecttest.Benchmark(b, func(b *testing.B) object.Store {
		inner, _ := disk(b)
		return mustOpen(b, inner, kek(1))
	})
}

// Any range of an object of any length is that range of what was stored, also while
// it is being written, and the lengths are those of the plain bytes.
func TestRanges(t *testing.T) {
	t.Parallel()
	inner, _ := disk(t)
	s := mustOpen(t, inner, kek(1))
	rapid.Check(t, func(rt *rapid.T) {
		size := rapid.OneOf(rapid.IntRange(0, 3*chunk), rapid.SampledFrom([]int{0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk})).Draw(rt, "size")
		b := content(size)
		p, err := s.Create(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		defer p.Abort()
		if _, err := p.Write(b); err != nil {
			rt.Fatal(err)
		}
		from := rapid.IntRange(0, size).Draw(rt, "from")
		to := rapid.IntRange(from, size).Draw(rt, "to")
		got := make([]byte, to-from)
		if _, err := p.ReadAt(got, int64(from)); err != nil && to > from || !bytes.Equal(got, b[from:to]) {
			rt.Fatalf("while written: %v", err)
		}
		if err := p.Commit(t.Context(), "a/k"); err != nil {
			rt.Fatal(err)
		}
		o, err := s.Open(t.Context(), "a/k")
		if err != nil {
			rt.Fatal(err)
		}
		defer o.Close()
		clear(got)
		if _, err := o.ReadAt(got, int64(from)); err != nil && to > from || !bytes.Equal(got, b[from:to]) {
			rt.Fatalf("bytes %d to %d of %d: %v", from, to, size, err)
		}
		info, err := s.Stat(t.Context(), "a/k")
		if err != nil || info.Size != int64(size) || o.Size() != int64(size) {
			rt.Fatalf("size %d and %d of %d: %v", info.Size, o.Size(), size, err)
		}
	})
}

func TestNothingPlainIsOnTheDisk(t *testing.T) {
	t.Parallel()
	inner, root := disk(t)
	s := mustOpen(t, inner, kek(1))
	secret := bytes.Repeat([]byte("YOSHIDA^HANAKO"), 20_000)
	put(t, s, "minami/20260101/a.dcm", secret)
	raw, err := os.ReadFile(filepath.Join(root, "minami", "20260101", "a.dcm"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("YOSHIDA")) {
		t.Error("the name of the patient is on the disk")
	}
	put(t, s, "minami/20260101/b.dcm", secret)
	again, err := os.ReadFile(filepath.Join(root, "minami", "20260101", "b.dcm"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(raw[:1000], again[:1000]) {
		t.Error("one content gives one ciphertext: the data keys are not random")
	}
}

func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	const step = chunk + 16
	b := content(3*chunk + 100)
	for _, c := range []struct {
		name   string
		damage func(mine, other []byte) []byte
	}{
		{"bit of a chunk", func(m, _ []byte) []byte { m[5] ^= 1; return m }},
		{"bit of the last tag", func(m, _ []byte) []byte { m[len(m)-94] ^= 1; return m }},
		{"bit of the wrapped key", func(m, _ []byte) []byte { m[len(m)-20] ^= 1; return m }},
		{"bit of the length", func(m, _ []byte) []byte { m[len(m)-61] ^= 1; return m }},
		{"cut short", func(m, _ []byte) []byte { return m[:len(m)-1] }},
		{"cut to nothing", func(m, _ []byte) []byte { return nil }},
		{"without its last chunk", func(m, _ []byte) []byte { return append(m[:3*step:3*step], m[len(m)-93:]...) }},
		{"two chunks changed over", func(m, _ []byte) []byte {
			return append(append(append([]byte(nil), m[step:2*step]...), m[:step]...), m[2*step:]...)
		}},
		{"a chunk of another", func(m, o []byte) []byte { copy(m, o[:step]); return m }},
		{"another object", func(_, o []byte) []byte { return o }},
		{"the trailer of another", func(m, o []byte) []byte { copy(m[len(m)-93:], o[len(o)-93:]); return m }},
		{"longer", func(m, _ []byte) []byte { return append(m, 0) }},
		{"plain", func(m, _ []byte) []byte { return bytes.Repeat([]byte{0}, len(m)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			inner, root := disk(t)
			s := mustOpen(t, inner, kek(1))
			put(t, s, "a/mine", b)
			put(t, s, "a/other", b)
			mine, err1 := os.ReadFile(filepath.Join(root, "a", "mine"))
			other, err2 := os.ReadFile(filepath.Join(root, "a", "other"))
			err := os.WriteFile(filepath.Join(root, "a", "mine"), c.damage(mine, other), 0o600)
			if err := errors.Join(err1, err2, err); err != nil {
				t.Fatal(err)
			}
			if got, err := objecttest.Get(t.Context(), s, "a/mine"); !errors.Is(err, sealed.ErrDamaged) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
}

func TestKeysOfTheStoreAreOutOfReach(t *testing.T) {
	t.Parallel()
	inner, _ := disk(t)
	s := mustOpen(t, inner, kek(1))
	var key string
	err := inner.List(t.Context(), "", "", func(i object.Info) error { key = i.Key; return nil })
	if err != nil || key == "" {
		t.Fatalf("no store key: %v", err)
	}
	_, err1 := s.Open(t.Context(), key)
	_, err2 := s.Stat(t.Context(), key)
	for _, err := range []error{err1, err2, s.Delete(t.Context(), key), objecttest.Put(t.Context(), s, key, nil)} {
		if !errors.Is(err, object.ErrKey) {
			t.Errorf("got %v", err)
		}
	}
	if err := sealed.Refuse(t.Context(), inner); !errors.Is(err, sealed.ErrSealed) {
		t.Errorf("opened as a plain store: %v", err)
	}
	plain, _ := disk(t)
	if err := sealed.Refuse(t.Context(), plain); err != nil {
		t.Error(err)
	}
	put(t, plain, "a", nil)
	if _, err := sealed.Open(t.Context(), plain, kek(1)); !errors.Is(err, sealed.ErrPlain) {
		t.Errorf("a plain store: %v", err)
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	ctx, b := t.Context(), content(100)
	inner, _ := disk(t)
	s := mustOpen(t, inner, kek(1))
	put(t, s, "a/1", b)
	if _, err := sealed.Open(ctx, inner, kek(2)); !errors.Is(err, sealed.ErrKey) {
		t.Fatalf("with a key that never was: %v", err)
	}
	if n, err := s.Rotate(ctx, kek(2)); n != 1 || err != nil {
		t.Fatalf("%d re-wrapped, %v", n, err)
	}
	put(t, s, "a/2", b) // a server that still has the old key
	fresh := mustOpen(t, inner, kek(2))
	if err := fresh.Renew(ctx); err != nil {
		t.Fatal(err)
	}
	put(t, fresh, "a/3", b)
	for _, key := range []string{"a/1", "a/2", "a/3"} {
		want(t, fresh, key, b)
	}
	// The old server cannot open the new store key, and says so.
	if _, err := objecttest.Get(ctx, s, "a/3"); !errors.Is(err, sealed.ErrKey) {
		t.Errorf("with the old key alone: %v", err)
	}
	both := mustOpen(t, inner, kek(1), kek(2))
	want(t, both, "a/3", b)
	if n, err := fresh.Retire(ctx); n != 1 || err != nil {
		t.Fatalf("%d retired, %v", n, err)
	}
	if _, err := sealed.Open(ctx, inner, kek(1)); !errors.Is(err, sealed.ErrKey) {
		t.Errorf("with the retired key: %v", err)
	}
	last := mustOpen(t, inner, kek(2))
	for _, key := range []string{"a/1", "a/2", "a/3"} {
		want(t, last, key, b)
	}
	keys := last.Keys()
	if len(keys) != 2 || keys[0].Current || !keys[1].Current || len(keys[0].KEKs) != 1 || keys[0].KEKs[0] != kek(2).ID() {
		t.Errorf("%+v", keys)
	}
}

// A commit that the store behind could not answer may be made again.
func TestCommitAgain(t *testing.T) {
	t.Parallel()
	inner, _ := disk(t)
	away := 2
	s := mustOpen(t, &objecttest.Hooked{Store: inner, Before: func(_ context.Context, c objecttest.Call) error {
		if c.Method == "commit" && c.Key == "a/k" && away > 0 {
			away--
			return &object.UnavailableError{Err: errors.New("nobody there")}
		}
		return nil
	}}, kek(1))
	p, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := content(2*chunk + 5)
	if _, err := p.Write(b); err != nil {
		t.Fatal(err)
	}
	var passes *object.UnavailableError
	for range 2 {
		if err := p.Commit(t.Context(), "a/k"); !errors.As(err, &passes) {
			t.Fatal(err)
		}
	}
	if err := p.Commit(t.Context(), "a/l"); !errors.Is(err, object.ErrFinished) {
		t.Errorf("under another key: %v", err)
	}
	if err := errors.Join(p.Commit(t.Context(), "a/k"), p.Abort()); err != nil {
		t.Fatal(err)
	}
	want(t, s, "a/k", b)
}

// A key made by another node while this one runs is found.
func TestKeyOfAnotherNode(t *testing.T) {
	t.Parallel()
	inner, _ := disk(t)
	one := mustOpen(t, inner, kek(1))
	other := mustOpen(t, inner, kek(1))
	if err := other.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	put(t, other, "a", []byte("x"))
	want(t, one, "a", []byte("x"))
}

// A KEK that does not open what it wraps must not get to wrap the only copy.
type forgetful struct{ sealed.KEK }

func (f forgetful) Unwrap(context.Context, []byte, []byte) ([]byte, error) {
	return nil, errors.New("forgotten")
}

func TestKeyIsTriedBeforeItIsUsed(t *testing.T) {
	t.Parallel()
	inner, _ := disk(t)
	if _, err := sealed.Open(t.Context(), inner, forgetful{kek(1)}); !errors.Is(err, sealed.ErrKey) {
		t.Fatalf("got %v", err)
	}
	if err := sealed.Refuse(t.Context(), inner); err != nil {
		t.Errorf("something was left: %v", err)
	}
}

// What nobody can open any more is not kept: the store keys are locked as long as what
// lies under them.
func TestLocks(t *testing.T) {
	t.Parallel()
	var l *objecttest.Locking
	objecttest.RunLocks(t, func(t *testing.T) (object.Store, func(string) time.Time) {
		l = &objecttest.Locking{Store: objecttest.Disk(t)}
		return mustOpen(t, l, kek(1)), l.Ends
	})
	s := mustOpen(t, l, kek(1))
	if _, err := s.Rotate(t.Context(), kek(2)); err != nil {
		t.Fatal(err)
	}
	if err := s.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	until := time.Now().AddDate(30, 0, 0)
	put(t, s, "z", nil)
	if err := s.Lock(t.Context(), "z", until); err != nil {
		t.Fatal(err)
	}
	records := 0
	err := l.List(t.Context(), "_sealed/", "", func(i object.Info) error {
		if records++; !l.Ends(i.Key).Equal(until) {
			t.Errorf("%s is locked until %v", i.Key, l.Ends(i.Key))
		}
		return nil
	})
	if err != nil || records != 3 {
		t.Errorf("%d records of store keys, %v", records, err)
	}
}
