package main

import (
	"bytes"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The main job, whole: from a C-STORE to a signed report in the hospital's
// hands, through public doors and other makers' programs.
func TestFromScannerToSignedReport(t *testing.T) {
	t.Parallel()
	storescu := tool(t, "storescu")
	pacs := receiver(t, "PACS")
	data := newData(t, network)
	mustRun(t, "apply", "--data", data, "-f", writeFile(t, t.TempDir()+"/back.yaml", `
facilities:
  - id: minami
    name: 南病院
    name_en: Minami Hospital
    ae_titles: [MINAMI_CT]
    quiet: 1s
    destinations: [{name: PACS, to: "PACS@127.0.0.1:`+pacs.port+`", objects: [sr, pdf]}]
`))
	s := serve(t, data)

	dir, _ := slices(t, 12)
	out, err := exec.CommandContext(t.Context(), storescu, "-aet", "MINAMI_CT", "-aec", "DOKUEI", "+sd", "127.0.0.1", s.port(t), dir).CombinedOutput()
	if err != nil {
		t.Fatalf("storescu: %v\n%s", err, out)
	}

	reader := s.signIn(t, "sato", password)
	task := reader.firstTask()
	if task.Priority != "STAT" || task.Study == nil || task.Study.Instances != 12 || task.Study.Patient.Ideographic != "𠮷田^花子" {
		t.Fatalf("task is %+v of %+v", task, task.Study)
	}
	chosen := ""
	for _, r := range task.Reasons {
		if r.Matched && chosen == "" {
			chosen = r.Rule
		}
	}
	if chosen != "stroke" {
		t.Errorf("decision does not name the rule: %+v", task.Reasons)
	}

	reader.must("POST", "/workitems/"+task.ID+"/claim", map[string]any{}, nil)
	if status := s.signIn(t, "ito", password).call("POST", "/workitems/"+task.ID+"/claim", map[string]any{}, nil); status != http.StatusConflict {
		t.Errorf("second claim: status %d, want 409", status)
	}

	st := reader.study(task.Study.ID)
	first := st.SeriesList[0].Instances[0]
	if status, raw, h := reader.raw("GET", "/instances/"+first.ID+"/frames/1", nil); status != http.StatusOK || len(raw) != 64*64*2 || h.Get("X-Dokuei-Signed") != "true" {
		t.Errorf("frame: status %d, %d bytes, signed %s", status, len(raw), h.Get("X-Dokuei-Signed"))
	}
	for _, picture := range []string{"thumbnail", "preview"} {
		if status, raw, h := reader.raw("GET", "/instances/"+first.ID+"/"+picture, nil); status != http.StatusOK || h.Get("Content-Type") != "image/jpeg" || !bytes.HasPrefix(raw, []byte{0xff, 0xd8}) || h.Get("X-Dokuei-Placeholder") != "" {
			t.Errorf("%s: status %d, %s, placeholder %q", picture, status, h.Get("Content-Type"), h.Get("X-Dokuei-Placeholder"))
		}
	}

	var saved struct{ Revision int64 }
	reader.must("PUT", "/workitems/"+task.ID+"/draft", map[string]any{
		"revision": 0, "language": "ja", "template": "",
		"sections": map[string]string{
			"findings":       "右被殻に高吸収域を認め、急性期の脳内出血と考えます。\n髙橋先生の前回検査と比較し増大あり。",
			"impression":     "右被殻出血。",
			"recommendation": "脳神経外科への緊急コンサルトを推奨します。",
		},
		"marks": map[string]any{"critical": map[string]string{"level": "red", "finding": "右被殻出血"}},
	}, &saved)
	var report struct{ ID, ContentHash string }
	reader.must("POST", "/workitems/"+task.ID+"/sign", map[string]any{"revision": saved.Revision}, &report)

	hospital := s.signIn(t, "minami", password)
	var sent study
	eventually(t, "the hospital's PACS has both objects", func() bool {
		sent = hospital.study(task.Study.ID)
		return sent.Deliveries.Delivered == 2
	})
	if sent.ReportState != "final" || sent.ReportID == nil || *sent.ReportID != report.ID {
		t.Errorf("hospital sees report state %s", sent.ReportState)
	}
	if status, raw, _ := hospital.raw("GET", "/reports/"+report.ID, nil); status != http.StatusOK || !strings.Contains(string(raw), "右被殻出血。") {
		t.Errorf("hospital reads the report: status %d: %.300s", status, raw)
	}
	if status, raw, _ := hospital.raw("GET", "/reports/"+report.ID+"/pdf", nil); status != http.StatusOK || !bytes.HasPrefix(raw, []byte("%PDF-")) {
		t.Errorf("pdf: status %d", status)
	}
	hospital.must("POST", "/studies/"+task.Study.ID+"/received", map[string]any{}, nil)
	if hospital.study(task.Study.ID).ReceivedAck == nil {
		t.Error("the acknowledgement is not shown")
	}

	other := s.signIn(t, "kita", password)
	for _, path := range []string{"/studies/" + task.Study.ID, "/reports/" + report.ID, "/reports/" + report.ID + "/pdf", "/instances/" + first.ID + "/thumbnail"} {
		if status := other.call("GET", path, nil, nil); status != http.StatusNotFound {
			t.Errorf("another hospital asks %s: status %d, want 404", path, status)
		}
	}
	if n := len(other.studies()); n != 0 {
		t.Errorf("another hospital sees %d studies", n)
	}

	checkObjects(t, pacs.dir)
}

// checkObjects lets other makers' programs judge what arrived.
func checkObjects(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("the receiver holds %v, want SR and PDF (%v)", files, err)
	}
	for _, f := range files {
		out, _ := output(t, "dciodvfy", f)
		for _, line := range strings.Split(out, "\n") {
			if strings.HasPrefix(line, "Error") {
				t.Errorf("dciodvfy %s: %s", filepath.Base(f), line)
			}
		}
		class := mustOutput(t, "dcmdump", "+P", "SOPClassUID", f)
		switch {
		case strings.Contains(class, "BasicTextSRStorage"):
			if text := mustOutput(t, "dsrdump", f); !strings.Contains(text, "右被殻出血") {
				t.Errorf("dsrdump does not print the impression:\n%s", text)
			}
		case strings.Contains(class, "EncapsulatedPDFStorage"):
		default:
			t.Errorf("%s is neither SR nor PDF", f)
		}
	}
}

