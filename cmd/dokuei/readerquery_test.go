package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// A reader's own workstation finds, gets and is sent what the pages show its reader: the
// study to be read and, with link and consent, the prior of another hospital, without
// the patient's identity where the hospital wants that. By DCMTK's tools.
func TestReaderRetrieves(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"findscu", "getscu", "movescu", "storescp", "echoscu"} {
		tool(t, name)
	}
	sink := receiver(t, "SATO_WS")
	site := strings.NewReplacer(
		"ae_titles: [KITA_CT], quiet: 1s", "ae_titles: [KITA_CT], quiet: 1s, pseudonymous: true",
		"readers: [sato, ito]}", "readers: [sato]}\n  - {id: far, name: 遠隔班, readers: [ito]}",
		"{login: sato,", `{login: sato, ae_titles: ["SATO_WS@127.0.0.1:`+sink.port+`"],`, "{login: ito,", "{login: ito, ae_titles: [ITO_WS],",
		"rules:\n", "  - {login: root, name: 管理 太郎, role: administrator, password: a password for tests}\nrules:\n  - {name: kita, when: {facility: [kita]}, then: {panel: far, priority: STAT, within: 30m}}\n",
	).Replace(network)
	s := serve(t, newData(t, site))
	current, currentUID := slices(t, 1)
	prior, priorUID := slices(t, 2, func(d *dataset.Dataset, _ int) { d.SetString(tag.PatientID, "LO", "K-77") })
	s.send(t, "MINAMI_CT", current)
	s.send(t, "KITA_CT", prior)
	ito, sato, kita, coord, root := s.signIn(t, "ito", password), s.signIn(t, "sato", password), s.signIn(t, "kita", password), s.signIn(t, "coord", password), s.signIn(t, "root", password)
	eventually(t, "both studies are on lists", func() bool { return len(ito.worklist("open")) == 1 && len(sato.worklist("open")) == 1 })

	get := func(study string, want int) (list []*dataset.Dataset) {
		t.Helper()
		dir := t.TempDir()
		out, err := output(t, "getscu", "-to", "10", "-td", "60", "-aet", "SATO_WS", "-aec", "DOKUEI", "-od", dir, "127.0.0.1", s.port(t), "-S",
			"-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID="+study)
		for _, path := range files(t, dir) {
			list = append(list, readObject(t, path))
		}
		if err != nil || len(list) != want {
			t.Errorf("getscu of %s: %d objects, want %d, %v\n%s", study, len(list), want, err, out)
		}
		return list
	}
	find := func(study string) []*dataset.Dataset {
		t.Helper()
		return s.asked(t, "SATO_WS", "-S", "-k", "0008,0005=ISO_IR 192", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID="+study, "-k", "PatientName", "-k", "PatientID", "-k", "PatientBirthDate",
			"-k", "NumberOfStudyRelatedInstances")
	}
	if list := find(currentUID); len(list) != 1 || !strings.Contains(list[0].String(tag.PatientName), "Yoshida") {
		t.Errorf("the study to be read: %d answers", len(list))
	}
	get(currentUID, 1)
	get(priorUID, 0)
	if list := find(priorUID); len(list) != 0 {
		t.Error("a prior is found without consent")
	}

	studyIDs := map[bool]string{}
	for mine, u := range map[bool]*user{true: sato, false: ito} {
		studyIDs[mine] = u.worklist("open")[0].Study.ID
	}
	patient := func(study string) string {
		var of struct{ Patient struct{ ID string } }
		coord.must("GET", "/studies/"+study+"/links", nil, &of)
		return of.Patient.ID
	}
	var link struct{ ID string }
	coord.must("POST", "/links", map[string]string{"patient": patient(studyIDs[true]), "other": patient(studyIDs[false]), "reason": "one person with one address"}, &link)
	root.must("POST", "/links/"+link.ID+"/review", map[string]string{"verdict": "confirmed"}, nil)
	given := map[string]any{"kind": "given", "facilities": []string{"minami"}, "images": true, "reports": false, "document": "binder 3"}
	kita.must("POST", "/studies/"+studyIDs[false]+"/consents", given, nil)

	known := []string{"Yoshida", "花子", "はなこ", "K-77", "19480203", "Tanaka", "ACC1"}
	unknown := func(what string, list []*dataset.Dataset) {
		t.Helper()
		for _, d := range list {
			for _, at := range d.Tags() {
				for _, v := range d.Strings(at) {
					for _, word := range known {
						if strings.Contains(v, word) {
							t.Errorf("%s: %s is %q", what, at, v)
						}
					}
				}
			}
		}
	}
	list := find(priorUID)
	if len(list) != 1 || list[0].String(tag.NumberOfStudyRelatedInstances) != "2" || list[0].String(tag.PatientName) == "" {
		t.Fatalf("with consent the prior is found %d times", len(list))
	}
	unknown("C-FIND", list)
	objects := get(priorUID, 2)
	unknown("C-GET", objects)
	for _, d := range objects {
		if d.String(tag.PatientName) != list[0].String(tag.PatientName) || d.String(tag.PatientIdentityRemoved) != "YES" {
			t.Errorf("the object is of %q, the answer of %q", d.String(tag.PatientName), list[0].String(tag.PatientName))
		}
	}

	eventually(t, "storescp listens", func() bool {
		return exec.Command("echoscu", "-aec", "SATO_WS", "127.0.0.1", sink.port).Run() == nil
	})
	move := func(aet, to, study string) (string, error) {
		return output(t, "movescu", "-v", "-to", "10", "-td", "60", "-aet", aet, "-aec", "DOKUEI", "-aem", to, "127.0.0.1", s.port(t), "-S",
			"-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID="+study)
	}
	if out, err := move("SATO_WS", "SATO_WS", priorUID); err != nil {
		t.Errorf("movescu: %v\n%s", err, out)
	}
	eventually(t, "the workstation has the prior", func() bool { return len(files(t, sink.dir)) == 2 })
	for _, path := range files(t, sink.dir) {
		unknown("C-MOVE", []*dataset.Dataset{readObject(t, path)})
	}
	if out, err := move("ITO_WS", "SATO_WS", priorUID); err == nil || !strings.Contains(out, "MoveDestinationUnknown") {
		t.Errorf("somebody else's workstation: %v\n%s", err, out)
	}

	kita.must("POST", "/studies/"+studyIDs[false]+"/consents", map[string]any{"kind": "withdrawn"}, nil)
	get(priorUID, 0)
	if list := find(priorUID); len(list) != 0 {
		t.Error("a prior is found after the consent was withdrawn")
	}
	var trail []struct{ Actor, Detail string }
	coord.must("POST", "/audit/search", map[string]string{"action": "study.retrieved"}, &trail)
	said := fmt.Sprint(trail)
	for _, want := range []string{"C-GET-RQ, 1 instances", "C-GET-RQ, 2 instances", "C-MOVE-RQ to SATO_WS, 2 instances"} {
		if !strings.Contains(said, want) {
			t.Errorf("the trail lacks %q: %s", want, said)
		}
	}
}
