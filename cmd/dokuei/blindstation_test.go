package main

import (
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// The workstation of the second of two readers neither finds nor gets nor is sent what
// the first has signed, by study, series or instance, until the second has signed.
// By DCMTK's tools.
func TestSecondReadersWorkstationIsBlind(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"findscu", "getscu", "movescu", "storescp"} {
		tool(t, name)
	}
	sink := receiver(t, "ITO_WS")
	site := strings.NewReplacer(
		"readers: [sato, ito]}", "readers: [sato, ito], readings: 2}",
		"{login: sato,", "{login: sato, ae_titles: [SATO_WS],", "{login: ito,", `{login: ito, ae_titles: ["ITO_WS@127.0.0.1:`+sink.port+`"],`,
	).Replace(network)
	s := serve(t, newData(t, site))
	dir, study := slices(t, 1)
	s.send(t, "MINAMI_CT", dir)
	sign := func(login string) *user {
		t.Helper()
		u := s.signIn(t, login, password)
		task := u.firstTask()
		u.must("POST", "/workitems/"+task.ID+"/claim", map[string]any{}, nil)
		if login == "ito" {
			stations(t, s, study, 1)
		}
		var saved struct{ Revision int64 }
		u.must("PUT", "/workitems/"+task.ID+"/draft", map[string]any{
			"revision": 0, "language": "ja", "template": "",
			"sections": map[string]string{"findings": "異常なし。", "impression": "異常を認めません。", "recommendation": ""},
		}, &saved)
		u.must("POST", "/workitems/"+task.ID+"/sign", map[string]any{"revision": saved.Revision}, nil)
		return u
	}
	sign("sato")
	stations(t, s, study, 1) // not claimed yet
	own := objects(t, s, "SATO_WS", study, "STUDY")
	if len(own) != 3 {
		t.Fatalf("the first reader's workstation has %d objects of 3", len(own))
	}
	for _, d := range own {
		if d.String(tag.Modality) == "CT" {
			continue
		}
		// Whoever knows its UIDs does not get it either.
		for _, level := range []string{"SERIES", "IMAGE"} {
			keys := []string{"-k", "SeriesInstanceUID=" + d.String(tag.SeriesInstanceUID)}
			if level == "IMAGE" {
				keys = append(keys, "-k", "SOPInstanceUID="+d.String(tag.SOPInstanceUID))
			}
			if got := objects(t, s, "ITO_WS", study, level, keys...); len(got) != 0 {
				t.Errorf("%s of the first reader is given out by %s", d.String(tag.Modality), level)
			}
		}
	}
	out, err := output(t, "movescu", "-to", "10", "-td", "60", "-aet", "ITO_WS", "-aec", "DOKUEI", "-aem", "ITO_WS", "127.0.0.1", s.port(t), "-S",
		"-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID="+study)
	if err != nil {
		t.Errorf("movescu: %v\n%s", err, out)
	}
	eventually(t, "the image is there", func() bool { return len(files(t, sink.dir)) > 0 })
	if got := files(t, sink.dir); len(got) != 1 || readObject(t, got[0]).String(tag.Modality) != "CT" {
		t.Errorf("%d objects were sent", len(got))
	}
	sign("ito")
	stations(t, s, study, 5) // both readings, of each SR and PDF
}

// stations checks how many objects of a study the second reader's workstation finds
// and gets.
func stations(t *testing.T, s *server, study string, want int) {
	t.Helper()
	found := s.asked(t, "ITO_WS", "-S", "-k", "QueryRetrieveLevel=IMAGE", "-k", "StudyInstanceUID="+study, "-k", "SOPInstanceUID", "-k", "Modality")
	if len(found) != want {
		t.Errorf("%d objects are found of %d", len(found), want)
	}
	if got := objects(t, s, "ITO_WS", study, "STUDY"); len(got) != want {
		t.Errorf("%d objects are got of %d", len(got), want)
	}
}

// objects gets what a workstation gets by C-GET.
func objects(t *testing.T, s *server, aet, study, level string, keys ...string) (list []*dataset.Dataset) {
	t.Helper()
	dir := t.TempDir()
	_, _ = output(t, "getscu", append([]string{
		"-to", "10", "-td", "60", "-aet", aet, "-aec", "DOKUEI", "-od", dir, "127.0.0.1", s.port(t), "-S",
		"-k", "QueryRetrieveLevel=" + level, "-k", "StudyInstanceUID=" + study,
	}, keys...)...)
	for _, path := range files(t, dir) {
		list = append(list, readObject(t, path))
	}
	return list
}
