package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
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

// The drill of a lost machine: back up while it serves, lose the folder, restore to
// an empty one, and go on where it was.
func TestBackupAndRestoreDrill(t *testing.T) {
	t.Parallel()
	data, store := signedStudy(t), filepath.Join(t.TempDir(), "backup")
	s := serve(t, data)
	out := mustRun(t, "backup", store, "--data", data)
	if !strings.Contains(out, "10 images") || !strings.Contains(out, "10 of them copied") {
		t.Error(out)
	}
	dir, _ := slices(t, 2)
	s.send(t, "MINAMI_CT", dir)
	said := photograph(t, s.signIn(t, "minami", password))
	if out := mustRun(t, "backup", store, "--data", data); !strings.Contains(out, "13 images") || !strings.Contains(out, "3 of them copied") {
		t.Error(out)
	}
	if out := mustRun(t, "backup", store, "--check"); !strings.Contains(out, "catalog whole, 13 images") {
		t.Error(out)
	}
	s.stop(t)
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}

	begin, fresh := time.Now(), filepath.Join(t.TempDir(), "fresh")
	if out := mustRun(t, "restore", store, "--list"); strings.Count(out, "images") != 2 {
		t.Error(out)
	}
	mustRun(t, "restore", store, "--data", fresh)
	s = serve(t, fresh)
	t.Logf("serving again %v after the loss", time.Since(begin).Round(time.Millisecond))
	if out := mustRun(t, "verify", "--data", fresh); !strings.Contains(out, "13 objects") {
		t.Error(out)
	}
	hospital := s.signIn(t, "minami", password)
	read := 0
	for _, st := range hospital.studies() {
		if st.ReportState != "final" {
			continue
		}
		read++
		if status, raw, _ := hospital.raw("GET", "/reports/"+*st.ReportID+"/pdf", nil); status != 200 || !strings.HasPrefix(string(raw), "%PDF-") {
			t.Errorf("the report: status %d", status)
		}
	}
	if read != 1 {
		t.Errorf("%d studies with a report", read)
	}
	if status, raw, h := hospital.raw("GET", "/messages/"+said+"/picture", nil); status != 200 || h.Get("Content-Type") != "image/png" || len(raw) == 0 {
		t.Errorf("the picture said in the room: status %d, %s", status, h.Get("Content-Type"))
	}
	reader := s.signIn(t, "sato", password)
	eventually(t, "the late study is on the worklist", func() bool { return len(reader.worklist("open")) == 2 })
	if _, stderr, err := tryRun(t, "restore", store, "--data", fresh); err == nil || !strings.Contains(stderr, "a catalog already") {
		t.Errorf("over a catalog: %v, %s", err, stderr)
	}
}

