package s3object_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/objecttest"
	"github.com/dokuei/dokuei/storage/object/s3object"
	"github.com/dokuei/dokuei/storage/object/s3object/s3test"
)

// Beyond 64 MiB an object goes up in parts; a part that fails goes again alone.
func TestParts(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	l := newLine(t, server)
	opt := options(t, server)
	opt.Endpoint = l.URL
	s := patiently(mustOpen(t, opt), 0)
	const mib = 1 << 20
	block := bytesOf(mib)
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	put := func(key string) {
		p, err := s.Create(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for n := range 65 {
			block[0] = byte(n)
			if _, err := p.Write(block); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := p.Write([]byte("end")); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(p.Commit(t.Context(), key), p.Abort()); err != nil {
			t.Fatal(err)
		}
	}
	failed := first(2, http.MethodPut, unavailable)
	posts := 0
	l.set(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			posts++ // begin and join, one after the other
		}
		return r.URL.Query().Get("partNumber") == "3" && failed(w, r)
	})
	put("big")
	put("big") // known: not sent again
	if posts != 2 {
		t.Errorf("%d requests to begin and join, want those of one upload", posts)
	}
	o, err := s.Open(t.Context(), "big")
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if o.Size() != 65*mib+3 {
		t.Fatalf("size %d", o.Size())
	}
	r := io.NewSectionReader(o, 0, o.Size())
	back := make([]byte, mib)
	for n := range 65 {
		block[0] = byte(n)
		if _, err := io.ReadFull(r, back); err != nil || !bytes.Equal(back, block) {
			t.Fatalf("MiB %d: %v", n, err)
		}
	}
	if rest, err := io.ReadAll(r); err != nil || string(rest) != "end" {
		t.Errorf("%q, %v", rest, err)
	}
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	t.Logf("allocated %d MiB in all", (after.TotalAlloc-before.TotalAlloc)>>20)
}

// The parts of an upload that was given up while the service was away go when it is back.
func TestPartsThatStayed(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	l := newLine(t, server)
	opt := options(t, server)
	opt.Endpoint = l.URL
	s := mustOpen(t, opt)
	l.set(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodDelete || r.URL.Query().Get("partNumber") == "2" {
			unavailable(w, r)
			return true
		}
		return false
	})
	p, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	block := bytesOf(1 << 20)
	for range 65 {
		if _, err := p.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Commit(t.Context(), "big"); err == nil {
		t.Fatal("committed")
	}
	if err := p.Abort(); err != nil {
		t.Fatal(err)
	}
	uploads := func() (n int) {
		for range server.Client().ListIncompleteUploads(t.Context(), opt.Bucket, "", true) {
			n++
		}
		return n
	}
	if n := uploads(); n != 1 {
		t.Fatalf("%d uploads under way", n)
	}
	l.set(func(http.ResponseWriter, *http.Request) bool { return false })
	if err := objecttest.Put(t.Context(), s, "small", nil); err != nil {
		t.Fatal(err)
	}
	if n := uploads(); n != 0 {
		t.Errorf("%d uploads stayed", n)
	}
}

// Any read at any place, by several readers at once.
func TestRanges(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	s := mustOpen(t, options(t, server))
	content := make([]byte, 11<<20+5)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range content {
		content[i] = byte(rnd.Uint32())
	}
	if err := objecttest.Put(t.Context(), s, "a", content); err != nil {
		t.Fatal(err)
	}
	o, err := s.Open(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	var wg sync.WaitGroup
	for k := range 3 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(k), 3))
			for range 25 {
				off := rnd.IntN(len(content) + 10)
				p := make([]byte, []int{1, 4096, 700_000, 9 << 20}[rnd.IntN(4)])
				n, err := o.ReadAt(p, int64(off))
				want := content[min(off, len(content)):min(off+len(p), len(content))]
				if !bytes.Equal(p[:n], want) || (n == len(p)) != (err == nil) || err != nil && !errors.Is(err, io.EOF) {
					t.Errorf("ReadAt(%d bytes, %d): %d, %v", len(p), off, n, err)
				}
			}
		})
	}
	wg.Wait()
}

