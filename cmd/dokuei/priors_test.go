package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// archiveOf starts DCMTK's archive as a hospital's PACS: it knows our receiver and keeps
// what is sent to it.
func archiveOf(t *testing.T, ae, port, ours string) {
	t.Helper()
	dir := t.TempDir()
	store := filepath.Join(dir, "store")
	if err := os.Mkdir(store, 0o700); err != nil {
		t.Fatal(err)
	}
	cfg := writeFile(t, filepath.Join(dir, "qr.cfg"), "NetworkTCPPort = "+port+"\nMaxPDUSize = 16384\nMaxAssociations = 16\nHostTable BEGIN\nours = (DOKUEI, 127.0.0.1, "+ours+
		")\nHostTable END\nVendorTable BEGIN\nVendorTable END\nAETable BEGIN\n"+ae+" "+store+" RW (100, 1024mb) ANY\nAETable END\n")
	cmd := exec.Command(tool(t, "dcmqrscp"), "-c", cfg)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	eventually(t, "the archive answers", func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}

// A rule fetches earlier studies from the hospital's own archive: they are there to be
// compared with and are nobody's task; what comes unasked is one.
func TestPriorsFetchedByARule(t *testing.T) {
	t.Parallel()
	for name, extra := range map[string]string{"names": "", "pseudonyms": ", pseudonymous: true"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testPriorsFetched(t, extra)
		})
	}
}

func testPriorsFetched(t *testing.T, extra string) {
	port := freePort(t)
	site := strings.ReplaceAll(network, "ae_titles: [MINAMI_CT]", `ae_titles: [MINAMI_CT, MINAMI_PACS]`+extra+`, destinations: [{name: PACS, to: "MINAMI_PACS@127.0.0.1:`+port+`", retrieve_only: true}]`)
	site = strings.ReplaceAll(site, "then: {panel: npo,", "then: {priors: {from: PACS, most: 2, months: 36}, panel: npo,")
	site = strings.ReplaceAll(site, "fallback: {panel: npo,", "fallback: {priors: {from: PACS, most: 2, months: 36}, panel: npo,")
	data := newData(t, site)
	s := serve(t, data)
	archiveOf(t, "MINAMI_PACS", port, s.port(t))

	// What the archive has: two heads of the patient, a third that is too old, and the
	// head of somebody else.
	old := func(date, patient, accession string) {
		dir, _ := slices(t, 2, func(d *dataset.Dataset, _ int) {
			d.SetString(tag.StudyDate, "DA", date)
			d.SetString(tag.PatientID, "LO", patient)
			d.SetString(tag.AccessionNumber, "SH", accession)
		})
		mustOutput(t, "dcmsend", "-aec", "MINAMI_PACS", "--scan-directories", "127.0.0.1", port, dir)
	}
	old("20250310", "P0001", "A1")
	old("20240901", "P0001", "A2")
	old("20200101", "P0001", "A3")
	old("20250401", "P0002", "A4")

	dir, _ := slices(t, 3)
	s.send(t, "MINAMI_CT", dir)
	sato := s.signIn(t, "sato", password)
	task := sato.firstTask()
	var opened struct {
		Study struct {
			ID      string
			Patient struct{ PatientID string }
			Priors  *struct {
				From, State, Reason           string
				Found, Here, Fetched, Lacking int
			}
		}
	}
	eventually(t, "the earlier studies are here", func() bool {
		sato.must("GET", "/workitems/"+task.ID+"/opening", nil, &opened)
		p := opened.Study.Priors
		return p != nil && p.State != "waiting"
	})
	if p := *opened.Study.Priors; p.State != "done" || p.From != "PACS" || p.Found != 2 || p.Fetched != 2 || p.Here != 0 || p.Lacking != 0 || p.Reason != "" {
		t.Errorf("%+v", p)
	}
	if veiled := opened.Study.Patient.PatientID != "P0001"; veiled != (extra != "") {
		t.Errorf("the reader sees the patient as %s", opened.Study.Patient.PatientID)
	}
	type study struct {
		ID, State string
		Instances int
		AsPrior   bool
	}
	var list []study
	eventually(t, "they are whole", func() bool {
		sato.must("GET", "/studies/"+opened.Study.ID+"/priors", nil, &list)
		return len(list) == 2 && list[0].State == "complete" && list[1].State == "complete"
	})
	for _, one := range list {
		var page study
		if sato.must("GET", "/studies/"+one.ID, nil, &page); !page.AsPrior || page.Instances != 2 {
			t.Errorf("%+v", page)
		}
	}
	var work struct{ Items []struct{ ID string } }
	if sato.must("GET", "/worklist", nil, &work); len(work.Items) != 1 {
		t.Errorf("%d items: an earlier study is somebody's task", len(work.Items))
	}

	// The next study finds them here; a study that nobody has asked for is a task.
	next, _ := slices(t, 2, func(d *dataset.Dataset, _ int) {
		d.SetString(tag.StudyDate, "DA", "20260402")
		d.SetString(tag.AccessionNumber, "SH", "ACC2")
	})
	s.send(t, "MINAMI_CT", next)
	unasked, _ := slices(t, 2, func(d *dataset.Dataset, _ int) {
		d.SetString(tag.StudyDate, "DA", "20240101")
		d.SetString(tag.AccessionNumber, "SH", "ACC3")
	})
	s.send(t, "MINAMI_PACS", unasked)
	eventually(t, "three tasks", func() bool {
		sato.must("GET", "/worklist", nil, &work)
		return len(work.Items) == 3
	})

	// A start looks for studies without a task: these have none for a reason.
	s.stop(t)
	s = serve(t, data)
	sato = s.signIn(t, "sato", password)
	if sato.must("GET", "/worklist", nil, &work); len(work.Items) != 3 {
		t.Errorf("%d items after a start", len(work.Items))
	}
	if log := s.log.String(); strings.Contains(log, "Yoshida") || strings.Contains(log, "P0001") {
		t.Error("the log names the patient")
	}
}
