package main

import (
	"encoding/csv"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Text of an attacker: as HTML, script, template, formula, with marks that turn the
// direction of what follows, control characters and terminal sequences. HOSTILE marks
// it, and no log may hold that.
const (
	hostileName    = "HOSTILE<img/src=x onerror=owned=1>^\"'><b>"
	hostileKanji   = "\u202e郎太<svg/onload=owned=1>^{{7*7}}"
	hostileText    = "=HOSTILE{{7*7}}<script>owned=1</script><img src=x onerror=\"owned=1\">\u202egnp.exe\u202c"
	hostileFormula = "=HYPERLINK(\"javascript:owned=1\",\"HOSTILE\")<"
)

// hostileStudy is a study of two slices all of whose texts are hostile.
func hostileStudy(t *testing.T) (dir string) {
	dir, _ = slices(t, 2, func(d *dataset.Dataset, _ int) {
		d.SetString(tag.PatientName, "PN", hostileName+"="+hostileKanji)
		d.SetString(tag.StudyDescription, "LO", "HOSTILE\"><svg/onload=owned=1>\x1b[31m\u202e")
		d.SetString(tag.SeriesDescription, "LO", hostileFormula)
		d.SetString(tag.ReferringPhysicianName, "PN", hostileName)
		d.SetString(tag.AccessionNumber, "SH", "<b>H")
		d.SetString(tag.PatientID, "LO", "<img src=x onerror=owned=1>"+d.String(tag.StudyInstanceUID)[len(d.String(tag.StudyInstanceUID))-6:])
	})
	return dir
}

// Hostile text on its whole way: in by C-STORE and over the API, out on every page, in
// CSV, PDF and on a terminal. It is text everywhere, and in no log.
func TestHostileText(t *testing.T) {
	t.Parallel()
	site := strings.Replace(network, "name: 伊藤 健,", "name: '伊藤 <img src=x onerror=owned=1> HOSTILE',", 1)
	s := serve(t, newData(t, site), "--log-level", "debug")
	password := "a password for tests"
	sato, minami, coord := s.signIn(t, "sato", password), s.signIn(t, "minami", password), s.signIn(t, "coord", password)
	first, second := hostileStudy(t), hostileStudy(t)
	s.send(t, "MINAMI_CT", first)
	task := sato.firstTask()
	sato.must("POST", "/workitems/"+task.ID+"/claim", map[string]any{}, nil)
	sato.must("PUT", "/workitems/"+task.ID+"/draft", map[string]any{
		"revision": 0, "language": "ja", "template": "", "sections": map[string]string{"findings": hostileText, "impression": hostileText, "recommendation": "</p>" + hostileText},
	}, nil)
	var report struct{ ID string }
	sato.must("POST", "/workitems/"+task.ID+"/sign", map[string]any{"revision": 1}, &report)
	study := task.Study.ID
	minami.must("POST", "/rooms/"+study+"/messages", map[string]any{"id": "", "body": hostileText + "\x1b[2J\x07"}, nil)
	s.send(t, "MINAMI_CT", second)
	eventually(t, "the second study is on the list", func() bool { return len(sato.worklist("open")) == 1 })

	t.Run("CSV", func(t *testing.T) {
		_, raw, header := minami.raw("GET", "/rooms/"+study+"/export?format=csv", nil)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff"))).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Fatalf("%v: %s", err, raw)
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) || strings.Contains(cell, "\x1b") {
					t.Errorf("cell %q", cell)
				}
			}
		}
		if d := header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") || strings.Contains(d, "HOSTILE") {
			t.Errorf("disposition %q", d)
		}
		_, raw, _ = coord.raw("GET", "/indicators?format=csv", nil)
		for line := range strings.Lines(string(raw)) {
			if strings.HasPrefix(line, "=") || strings.Contains(line, ",=") {
				t.Errorf("line %q", line)
			}
		}
	})
	t.Run("PDF", func(t *testing.T) {
		_, raw, header := minami.raw("GET", "/reports/"+report.ID+"/pdf", nil)
		for _, active := range []string{"/JavaScript", "/JS", "/OpenAction", "/Launch", "/AA", "/URI"} {
			if strings.Contains(string(raw), active) {
				t.Errorf("the PDF has %s", active)
			}
		}
		if d := header.Get("Content-Disposition"); strings.Contains(d, "HOSTILE") || strings.ContainsAny(d, "<>") {
			t.Errorf("disposition %q", d)
		}
		text := mustOutput(t, "pdftotext", writeFile(t, filepath.Join(t.TempDir(), "r.pdf"), string(raw)), "-")
		if !strings.Contains(strings.Join(strings.Fields(text), ""), "<script>owned=1</script>") || strings.ContainsAny(text, "\x1b\u202e") {
			t.Errorf("the PDF says %q", text)
		}
	})
	t.Run("terminal", func(t *testing.T) {
		files, err := filepath.Glob(filepath.Join(first, "*"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, out := range []string{mustRun(t, "dump", files[0]), mustRun(t, "audit", "export", "--data", s.Data), mustRun(t, "token", "list", "--data", s.Data)} {
			if strings.ContainsAny(out, "\x1b\x07\u202e") {
				t.Errorf("a terminal would obey: %q", out)
			}
		}
	})
	t.Run("pages", func(t *testing.T) {
		browser(t)
		log := browse(t, s, "hostile.mjs", append(pictures(t), "READER=sato:"+password, "HOSPITAL=minami:"+password, "COORDINATOR=coord:"+password, "STUDY="+study)...)
		if steps := strings.Count(log, "ok "); steps < 15 {
			t.Errorf("%d pages:\n%s", steps, log)
		}
	})
	log := s.log.String()
	for _, mark := range []string{"HOSTILE", "owned", "onerror", "\x1b", "郎太", "\u202e"} {
		if i := strings.Index(log, mark); i >= 0 {
			t.Errorf("the log has %q: %s", mark, log[max(0, i-300):min(len(log), i+80)])
		}
	}
}
