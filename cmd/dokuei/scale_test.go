package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/object/s3object/s3test"
)

// The service on PostgreSQL and S3, through the same doors: images in, a report
// signed, all of it still there after kill -9 and a restart, nothing of it on the
// node's own disk.
func TestPostgresAndS3(t *testing.T) {
	t.Parallel()
	database, bucket := dbtest.Postgres(t), s3test.Start(t)
	data, args := t.TempDir(), []string{
		"--db", database,
		"--objects", "s3://" + bucket.Bucket(t, false) + "/images?endpoint=" + bucket.Endpoint + "&region=" + bucket.Region,
		"--s3-access-key", bucket.AccessKey, "--s3-secret-key", bucket.SecretKey,
	}
	mustRun(t, "apply", "--data", data, "--db", database, "-f", writeFile(t, filepath.Join(t.TempDir(), "site.yaml"), network))
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

	if _, raw, _ := reader.raw("GET", s.HTTP+"/metrics", nil); !strings.Contains(string(raw), "\ndokuei_studies_overdue_seconds ") {
		t.Error("/metrics does not say what waits")
	}
	if _, err := os.Stat(filepath.Join(data, "dokuei.db")); err == nil {
		t.Error("a SQLite database was made beside PostgreSQL")
	}
	if left, _ := filepath.Glob(filepath.Join(data, "spool", "*", "*")); len(left) != 0 {
		t.Errorf("left in the spool: %v", left)
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
