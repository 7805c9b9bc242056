package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
)

// signed sends a study, has it read and gives the server's folder, stopped.
func signedStudy(t *testing.T) (data string) {
	t.Helper()
	data = newData(t, network)
	s := serve(t, data)
	dir, _ := slices(t, 5)
	s.send(t, "MINAMI_CT", dir)
	reader := s.signIn(t, "sato", password)
	task := reader.firstTask()
	reader.must("POST", "/workitems/"+task.ID+"/claim", map[string]any{}, nil)
	var saved struct{ Revision int64 }
	reader.must("PUT", "/workitems/"+task.ID+"/draft", map[string]any{
		"revision": 0, "language": "ja", "template": "",
		"sections": map[string]string{"findings": "異常なし。", "impression": "異常を認めません。", "recommendation": ""},
	}, &saved)
	reader.must("POST", "/workitems/"+task.ID+"/sign", map[string]any{"revision": saved.Revision}, nil)
	unread, _ := slices(t, 3)
	s.send(t, "MINAMI_CT", unread)
	eventually(t, "both studies are complete", func() bool {
		complete := 0
		for _, st := range reader.studies() {
			if st.State == "complete" {
				complete++
			}
		}
		return complete == 2
	})
	s.stop(t)
	return data
}

func objectFiles(t *testing.T, data string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(data, "objects", "objects", "*", "*", "*.dcm"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no objects: %v", err)
	}
	return files
}

func TestVerifyCommand(t *testing.T) {
	t.Parallel()
	data := signedStudy(t)
	out := mustRun(t, "verify", "--data", data)
	if !strings.Contains(out, "10 objects") || !strings.Contains(out, "0 damaged or missing") {
		t.Error(out)
	}
	files := objectFiles(t, data)
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 0x10
	if err := errors.Join(os.WriteFile(files[0], b, 0o600), os.Remove(files[1])); err != nil {
		t.Fatal(err)
	}
	out, stderr, err := tryRun(t, "verify", "--data", data, "--rate", "0")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("ended with %v: %s", err, stderr)
	}
	for n, want := range map[int]string{0: "damaged instance", 1: "missing instance"} {
		line := ""
		for l := range strings.Lines(out) {
			if strings.Contains(l, filepath.Base(files[n])) {
				line = l
			}
		}
		if !strings.HasPrefix(line, want) {
			t.Errorf("object %d: %q in\n%s", n, line, out)
		}
	}
	if _, stderr, err := tryRun(t, "verify", "--data", t.TempDir()); err == nil || !strings.Contains(stderr, "no catalog") {
		t.Errorf("an empty folder: %v, %s", err, stderr)
	}
}

// A signed version that somebody changes is found, in its row and in its documents.
func TestVerifyFindsChangedReports(t *testing.T) {
	t.Parallel()
	data := signedStudy(t)
	if out := mustRun(t, "verify", "--data", data); !strings.Contains(out, "1 signed versions of reports: 0 not as signed") {
		t.Error(out)
	}
	d, err := db.Open(t.Context(), filepath.Join(data, "dokuei.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var object string
	err = d.Read(t.Context()).QueryRowContext(t.Context(), `SELECT i.object_key FROM instances i JOIN report_documents r ON r.instance_id = i.id WHERE r.object = 'pdf'`).Scan(&object)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		for _, q := range []string{`DROP TRIGGER reports_no_update`, `UPDATE reports SET body = replace(body, '異常を認め', '腫瘤を認め')`} {
			if _, err := tx.ExecContext(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	for _, path := range objectFiles(t, data) {
		if !strings.Contains(object, strings.TrimSuffix(filepath.Base(path), ".dcm")) {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)*3/4] ^= 1 // one bit of the printed text
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, stderr, err := tryRun(t, "verify", "--data", data)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("ended with %v: %s", err, stderr)
	}
	for _, want := range []string{"damaged report ", "1 signed versions of reports: 1 not as signed", "damaged instance", "1 damaged or missing"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

// The catalog is lost; what is read stays read, what is not is read.
func TestRebuildCatalogCommand(t *testing.T) {
	t.Parallel()
	data := signedStudy(t)
	for _, f := range []string{"dokuei.db", "dokuei.db-wal", "dokuei.db-shm"} {
		if err := os.Remove(filepath.Join(data, f)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	site := strings.ReplaceAll(network, "id: minami", "id: minami2")
	mustRun(t, "apply", "-f", writeFile(t, t.TempDir()+"/other.yaml", strings.ReplaceAll(site, "facility: minami", "facility: minami2")), "--data", data)
	if _, stderr, err := tryRun(t, "rebuild-catalog", "--data", data); err == nil || !strings.Contains(stderr, `"minami"`) {
		t.Errorf("an unregistered hospital: %v, %s", err, stderr)
	}
	if err := os.Remove(filepath.Join(data, "dokuei.db")); err != nil {
		t.Fatal(err)
	}
	mustRun(t, "apply", "-f", writeFile(t, t.TempDir()+"/site.yaml", network), "--data", data)
	out := mustRun(t, "rebuild-catalog", "--data", data)
	if !strings.Contains(out, "10 catalogued (2 of them reports)") {
		t.Error(out)
	}
	if out := mustRun(t, "verify", "--data", data); !strings.Contains(out, "10 objects") {
		t.Error(out)
	}

	s := serve(t, data)
	coord := s.signIn(t, "coord", password)
	task := coord.firstTask()
	if task.Study.Instances != 3 {
		t.Errorf("on the worklist: %+v", task.Study)
	}
	if list := coord.worklist("open"); len(list) != 1 {
		t.Errorf("%d studies on the worklist, want the one that has not been read", len(list))
	}
	hospital := s.signIn(t, "minami", password)
	if n := len(hospital.studies()); n != 2 {
		t.Errorf("the hospital sees %d studies", n)
	}
	for _, st := range hospital.studies() {
		if st.Patient.Ideographic != "𠮷田^花子" {
			t.Errorf("patient %+v", st.Patient)
		}
	}
}

// A report changed in the database behind the program's back is found.
func TestVerifyFindsForgedReport(t *testing.T) {
	t.Parallel()
	data := signedStudy(t)
	d, err := db.Open(t.Context(), filepath.Join(data, "dokuei.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE reports SET body = body`); err == nil {
			return errors.New("the table takes an UPDATE")
		}
		if _, err := tx.ExecContext(ctx, `DROP TRIGGER reports_no_update`); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE reports SET body = replace(body, '異常なし', '異常あり')`)
		return err
	})
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	out, stderr, err := tryRun(t, "verify", "--data", data, "--rate", "0")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 || !strings.Contains(out, "damaged report") || !strings.Contains(stderr, "not what was signed") {
		t.Errorf("ended with %v: %s\n%s", err, stderr, out)
	}
}
