package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// A hospital in a disaster: the main service is gone, the mirror shows the worklist,
// images and signed reports, and refuses every change.
func TestMirrorServesWhenThePrimaryIsDead(t *testing.T) {
	t.Parallel()
	data, target := signedStudy(t), filepath.Join(t.TempDir(), "second site")
	primary := serve(t, data)
	mustRun(t, "mirror", target, "--once", "--data", data)
	late, _ := slices(t, 2)
	primary.send(t, "MINAMI_CT", late)
	mustRun(t, "mirror", target, "--once", "--data", data)
	primary.kill(t)

	if _, stderr, err := tryRun(t, "serve", "--data", t.TempDir(), "--mirror", target, "--dicom-addr", "off", "--http-addr", "127.0.0.1:0"); err == nil || !strings.Contains(stderr, "--read-only") {
		t.Errorf("a mirror that takes changes: %v, %s", err, stderr)
	}
	s := serve(t, filepath.Join(t.TempDir(), "standby"), "--read-only", "--mirror", target)
	reader := s.signIn(t, "sato", password)
	var me struct{ CopyOf string }
	reader.must("GET", "/session", nil, &me)
	if me.CopyOf == "" {
		t.Error("the reader is not told that this is a copy")
	}
	task := reader.firstTask()
	if status, raw, _ := reader.raw("POST", "/workitems/"+task.ID+"/claim", map[string]any{}); status != 503 || !strings.Contains(string(raw), "read_only") {
		t.Errorf("claim: %d %s", status, raw)
	}
	hospital := s.signIn(t, "minami", password)
	if n := len(hospital.studies()); n != 3 {
		t.Errorf("the hospital sees %d studies, want also the one that came after the first copy", n)
	}
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
	dir, _ := slices(t, 1)
	if out, _, err := tryRun(t, "send", "--to", s.DICOM, "--aet", "MINAMI_CT", "--aec", "DOKUEI", "--no-resume", "--tries", "1", dir); err == nil {
		t.Errorf("an image was taken:\n%s", out)
	}
	out := mustOutput(t, "findscu", "-v", "-S", "-aet", "MINAMI_CT", "-aec", "DOKUEI", "localhost", s.port(t), "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID")
	if strings.Count(out, "Pending") < 3 {
		t.Errorf("C-FIND:\n%s", out)
	}
}
