package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/viewer/dicomweb"
)

const laneSite = `
facilities:
  - {id: minami, name: 南病院, name_en: Minami Hospital, ae_titles: [MINAMI_CT], quiet: 10m}
panels:
  - {id: neuro, name: 脳神経班, name_en: Neuro, readers: [sato]}
  - {id: npo, name: NPO読影班, readers: [abe]}
users:
  - {login: sato, name: 佐藤, name_en: Sato, role: reader, license: "1", password: a password for tests}
  - {login: abe, name: 阿部, role: reader, license: "2", password: a password for tests}
  - {login: kita, name: 北病院, role: hospital, facility: kita, password: a password for tests}
rules:
  - {name: stroke, when: {body_part: [HEAD], words: [脳卒中]}, then: {panel: neuro, priority: STAT, within: 30m}}
fallback: {panel: npo, within: 24h}
`

type laneView struct {
	Items []struct {
		ID, State, Readiness, Priority string
		ClaimDue                       *string
		Study                          struct{ Instances, Declared int }
	}
	Counts map[string]int
}

// laneStudy is a STAT of a server whose images come one by one: more says the next has
// come.
func laneStudy(t *testing.T) (s *server, files []string) {
	t.Helper()
	data := t.TempDir()
	site := strings.Replace(laneSite, "panels:\n", "  - {id: kita, name: 北病院, ae_titles: [KITA_CT]}\npanels:\n", 1)
	mustRun(t, "apply", "--data", data, "-f", writeFile(t, t.TempDir()+"/site.yaml", site))
	s = serve(t, data)
	dir, _ := slices(t, 3, func(d *dataset.Dataset, _ int) {
		d.SetString(tag.ReasonForTheRequestedProcedure, "LO", "脳卒中疑い")
		d.SetInt(tag.NumberOfStudyRelatedInstances, "IS", 3)
	})
	for n := range 3 {
		files = append(files, filepath.Join(dir, fmt.Sprintf("%03d.dcm", n+1)))
	}
	return s, files
}

// A STAT stands in the lane of its panel from its first image, with how many have
// come; readers elsewhere and other hospitals see nothing of it; it is taken before it
// is whole, by one, and is one step for the workstations too.
func TestSTATLane(t *testing.T) {
	t.Parallel()
	s, files := laneStudy(t)
	send := func(file string) {
		t.Helper()
		mustRun(t, "send", "--to", s.DICOM, "--aet", "MINAMI_CT", "--aec", "DOKUEI", "--no-resume", file)
	}
	sato, abe, kita := s.signIn(t, "sato", password), s.signIn(t, "abe", password), s.signIn(t, "kita", password)
	lane := func(u *user) (v laneView) {
		t.Helper()
		u.must("GET", "/worklist?state=stat", nil, &v)
		return v
	}
	send(files[0])
	eventually(t, "the STAT stands in the lane", func() bool { return len(lane(sato).Items) == 1 })
	item := lane(sato).Items[0]
	if item.State != "SCHEDULED" || item.Readiness != "INCOMPLETE" || item.Priority != "STAT" || item.Study.Instances != 1 || item.Study.Declared != 3 || item.ClaimDue == nil {
		t.Errorf("%+v", item)
	}
	if v := lane(abe); len(v.Items) != 0 || v.Counts["stat"] != 0 {
		t.Errorf("another panel sees it: %+v", v)
	}
	for _, u := range []*user{abe, kita} {
		for _, path := range []string{"/workitems/" + item.ID, "/workitems/" + item.ID + "/reasons"} {
			if status := u.call("GET", path, nil, nil); status != http.StatusNotFound && status != http.StatusForbidden {
				t.Errorf("%s gets %d", path, status)
			}
		}
	}
	if status := abe.call("POST", "/workitems/"+item.ID+"/claim", map[string]any{}, nil); status != http.StatusNotFound {
		t.Errorf("a reader of another panel claims it: %d", status)
	}
	send(files[1])
	if v := lane(sato); v.Items[0].Study.Instances != 2 {
		t.Errorf("%+v", v.Items[0])
	}
	step := func() map[string]struct{ Value []any } {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.HTTP+dicomweb.Base+"/workitems?00741000=&00404041=", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", "application/dicom+json")
		res, err := sato.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var list []map[string]struct{ Value []any }
		if err := json.NewDecoder(res.Body).Decode(&list); err != nil || len(list) != 1 {
			t.Fatalf("%d steps, %v", len(list), err)
		}
		return list[0]
	}
	if got := step()["00404041"].Value; len(got) != 1 || got[0] != "INCOMPLETE" {
		t.Errorf("Input Readiness State %v", got)
	}
	sato.must("POST", "/workitems/"+item.ID+"/claim", map[string]any{}, nil)
	if v := lane(sato); len(v.Items) != 0 {
		t.Errorf("what is taken stands in the lane: %+v", v)
	}
	send(files[2])
	var whole struct{ State, Readiness string }
	eventually(t, "it is whole", func() bool {
		sato.must("GET", "/workitems/"+item.ID, nil, &whole)
		return whole.Readiness == "READY"
	})
	if got := step()["00741000"].Value; whole.State != "IN PROGRESS" || len(got) != 1 || got[0] != "IN PROGRESS" {
		t.Errorf("%+v, step %v", whole, got)
	}
}

// The same in a browser, live: the script is lane.mjs.
func TestSTATLaneInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	s, files := laneStudy(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var sends [][]string
	for _, f := range files {
		sends = append(sends, []string{self, "send", "--to", s.DICOM, "--aet", "MINAMI_CT", "--aec", "DOKUEI", "--no-resume", f})
	}
	send, err := json.Marshal(sends)
	if err != nil {
		t.Fatal(err)
	}
	log := browse(t, s, "lane.mjs", append(pictures(t), "READER=sato:"+password, "OTHER=abe:"+password, "SEND="+string(send))...)
	if steps := strings.Count(log, "ok "); steps < 6 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}
