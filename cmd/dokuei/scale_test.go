package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/object/s3object/s3test"
)

// The service on PostgreSQL and S3, through the same doors: images in, a report
// signed, all of it still there after kill -9 and a restart, nothing of it on the
// node's own disk.
func TestPostgresAndS3(t *testing.T) {
	t.Parallel()
	began := time.Now() // the day may end before the test does
	database, bucket := dbtest.Postgres(t), s3test.Start(t)
	locked := bucket.Bucket(t, true)
	data, args := t.TempDir(), []string{
		"--db", database,
		"--objects", "s3://" + locked + "/images?endpoint=" + bucket.Endpoint + "&region=" + bucket.Region,
		"--s3-access-key", bucket.AccessKey, "--s3-secret-key", bucket.SecretKey,
	}
	mustRun(t, "apply", "--data", data, "--db", database, "-f", writeFile(t, filepath.Join(t.TempDir(), "site.yaml"), network))
	mustRun(t, "apply", "--data", data, "--db", database, "-f", writeFile(t, filepath.Join(t.TempDir(), "site.yaml"), `
facilities:
  - {id: minami, name: 南病院, name_en: Minami Hospital, ae_titles: [MINAMI_CT], quiet: 1s, retention: {images: 700d, reports: 4y, trash: 1d}}
`))
	s := serve(t, data, args...)
	dir, _ := slices(t, 6)
	s.send(t, "MINAMI_CT", dir)
	s.kill(t) // every image was acknowledged

	s = serve(t, data, args...)
	reader := s.signIn(t, "sato", password)
	task := reader.firstTask()
	reader.must("POST", "/workitems/"+task.ID+"/claim", map[string]any{}, nil)
	st := reader.study(task.Study.ID)
	if st.Instances != 6 {
		t.Fatalf("%d instances after the restart", st.Instances)
	}
	first := st.SeriesList[0].Instances[0]
	if status, raw, _ := reader.raw("GET", "/instances/"+first.ID+"/frames/1", nil); status != http.StatusOK || len(raw) != 64*64*2 {
		t.Errorf("frame: status %d, %d bytes", status, len(raw))
	}
	if status, _, h := reader.raw("GET", "/instances/"+first.ID+"/preview", nil); status != http.StatusOK || h.Get("X-Dokuei-Placeholder") != "" {
		t.Errorf("preview: status %d, placeholder %q", status, h.Get("X-Dokuei-Placeholder"))
	}
	var saved struct{ Revision int64 }
	reader.must("PUT", "/workitems/"+task.ID+"/draft", map[string]any{
		"revision": 0, "language": "ja", "template": "",
		"sections": map[string]string{"findings": "異常なし。", "impression": "異常を認めません。", "recommendation": ""},
	}, &saved)
	var report struct{ ID string }
	reader.must("POST", "/workitems/"+task.ID+"/sign", map[string]any{"revision": saved.Revision}, &report)
	if status, raw, _ := reader.raw("GET", "/reports/"+report.ID+"/pdf", nil); status != http.StatusOK || !strings.HasPrefix(string(raw), "%PDF-") {
		t.Errorf("pdf: status %d", status)
	}

	eventually(t, "/metrics says what waits", func() bool {
		_, raw, _ := reader.raw("GET", s.HTTP+"/metrics", nil)
		return strings.Contains(string(raw), "\ndokuei_studies_overdue_seconds ")
	})
	keeps(t, bucket, locked, "images/minami/", began.AddDate(4, 0, 0))

	// The hospital keeps its reports for longer, and what is there for as long.
	mustRun(t, "apply", "--data", data, "--db", database, "-f", writeFile(t, filepath.Join(t.TempDir(), "site.yaml"), `
facilities:
  - {id: minami, name: 南病院, name_en: Minami Hospital, ae_titles: [MINAMI_CT], quiet: 1s, retention: {images: 700d, reports: 6y, trash: 1d}}
`))
	eventually(t, "locks for six years", func() bool {
		_, raw, _ := reader.raw("GET", s.HTTP+"/metrics", nil)
		for o := range bucket.Client().ListObjects(t.Context(), locked, minio.ListObjectsOptions{Prefix: "images/minami/", Recursive: true}) {
			info, err := bucket.Client().StatObject(t.Context(), locked, o.Key, minio.StatObjectOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if until, _ := time.Parse(time.RFC3339, info.Metadata.Get("X-Amz-Object-Lock-Retain-Until-Date")); until.Before(began.AddDate(6, 0, 0)) {
				return false
			}
		}
		return strings.Contains(string(raw), "\ndokuei_locks_failed 0")
	})
	keeps(t, bucket, locked, "images/minami/", began.AddDate(6, 0, 0))
	if _, err := os.Stat(filepath.Join(data, "dokuei.db")); err == nil {
		t.Error("a SQLite database was made beside PostgreSQL")
	}
	if left, _ := filepath.Glob(filepath.Join(data, "spool", "*", "*")); len(left) != 0 {
		t.Errorf("left in the spool: %v", left)
	}
}

// keeps holds what a bucket with object lock says of its objects against the retention
// of the hospital whose they are, and tries to remove them before its end.
func keeps(t *testing.T, server *s3test.Server, bucket, prefix string, until time.Time) {
	t.Helper()
	n := 0
	for o := range server.Client().ListObjects(t.Context(), bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true, WithVersions: true}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		n++
		info, err := server.Client().StatObject(t.Context(), bucket, o.Key, minio.StatObjectOptions{VersionID: o.VersionID})
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, info.Metadata.Get("X-Amz-Object-Lock-Retain-Until-Date"))
		if mode := info.Metadata.Get("X-Amz-Object-Lock-Mode"); err != nil || mode != "COMPLIANCE" || at.Before(until.Add(-time.Hour)) || at.After(until.Add(25*time.Hour)) {
			t.Errorf("an object is kept by %q until %v, want %v", mode, at, until)
		}
		err = server.Client().RemoveObject(t.Context(), bucket, o.Key, minio.RemoveObjectOptions{VersionID: o.VersionID, GovernanceBypass: true})
		if err == nil {
			t.Error("an object was removed before the end of its retention")
		}
	}
	if n != 8 { // six images, SR and PDF
		t.Errorf("%d objects in the bucket", n)
	}
}

func TestObjectsURL(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"s3://images/x?region=ap-northeast-1": "DOKUEI_S3_ACCESS_KEY",
		"s3://images":                         "endpoint or region",
		"ftp://images":                        "unknown scheme",
	} {
		_, stderr, err := tryRun(t, "serve", "--data", t.TempDir(), "--objects", url, "--dicom-addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0")
		if err == nil || !strings.Contains(stderr, want) {
			t.Errorf("%s: %v, %s", url, err, stderr)
		}
	}
}

// Keys come from the environment, under the names that operators were told.
func TestKeysFromEnvironment(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	url := "s3://" + server.Bucket(t, false) + "?endpoint=" + server.Endpoint + "&region=" + server.Region
	keys := []string{"DOKUEI_S3_ACCESS_KEY=" + server.AccessKey, "DOKUEI_S3_SECRET_KEY=" + server.SecretKey}
	if out, stderr, err := tryRunWith(t, keys, "verify", "--data", newData(t, network), "--objects", url); err != nil || !strings.Contains(out, "0 objects") {
		t.Errorf("%v: %s%s", err, out, stderr)
	}
}
