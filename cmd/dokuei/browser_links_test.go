package main

import (
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// One person known to two hospitals, linked by two people and unlinked again. The script
// is links.mjs.
func TestLinksInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	site := strings.Replace(network, "rules:\n", "  - {login: root, name: 管理 太郎, name_en: Taro Kanri, role: administrator, password: a password for tests}\nrules:\n", 1)
	s := serve(t, newData(t, site))
	for _, one := range []struct{ aet, id string }{{"MINAMI_CT", "M-1"}, {"KITA_CT", "K-77"}} {
		dir, _ := slices(t, 1, func(d *dataset.Dataset, _ int) { d.SetString(tag.PatientID, "LO", one.id) })
		s.send(t, one.aet, dir)
	}
	sato, study := s.signIn(t, "sato", password), ""
	eventually(t, "both studies are on the list", func() bool { return len(sato.worklist("open")) == 2 })
	for _, w := range sato.worklist("open") {
		if sato.study(w.Study.ID).Patient.PatientID == "M-1" {
			study = w.Study.ID
		}
	}
	log := browse(t, s, "links.mjs", append(pictures(t), "PROPOSER=coord:"+password, "REVIEWER=root:"+password, "STUDY="+study, "OTHER=K-77")...)
	if steps := strings.Count(log, "ok "); steps < 5 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}