// sink is DCMTK's storescp standing in for a hospital's PACS.
type sink struct{ port, dir string }

func receiver(t testing.TB, ae string) sink {
	t.Helper()
	s := sink{port: freePort(t), dir: t.TempDir()}
	cmd := exec.Command(tool(t, "storescp"), "-aet", ae, "-od", s.dir, s.port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return s
}

// A reader gives a study back: the same study is on the list again, as a new
// Workitem that names the old one.
func TestReleaseAndLateInstance(t *testing.T) {
	t.Parallel()
	s := serve(t, newData(t, network))
	dir, _ := slices(t, 4)
	s.send(t, "MINAMI_CT", filepath.Join(dir, "001.dcm"), filepath.Join(dir, "002.dcm"), filepath.Join(dir, "003.dcm"))
	reader := s.signIn(t, "sato", password)
	task := reader.firstTask()
	reader.must("POST", "/workitems/"+task.ID+"/claim", map[string]any{}, nil)
	var out struct{ Released, Replacement workitem }
	reader.must("POST", "/workitems/"+task.ID+"/release", map[string]string{"reason": "専門外"}, &out)
	if out.Released.State != "CANCELED" || out.Replacement.State != "SCHEDULED" || out.Replacement.Replaces == nil || *out.Replacement.Replaces != task.ID {
		t.Fatalf("released %+v, replacement %+v", out.Released, out.Replacement)
	}

	// A late image reopens the study, and the reader sees that.
	s.send(t, "MINAMI_CT", filepath.Join(dir, "004.dcm"))
	eventually(t, "the late image is in and the study whole again", func() bool {
		now := reader.study(task.Study.ID)
		return now.Reopened == 1 && now.Instances == 4 && now.State == "complete"
	})
	open := reader.worklist("open")
	if len(open) != 1 || open[0].ID != out.Replacement.ID {
		t.Errorf("open list after the late image: %+v", open)
	}
}

// A study whose last image was acknowledged just before a crash is released
// after the restart, and not before.
func TestCrashBetweenLastImageAndRelease(t *testing.T) {
	t.Parallel()
	data := newData(t, strings.ReplaceAll(network, "quiet: 1s", "quiet: 4s"))
	s := serve(t, data)
	dir, _ := slices(t, 20)
	s.send(t, "MINAMI_CT", dir)
	s.kill(t)

	s = serve(t, data)
	reader := s.signIn(t, "sato", password)
	begun := time.Now()
	task := reader.firstTask()
	t.Logf("released %v after the restart", time.Since(begun).Round(time.Millisecond))
	if st := reader.study(task.Study.ID); st.Instances != 20 || st.State != "complete" {
		t.Errorf("after the crash: %d instances, %s", st.Instances, st.State)
	}
}
