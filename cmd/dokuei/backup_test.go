package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db/dbtest"
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
	if out := mustRun(t, "backup", store, "--data", data); !strings.Contains(out, "12 images") || !strings.Contains(out, "2 of them copied") {
		t.Error(out)
	}
	if out := mustRun(t, "backup", store, "--check"); !strings.Contains(out, "catalog whole, 12 images") {
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
	if out := mustRun(t, "verify", "--data", fresh); !strings.Contains(out, "12 objects") {
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
	reader := s.signIn(t, "sato", password)
	eventually(t, "the late study is on the worklist", func() bool { return len(reader.worklist("open")) == 2 })
	if _, stderr, err := tryRun(t, "restore", store, "--data", fresh); err == nil || !strings.Contains(stderr, "a catalog already") {
		t.Errorf("over a catalog: %v, %s", err, stderr)
	}
}

// With the catalog in PostgreSQL, images go both ways; the catalog has tools of its
// own.
func TestBackupOfImagesOnly(t *testing.T) {
	t.Parallel()
	database, data, store := dbtest.Postgres(t), t.TempDir(), filepath.Join(t.TempDir(), "backup")
	mustRun(t, "apply", "--data", data, "--db", database, "-f", writeFile(t, t.TempDir()+"/site.yaml", network))
	s := serve(t, data, "--db", database)
	dir, _ := slices(t, 3)
	s.send(t, "MINAMI_CT", dir)
	s.stop(t)
	if out := mustRun(t, "backup", store, "--data", data, "--db", database); !strings.Contains(out, "images only: 3 images") {
		t.Error(out)
	}
	if err := os.RemoveAll(filepath.Join(data, "objects")); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "restore", store, "--data", data, "--db", database)
	if out := mustRun(t, "verify", "--data", data, "--db", database); !strings.Contains(out, "3 objects") || !strings.Contains(out, "0 damaged") {
		t.Error(out)
	}
}
