package main

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Beside the images stands how it is with the earlier studies: asked for of an archive
// that does not answer, not to be asked for, none, and here. The script is priors.mjs.
func TestPriorsStateInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	site := strings.ReplaceAll(network, "ae_titles: [MINAMI_CT]", `ae_titles: [MINAMI_CT], destinations: [{name: PACS, to: "MINAMI_PACS@127.0.0.1:`+freePort(t)+`", retrieve_only: true}]`)
	site = strings.ReplaceAll(site, "then: {panel: npo,", "then: {priors: {from: PACS, most: 2, months: 36}, panel: npo,")
	site = strings.ReplaceAll(site, "words: [脳卒中]", "words: [灌流]") // every request of slices asks about a stroke
	s := serve(t, newData(t, site))
	sato := s.signIn(t, "sato", password)
	items := map[string]string{}
	known := map[string]bool{}
	for _, one := range []struct{ state, patient, description, date string }{
		{"fetching", "P0001", "頭部灌流", "20260401"},
		{"failed", "", "頭部灌流", "20260401"},
		{"none", "P0003", "頭部単純", "20260401"},
		{"here", "P0003", "頭部単純", "20260501"},
	} {
		dir, _ := slices(t, 2, func(d *dataset.Dataset, _ int) {
			d.SetString(tag.PatientID, "LO", one.patient)
			d.SetString(tag.StudyDescription, "LO", one.description)
			d.SetString(tag.StudyDate, "DA", one.date)
			d.SetString(tag.AccessionNumber, "SH", one.state)
		})
		s.send(t, "MINAMI_CT", dir)
		eventually(t, "it is a task, "+one.state, func() bool {
			var work struct {
				Items []struct{ ID, Readiness string }
			}
			sato.must("GET", "/worklist", nil, &work)
			for _, i := range work.Items {
				if i.Readiness == "READY" && !known[i.ID] {
					known[i.ID], items[one.state] = true, i.ID
				}
			}
			return items[one.state] != ""
		})
	}
	eventually(t, "the fetch without a Patient ID is given up", func() bool {
		var opened struct {
			Study struct{ Priors *struct{ State string } }
		}
		sato.must("GET", "/workitems/"+items["failed"]+"/opening", nil, &opened)
		return opened.Study.Priors != nil && opened.Study.Priors.State == "failed"
	})
	text, err := json.Marshal(items)
	if err != nil {
		t.Fatal(err)
	}
	log := browse(t, s, "priors.mjs", append(pictures(t), "READER=sato:"+password, "ITEMS="+string(text))...)
	for state := range maps.Keys(items) {
		if strings.Count(log, "ok "+state) != 2 {
			t.Errorf("%s:\n%s", state, log)
		}
	}
}
