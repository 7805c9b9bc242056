package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/db"
)

// asked runs findscu as a calling AE title and reads the answers it wrote.
func (s *server) asked(t testing.TB, aet string, args ...string) []*dataset.Dataset {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), tool(t, "findscu"), append([]string{"-to", "10", "-td", "60", "-aet", aet, "-aec", "DOKUEI", "-X", "127.0.0.1", s.port(t)}, args...)...)
	cmd.Dir = t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("findscu %v: %v\n%s", args, err, out)
	}
	files, err := filepath.Glob(filepath.Join(cmd.Dir, "rsp*.dcm"))
	if err != nil {
		t.Fatal(err)
	}
	var answers []*dataset.Dataset
	for _, path := range files {
		answers = append(answers, readObject(t, path))
	}
	return answers
}

func readObject(t testing.TB, path string) *dataset.Dataset {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, d, _, err := dataset.ReadFile(bytes.NewReader(raw), stream.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return d
}

func files(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, filepath.Join(dir, e.Name()))
	}
	return list
}

// Two hospitals with the same patient: each finds, gets and moves its own
// study, by DCMTK's tools, and learns nothing of the other's.
func TestQueryAndRetrieve(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"findscu", "getscu", "movescu", "storescp", "echoscu"} {
		tool(t, name)
	}
	sink := receiver(t, "MINAMI_WS")
	data := newData(t, network)
	mustRun(t, "apply", "--data", data, "-f", writeFile(t, t.TempDir()+"/ws.yaml", `
facilities:
  - id: minami
    name: 南病院
    ae_titles: [MINAMI_CT, MINAMI_WS]
    quiet: 1s
    destinations: [{name: workstation, to: "MINAMI_WS@127.0.0.1:`+sink.port+`", retrieve_only: true}]
`))
	s := serve(t, data)
	mine, mineUID := slices(t, 5)
	theirs, theirsUID := slices(t, 3)
	s.send(t, "MINAMI_CT", mine)
	s.send(t, "KITA_CT", theirs)

	study := []string{"-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID"}
	keys := func(more ...string) []string {
		args := append([]string{}, study...)
		for _, k := range more {
			args = append(args, "-k", k)
		}
		return args
	}
	answers := s.asked(t, "MINAMI_WS", keys("0008,0005=ISO_IR 192", "PatientName=吉田*", "PatientID")...)
	if len(answers) != 0 {
		t.Error("another character than the patient's: 吉 is not 𠮷")
	}
	answers = s.asked(t, "MINAMI_WS", keys("0008,0005=ISO_IR 192", "PatientName=よしだ*", "PatientID=P*", "StudyDate=20260401", "ModalitiesInStudy=CT",
		"NumberOfStudyRelatedSeries", "NumberOfStudyRelatedInstances", "StudyDescription", "InstanceAvailability", "PatientComments")...)
	if len(answers) != 1 {
		t.Fatalf("%d answers", len(answers))
	}
	for at, want := range map[tag.Tag]string{
		tag.StudyInstanceUID: mineUID, tag.PatientName: "Yoshida^Hanako=𠮷田^花子=よしだ^はなこ", tag.NumberOfStudyRelatedInstances: "5",
		tag.NumberOfStudyRelatedSeries: "1", tag.StudyDescription: "頭部単純CT", tag.RetrieveAETitle: "DOKUEI", tag.InstanceAvailability: "ONLINE",
		tag.QueryRetrieveLevel: "STUDY", tag.SpecificCharacterSet: "ISO_IR 192",
	} {
		if got := answers[0].String(at); got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
	if answers[0].Has(tag.PatientComments) {
		t.Error("a key that is not kept is answered")
	}

	// What is not theirs does not exist for them, however they ask.
	for _, k := range [][]string{
		keys("PatientID=P0001", "AccessionNumber=*"), keys("StudyInstanceUID=" + theirsUID), keys("PatientID=' OR '1'='1"),
		{"-S", "-k", "QueryRetrieveLevel=IMAGE", "-k", "SOPInstanceUID", "-k", "StudyInstanceUID=" + theirsUID},
		{"-P", "-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID", "-k", "NumberOfPatientRelatedInstances"},
	} {
		for _, d := range s.asked(t, "MINAMI_CT", k...) {
			if u := d.String(tag.StudyInstanceUID); u != mineUID && u != "" || d.String(tag.NumberOfPatientRelatedInstances) == "8" {
				t.Errorf("%v shows %s", k, u)
			}
		}
	}

	get := func(want int, args ...string) []string {
		t.Helper()
		dir := t.TempDir()
		_, err := output(t, "getscu", append([]string{"-to", "10", "-td", "60", "-aet", "MINAMI_WS", "-aec", "DOKUEI", "-od", dir, "127.0.0.1", s.port(t)}, args...)...)
		list := files(t, dir)
		if err != nil || len(list) != want {
			t.Errorf("getscu %v: %d objects, want %d, %v", args, len(list), want, err)
		}
		return list
	}
	got := get(5, "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID="+mineUID)
	get(0, "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID="+theirsUID)
	get(5, "-P", "-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID=P0001")
	get(0, "-P", "-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID=P0*")
	sent := map[string]string{}
	for _, path := range append(files(t, mine), got...) {
		f, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, d, p, err := dataset.ReadFile(bytes.NewReader(f), stream.Limits{})
		if err != nil || p == nil {
			t.Fatal(path, err)
		}
		var pixels bytes.Buffer
		if _, err := pixels.ReadFrom(p.Reader()); err != nil {
			t.Fatal(err)
		}
		key := d.String(tag.SOPInstanceUID)
		if was, ok := sent[key]; ok && was != pixels.String() {
			t.Errorf("pixels of %s differ", key)
		}
		sent[key] = pixels.String()
	}
	if len(sent) != 5 {
		t.Errorf("%d instances came back that were sent", len(sent))
	}

	eventually(t, "storescp listens", func() bool {
		return exec.Command("echoscu", "-aec", "MINAMI_WS", "127.0.0.1", sink.port).Run() == nil
	})
	move := func(to, study string) (string, error) {
		return output(t, "movescu", "-v", "-to", "10", "-td", "60", "-aet", "MINAMI_CT", "-aec", "DOKUEI", "-aem", to, "127.0.0.1", s.port(t), "-S",
			"-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID="+study)
	}
	if out, err := move("MINAMI_WS", theirsUID); err != nil || len(files(t, sink.dir)) != 0 {
		t.Errorf("another hospital's study: %v, %d objects\n%s", err, len(files(t, sink.dir)), out)
	}
	if out, err := move("MINAMI_WS", mineUID); err != nil {
		t.Errorf("movescu: %v\n%s", err, out)
	}
	eventually(t, "the workstation has the study", func() bool { return len(files(t, sink.dir)) == 5 })
	if out, err := move("KITA_WS", mineUID); err == nil || !strings.Contains(out, "MoveDestinationUnknown") {
		t.Errorf("a destination that is not theirs: %v\n%s", err, out)
	}

	// The trail says who has taken what.
	d, err := db.Open(t.Context(), filepath.Join(data, "dokuei.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	rows, err := d.Read(t.Context()).QueryContext(t.Context(), `SELECT actor, detail FROM audit WHERE action = 'study.retrieved' ORDER BY seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var trail []string
	for rows.Next() {
		var actor, detail string
		if err := rows.Scan(&actor, &detail); err != nil {
			t.Fatal(err)
		}
		trail = append(trail, actor+" "+detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	out := strings.Join(trail, "\n")
	want := "ae:MINAMI_WS C-GET-RQ, 5 instances\nae:MINAMI_WS C-GET-RQ, 5 instances\nae:MINAMI_CT C-MOVE-RQ to MINAMI_WS, 5 instances"
	if out != want {
		t.Errorf("audit trail:\n%s", out)
	}
}
