package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/dokuei/dokuei/storage/object/s3object/s3test"
)

// A bucket with object lock is used as one without further words, as that of the images is:
// nobody removes what was copied before its time, generations go by number all the same, and
// what is locked comes back.
func TestBackupToLockedBucket(t *testing.T) {
	t.Parallel()
	server, bucket, target, environ := toBucket(t, true)
	must := func(args ...string) string {
		t.Helper()
		return mustRunWith(t, environ, args...)
	}
	key := filepath.Join(t.TempDir(), "key")
	mustRun(t, "keys", "make", key)
	data := newData(t, strings.Replace(network, "quiet: 1s}", "quiet: 1s, retention: {images: 700d, reports: 7y, trash: 1d}}", 1))
	here := []string{"--data", data, "--encryption-key", "file:" + key}
	s := serve(t, data, here[2:]...)
	dir, _ := slices(t, 2)
	s.send(t, "MINAMI_CT", dir)
	seven := time.Now().AddDate(7, 0, 0)
	locked := func(catalogs time.Duration) map[string]int {
		t.Helper()
		return lockedCopies(t, server, bucket, map[string]time.Time{"images": seven, "_sealed": seven, "catalogs": time.Now().Add(catalogs)})
	}
	must(append([]string{"backup", target, "--keep", "2"}, here...)...)
	if n := locked(catalogFirst); n["images"] != 2 || n["catalogs"] != 2 || n["_sealed"] != 1 {
		t.Errorf("%v: a catalog with its manifest", n)
	}
	must(append([]string{"mirror", target, "--once", "--keep", "2"}, here...)...)
	must(append([]string{"backup", target, "--keep", "1", "--drop-swept"}, here...)...)
	s.stop(t)
	if out := must(append([]string{"restore", target, "--list"}, here...)...); strings.Count(out, "2 images") != 1 {
		t.Errorf("one generation is kept:\n%s", out)
	}
	if n := locked(catalogLeast); n["images"] != 2 || n["catalogs"] != 2 || n["_sealed"] != 1 {
		t.Errorf("%v: a catalog with its manifest", n)
	}
	fresh := filepath.Join(t.TempDir(), "fresh")
	must("restore", target, "--data", fresh, "--encryption-key", "file:"+key)
	if out := must("verify", "--data", fresh, "--encryption-key", "file:"+key); !strings.Contains(out, "2 objects") || !strings.Contains(out, " 0 damaged") {
		t.Error(out)
	}
}

// lockedCopies counts by kind what a target shows, asks until when each is locked, and tries
// to remove it before.
func lockedCopies(t *testing.T, server *s3test.Server, bucket string, until map[string]time.Time) map[string]int {
	t.Helper()
	found := map[string]int{}
	for o := range server.Client().ListObjects(t.Context(), bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		kind, _, _ := strings.Cut(strings.TrimPrefix(o.Key, "backup/"), "/")
		found[kind]++
		info, err := server.Client().StatObject(t.Context(), bucket, o.Key, minio.StatObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, info.Metadata.Get("X-Amz-Object-Lock-Retain-Until-Date"))
		if mode := info.Metadata.Get("X-Amz-Object-Lock-Mode"); err != nil || mode != "COMPLIANCE" || at.Sub(until[kind]).Abs() > 30*time.Minute {
			t.Errorf("%s is locked by %q until %v, want %v", o.Key, mode, at, until[kind])
		}
		if err := server.Client().RemoveObject(t.Context(), bucket, o.Key, minio.RemoveObjectOptions{VersionID: info.VersionID, GovernanceBypass: true}); err == nil {
			t.Errorf("%s was removed", o.Key)
		}
	}
	return found
}
