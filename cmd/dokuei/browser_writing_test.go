package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// signed writes and signs the report of a claimed item, without the pages.
func (u *user) signed(item, findings, impression string) (report string) {
	u.t.Helper()
	var saved struct{ Revision int64 }
	u.must("PUT", "/workitems/"+item+"/draft", map[string]any{
		"revision": 0, "language": "ja", "template": "", "sections": map[string]string{"findings": findings, "impression": impression, "recommendation": ""},
		"marks": map[string]any{"critical": map[string]string{"level": "red", "finding": impression}},
	}, &saved)
	var r struct{ ID string }
	u.must("POST", "/workitems/"+item+"/sign", map[string]any{"revision": saved.Revision}, &r)
	return r.ID
}

// signedStudy sends a study of which sato signs the report, without the pages.
func (s *server) signedStudy(t *testing.T) workitem {
	t.Helper()
	dir, _ := slices(t, 2)
	s.send(t, "MINAMI_CT", dir)
	reader := s.signIn(t, "sato", password)
	eventually(t, "the study is whole and on the list", func() bool {
		return strings.Contains(s.log.String(), `msg="study complete"`) && len(reader.worklist("open")) == 1
	})
	w := reader.worklist("open")[0]
	reader.must("POST", "/workitems/"+w.ID+"/claim", map[string]any{}, nil)
	reader.signed(w.ID, "左視床に小出血を認めます。", "左視床出血。")
	return w
}

// engines of a house: one writes down whatever it hears, one proposes.
func engines(t *testing.T) (dictation, drafting string) {
	t.Helper()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /dictate", func(w http.ResponseWriter, r *http.Request) {
		heard, err := io.ReadAll(r.Body)
		if err != nil || len(heard) == 0 || !strings.HasPrefix(r.Header.Get("Content-Type"), "audio/") {
			http.Error(w, "no recording", http.StatusBadRequest)
			return
		}
		answer(w, map[string]string{"engine": "listener 1", "text": "口述したとおりの所見です。"})
	})
	mux.HandleFunc("POST /draft", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]any{"engine": "drafter 2", "sections": map[string]string{"recommendation": "一か月後の経過観察を提案します。"}})
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL + "/dictate", s.URL + "/draft"
}

// A reader's page while it is written on: beside the last report, with short texts,
// engines, two tabs and a crash. The script is writing.mjs.
func TestWritingInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	dictation, drafting := engines(t)
	s := serve(t, newData(t, network), "--dictation-url", dictation, "--drafting-url", drafting)
	reader := s.signIn(t, "sato", password)
	var items []string
	for n, date := range []string{"20250401", "20260401"} {
		dir, _ := slices(t, 2, func(d *dataset.Dataset, _ int) {
			d.SetString(tag.StudyDate, "DA", date)
			d.SetString(tag.AccessionNumber, "SH", fmt.Sprint("W", n))
		})
		s.send(t, "MINAMI_CT", dir)
		eventually(t, "the study is whole and on the list", func() bool {
			return strings.Count(s.log.String(), `msg="study complete"`) == n+1 && len(reader.worklist("open")) == 1
		})
		item := reader.worklist("open")[0].ID
		items = append(items, item)
		if n == 0 {
			reader.must("POST", "/workitems/"+item+"/claim", map[string]any{}, nil)
			reader.signed(item, "左視床に小出血を認めます。", "左視床出血。")
		}
	}
	reader.must("PUT", "/texts", map[string]any{"revision": 0, "name": "nb", "text": "明らかな頭蓋内出血を認めません。", "language": "ja"}, nil)
	log := browse(t, s, "writing.mjs", append(pictures(t), "READER=sato:"+password, "WORKITEM="+items[1], "EARLIER=左視床に小出血を認めます。")...)
	if steps := strings.Count(log, "ok "); steps != 10 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}

// What becomes of a signed report at its hospital, and of one that cannot be delivered.
// The script is loop.mjs.
func TestLoopInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	site := strings.Replace(network, "quiet: 1s}\n", `quiet: 1s, destinations: [{name: HIS, to: "mllp://127.0.0.1:9"}]}`+"\n", 1)
	site = strings.Replace(site, "rules:\n", `  - {login: tanaka, name: 田中 次郎, name_en: Jiro Tanaka, role: ordering_doctor, facility: minami, password: a password for tests}
  - {login: abe, name: 阿部 三郎, name_en: Saburo Abe, role: ordering_doctor, facility: minami, password: a password for tests}
rules:
`, 1)
	s := serve(t, newData(t, site))
	w := s.signedStudy(t)
	log := browse(t, s, "loop.mjs", append(pictures(t), "STUDY="+w.Study.ID, "WORKITEM="+w.ID, "READER=sato:"+password, "ORDERER=tanaka:"+password,
		"STRANGER=abe:"+password, "STRANGER_NAME=阿部|Abe", "WARD=minami:"+password, "COORDINATOR=coord:"+password)...)
	if steps := strings.Count(log, "ok "); steps != 6 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}

// A page that stays open while the service is renewed. The script is renew.mjs.
func TestRenewedInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	s := serve(t, newData(t, network))
	dir, _ := slices(t, 2)
	s.send(t, "MINAMI_CT", dir)
	reader := s.signIn(t, "sato", password)
	eventually(t, "the study is whole and on the list", func() bool { return len(reader.worklist("open")) == 1 })
	log := browse(t, s, "renew.mjs", append(pictures(t), "READER=sato:"+password, "WORKITEM="+reader.worklist("open")[0].ID)...)
	if steps := strings.Count(log, "ok "); steps != 5 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}