// photograph says a picture in the room of a complete study and gives the message.
func photograph(t *testing.T, u *user) (message string) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	complete := ""
	for _, st := range u.studies() {
		if st.State == "complete" {
			complete = st.ID
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", u.base+"/rooms/"+complete+"/pictures", &b)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "image/png")
	resp, err := u.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var said struct{ ID string }
	if err := json.NewDecoder(resp.Body).Decode(&said); err != nil || resp.StatusCode >= 300 || said.ID == "" {
		t.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	return said.ID
}

// The drill with the catalog in PostgreSQL: database and images are lost, both come
// back, to a new database; and a second site without PostgreSQL shows them.
func TestBackupOfPostgres(t *testing.T) {
	t.Parallel()
	server := dbtest.Start(t)
	database, data, store := server.Database(t), t.TempDir(), filepath.Join(t.TempDir(), "backup")
	mustRun(t, "apply", "--data", data, "--db", database, "-f", writeFile(t, t.TempDir()+"/site.yaml", network))
	s := serve(t, data, "--db", database)
	dir, _ := slices(t, 3)
	s.send(t, "MINAMI_CT", dir)
	if out := mustRun(t, "mirror", store, "--once", "--data", data, "--db", database); out != "" {
		t.Log(out)
	}
	if out := mustRun(t, "backup", store, "--data", data, "--db", database); !strings.Contains(out, "generation") || !strings.Contains(out, "3 images") {
		t.Error(out)
	}
	s.stop(t)
	if err := os.RemoveAll(data); err != nil {
		t.Fatal(err)
	}
	standby := serve(t, t.TempDir(), "--read-only", "--mirror", store)
	if n := len(standby.signIn(t, "minami", password).studies()); n != 1 {
		t.Errorf("the second site shows %d studies", n)
	}
	fresh, again := filepath.Join(t.TempDir(), "fresh"), server.Database(t)
	mustRun(t, "restore", store, "--data", fresh, "--db", again)
	if out := mustRun(t, "verify", "--data", fresh, "--db", again); !strings.Contains(out, "3 objects") || !strings.Contains(out, "0 damaged") {
		t.Error(out)
	}
	mustRun(t, "audit", "verify", "--data", fresh, "--db", again)
	s = serve(t, fresh, "--db", again)
	if n := len(s.signIn(t, "minami", password).studies()); n != 1 {
		t.Errorf("%d studies after the restore", n)
	}
	if _, stderr, err := tryRun(t, "restore", store, "--data", fresh, "--db", again); err == nil || !strings.Contains(stderr, "a catalog already") {
		t.Errorf("over a catalog: %v, %s", err, stderr)
	}
}

// toBucket gives a bucket to back up to, with object lock if locked, and what our
// commands need to know of it.
func toBucket(t *testing.T, locked bool) (server *s3test.Server, bucket, target string, environ []string) {
	t.Helper()
	server = s3test.Start(t)
	bucket = server.Bucket(t, locked)
	target = "s3://" + bucket + "/backup?endpoint=" + server.Endpoint + "&region=" + server.Region
	return server, bucket, target, []string{"DOKUEI_S3_ACCESS_KEY=" + server.AccessKey, "DOKUEI_S3_SECRET_KEY=" + server.SecretKey}
}

// The same drill with an encrypted place and a bucket: nothing in the bucket tells a
// patient, the catalog included, and it comes back under another folder.
func TestBackupToBucket(t *testing.T) {
	t.Parallel()
	server, bucket, target, environ := toBucket(t, false)
	must := func(args ...string) string {
		t.Helper()
		return mustRunWith(t, environ, args...)
	}
	key := filepath.Join(t.TempDir(), "key")
	mustRun(t, "keys", "make", key)
	data := newData(t, network)
	s := serve(t, data, "--encryption-key", "file:"+key)
	dir, _ := slices(t, 3)
	s.send(t, "MINAMI_CT", dir)
	here := []string{"--data", data, "--encryption-key", "file:" + key}
	for range 3 {
		must(append([]string{"backup", target, "--keep", "2"}, here...)...)
	}
	s.stop(t)
	if out := must(append([]string{"backup", target, "--check"}, here...)...); !strings.Contains(out, "catalog whole, 3 images") || !strings.Contains(out, "0 damaged") {
		t.Error(out)
	}
	if out := must(append([]string{"restore", target, "--list"}, here...)...); strings.Count(out, "3 images") != 2 {
		t.Errorf("two generations are kept:\n%s", out)
	}
	if _, stderr, err := tryRunWith(t, environ, "restore", target, "--data", t.TempDir()); err == nil || !strings.Contains(stderr, "--encryption-key") {
		t.Errorf("without the key: %v, %s", err, stderr)
	}
	for o := range server.Client().ListObjects(t.Context(), bucket, minio.ListObjectsOptions{Recursive: true}) {
		body, err := server.Client().GetObject(t.Context(), bucket, o.Key, minio.GetObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(body)
		if err != nil || bytes.Contains(raw, []byte("SQLite format")) || bytes.Contains(raw, []byte("DICM")) {
			t.Errorf("%s: readable, or %v", o.Key, err)
		}
	}
	fresh := filepath.Join(t.TempDir(), "fresh")
	must("restore", target, "--data", fresh, "--encryption-key", "file:"+key)
	if out := must("verify", "--data", fresh, "--encryption-key", "file:"+key); !strings.Contains(out, "3 objects") || !strings.Contains(out, " 0 damaged") {
		t.Error(out)
	}
}