// A larger object that goes away while it is open is never another's bytes.
func TestPinned(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	opt := options(t, server)
	s := mustOpen(t, opt)
	if err := objecttest.Put(t.Context(), s, "a", bytesOf(3<<20)); err != nil {
		t.Fatal(err)
	}
	o, err := s.Open(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	other := strings.NewReader(strings.Repeat("x", 3<<20))
	if _, err := server.Client().PutObject(t.Context(), opt.Bucket, opt.Prefix+"/a", other, other.Size(), minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.ReadAt(make([]byte, 10), 2<<20); !errors.Is(err, object.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	opt := options(t, server)
	opt.Retain = 24 * time.Hour
	if _, err := s3object.Open(t.Context(), opt); err == nil {
		t.Fatal("retention promised in a bucket without object lock")
	}
	opt.Bucket = server.Bucket(t, true)
	locked(t, server, opt, "a", 24*time.Hour)

	// By key, as the hospitals have it; retain=none leaves it to the bucket.
	opt.Retain, opt.Until = 0, func(_ context.Context, key string) (time.Time, error) {
		if strings.HasPrefix(key, "kaifu/") {
			return time.Now().AddDate(0, 0, 10), nil
		}
		return time.Now().AddDate(0, 0, 20), nil
	}
	locked(t, server, opt, "kaifu/a", 240*time.Hour)
	locked(t, server, opt, "minami/a", 480*time.Hour)
	mode, days, unit := minio.Compliance, uint(15), minio.Days
	if err := server.Client().SetObjectLockConfig(t.Context(), opt.Bucket, &mode, &days, &unit); err != nil {
		t.Fatal(err)
	}
	locked(t, server, opt, "minami/b", 480*time.Hour)
	locked(t, server, opt, "kaifu/b", 360*time.Hour) // the bucket's own is longer
	opt.Until = func(context.Context, string) (time.Time, error) { return time.Now(), errors.New("the catalog is away") }
	if err := objecttest.Put(t.Context(), mustOpen(t, opt), "kaifu/c", nil); err == nil {
		t.Error("stored without the retention it was to have")
	}
	opt.Retain, opt.Bucket = s3object.RetainNone, server.Bucket(t, true)
	if err := objecttest.Put(t.Context(), mustOpen(t, opt), "a", nil); err != nil {
		t.Fatal(err)
	}
	info, err := server.Client().StatObject(t.Context(), opt.Bucket, opt.Prefix+"/a", minio.StatObjectOptions{})
	if err != nil || info.Metadata.Get("X-Amz-Object-Lock-Mode") != "" {
		t.Errorf("retain=none: %v, %v", info.Metadata, err)
	}
}

// The lock of an object is lengthened at the service, which itself refuses the rest.
func TestLocks(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	opt := options(t, server)
	opt.Bucket = server.Bucket(t, true)
	opt.Until = func(context.Context, string) (time.Time, error) { return time.Now().AddDate(0, 0, 10), nil }
	objecttest.RunLocks(t, func(t *testing.T) (object.Store, func(string) time.Time) {
		return mustOpen(t, opt), func(key string) time.Time {
			info, err := server.Client().StatObject(t.Context(), opt.Bucket, opt.Prefix+"/"+key, minio.StatObjectOptions{})
			if err != nil {
				t.Fatal(err)
			}
			return retention(t, info)
		}
	})

	// An object of before the bucket had a retention gets its first one.
	name := opt.Prefix + "/before"
	if _, err := server.Client().PutObject(t.Context(), opt.Bucket, name, strings.NewReader("x"), 1, minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	until := time.Now().AddDate(1, 0, 0)
	if err := object.Lock(t.Context(), mustOpen(t, opt), "before", until); err != nil {
		t.Fatal(err)
	}
	info, err := server.Client().StatObject(t.Context(), opt.Bucket, name, minio.StatObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Client().RemoveObject(t.Context(), opt.Bucket, name, minio.RemoveObjectOptions{VersionID: info.VersionID, GovernanceBypass: true}); err == nil {
		t.Error("a locked version was removed")
	}

	for name, change := range map[string]func(*s3object.Options){
		"one time for all": func(o *s3object.Options) { o.Retain = 24 * time.Hour },
		"the bucket's own": func(o *s3object.Options) { o.Retain = s3object.RetainNone },
		"no lock":          func(o *s3object.Options) { o.Bucket = server.Bucket(t, false) },
	} {
		opt := opt
		change(&opt)
		if err := object.Lock(t.Context(), mustOpen(t, opt), "a", until); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// retention is until when an object is under COMPLIANCE retention.
func retention(t *testing.T, info minio.ObjectInfo) time.Time {
	t.Helper()
	until, err := time.Parse(time.RFC3339, info.Metadata.Get("X-Amz-Object-Lock-Retain-Until-Date"))
	if mode := info.Metadata.Get("X-Amz-Object-Lock-Mode"); err != nil || mode != "COMPLIANCE" {
		t.Fatalf("retention of %s: %s, %v", info.Key, mode, err)
	}
	return until
}

// locked stores an object and tries to remove it before its time.
func locked(t *testing.T, server *s3test.Server, opt s3object.Options, key string, least time.Duration) {
	t.Helper()
	s := mustOpen(t, opt)
	if err := objecttest.Put(t.Context(), s, key, bytesOf(1000)); err != nil {
		t.Fatal(err)
	}
	ctx, name := t.Context(), opt.Prefix+"/"+key
	info, err := server.Client().StatObject(ctx, opt.Bucket, name, minio.StatObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if until := retention(t, info); time.Until(until) < least-time.Hour || time.Until(until) > least+time.Hour {
		t.Fatalf("retention of %s until %v, want %v", key, until, least)
	}
	err = server.Client().RemoveObject(ctx, opt.Bucket, name, minio.RemoveObjectOptions{VersionID: info.VersionID, GovernanceBypass: true})
	if err == nil {
		t.Error("a locked version was removed")
	}
	if _, err := server.Client().StatObject(ctx, opt.Bucket, name, minio.StatObjectOptions{VersionID: info.VersionID}); err != nil {
		t.Error("the locked version is gone:", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	good := options(t, server)
	for name, change := range map[string]func(*s3object.Options){
		"no bucket":   func(o *s3object.Options) { o.Bucket = "dokuei-nowhere" },
		"wrong key":   func(o *s3object.Options) { o.SecretKey = "wrong" },
		"no key":      func(o *s3object.Options) { o.AccessKey = "" },
		"no spool":    func(o *s3object.Options) { o.Spool = "" },
		"endpoint":    func(o *s3object.Options) { o.Endpoint = "127.0.0.1:1" },
		"unreachable": func(o *s3object.Options) { o.Endpoint = "http://127.0.0.1:1" },
	} {
		opt := good
		change(&opt)
		if s, err := s3object.Open(t.Context(), opt); err == nil {
			s.Close()
			t.Errorf("%s: opened", name)
		} else if strings.Contains(err.Error(), server.SecretKey) {
			t.Errorf("%s: secret in %v", name, err)
		}
	}
}
