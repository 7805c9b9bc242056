package s3object_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/objecttest"
	"github.com/dokuei/dokuei/storage/object/s3object"
	"github.com/dokuei/dokuei/storage/object/s3object/s3test"
)

func TestMain(m *testing.M) {
	s3test.Main()
	os.Exit(m.Run())
}

func options(t testing.TB, s *s3test.Server) s3object.Options {
	return s3object.Options{
		Bucket: s.Bucket(t, false), Prefix: "images/v1", Endpoint: s.Endpoint, Region: s.Region,
		AccessKey: s.AccessKey, SecretKey: s.SecretKey, Spool: t.TempDir(), SpoolReserve: -1,
	}
}

func mustOpen(t testing.TB, opt s3object.Options) *s3object.Store {
	t.Helper()
	s, err := s3object.Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	var mu sync.Mutex // a bucket is a second for the server's disk: one at a time
	objecttest.Run(t, func(t *testing.T) object.Store {
		mu.Lock()
		defer mu.Unlock()
		return mustOpen(t, options(t, server))
	})
}

// What is deleted where versions are kept and locked is hidden, and is no object any more. That
// it may come again under its key is not asked here: this server of S3, which keeps what it
// knows of objects beside them, then takes it for deleted.
func TestDeletedUnderALock(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	opt := options(t, server)
	opt.Bucket = server.Bucket(t, true)
	opt.Until = func(context.Context, string) (time.Time, error) { return time.Now().AddDate(1, 0, 0), nil }
	s := mustOpen(t, opt)
	for _, key := range []string{"a/b", "a/c"} {
		if err := objecttest.Put(t.Context(), s, key, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Delete(t.Context(), "a/b"); err != nil {
		t.Fatal(err)
	}
	_, err1 := s.Stat(t.Context(), "a/b")
	_, err2 := s.Open(t.Context(), "a/b")
	for _, err := range []error{err1, err2, s.Delete(t.Context(), "a/b")} {
		if !errors.Is(err, object.ErrNotFound) {
			t.Errorf("after the deletion: %v", err)
		}
	}
	var left []string
	err := s.List(t.Context(), "", "", func(i object.Info) error {
		left = append(left, i.Key)
		return nil
	})
	if err != nil || len(left) != 1 || left[0] != "a/c" {
		t.Errorf("left %v, %v", left, err)
	}
}

func BenchmarkStore(b *testing.B) {
	server := s3test.Start(b)
	objecttest.Benchmark(b, func(b *testing.B) object.Store { return mustOpen(b, options(b, server)) })
}

func TestURL(t *testing.T) {
	t.Parallel()
	opt, err := s3object.ParseURL("s3://images/a/b?endpoint=http://127.0.0.1:9000&region=ap-northeast-1&retain=1826d")
	if err != nil {
		t.Fatal(err)
	}
	if opt.Bucket != "images" || opt.Prefix != "a/b" || opt.Endpoint != "http://127.0.0.1:9000" || opt.Region != "ap-northeast-1" || opt.Retain.Hours() != 1826*24 {
		t.Errorf("%+v", opt)
	}
	for _, bad := range []string{
		"http://images", "s3:///a", "s3://images", "s3://images?region=", "s3://key:secret@images?region=x", "s3://images/../x?region=x",
		"s3://images?region=x&retain=5", "s3://images?region=x&retain=-1d", "s3://images?region=x&secret=hush", "s3://images/A?region=x", "s3://im ages?region=x",
	} {
		_, err := s3object.ParseURL(bad)
		if err == nil {
			t.Errorf("%s was taken", bad)
		} else if strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "key:secret") {
			t.Errorf("secret in %q", err)
		}
	}
}
