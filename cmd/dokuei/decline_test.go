package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

const declineSite = `
facilities:
  - {id: minami, name: 南病院, name_en: Minami Hospital, ae_titles: [MINAMI_CT], quiet: 1s}
panels:
  - {id: npo, name: NPO読影班, name_en: NPO panel, readers: [sato, abe]}
users:
  - {login: sato, name: 佐藤 花子, name_en: Hanako Sato, role: reader, license: "1", password: a password for tests}
  - {login: abe, name: 阿部 太郎, name_en: Taro Abe, role: reader, license: "2", password: a password for tests}
  - {login: coord, name: 調整 室長, name_en: Coordinator, role: coordinator, password: a password for tests}
fallback: {panel: npo, priority: STAT, within: 1h, assign: direct}
`

// offered is a server with a STAT that is offered to one of two readers by name.
func offered(t *testing.T) *server {
	t.Helper()
	data := t.TempDir()
	mustRun(t, "apply", "--data", data, "-f", writeFile(t, t.TempDir()+"/site.yaml", declineSite))
	s := serve(t, data)
	dir, _ := slices(t, 2, func(d *dataset.Dataset, _ int) { d.SetInt(tag.NumberOfStudyRelatedInstances, "IS", 2) })
	s.send(t, "MINAMI_CT", dir)
	return s
}

type offeredItem struct {
	ID, State string
	OfferedTo *struct{ ID, Name string }
	Declined  bool
}

// A reader says no: the other is offered the study, and when both have, it is on the
// coordinator's page with what they said; by whose hand alone one of them gets it back.
func TestDecline(t *testing.T) {
	t.Parallel()
	s := offered(t)
	readers := map[string]*user{"佐藤 花子": s.signIn(t, "sato", password), "阿部 太郎": s.signIn(t, "abe", password)}
	coord := s.signIn(t, "coord", password)
	of := func(u *user) offeredItem {
		t.Helper()
		var v struct{ Items []offeredItem }
		u.must("GET", "/worklist?state=open", nil, &v)
		if len(v.Items) != 1 {
			return offeredItem{}
		}
		return v.Items[0]
	}
	eventually(t, "the study is offered", func() bool { return of(coord).OfferedTo != nil })
	item := of(coord)
	first := readers[item.OfferedTo.Name]
	delete(readers, item.OfferedTo.Name)
	var second *user
	for _, second = range readers {
	}
	path := "/workitems/" + item.ID
	refused := func(u *user, what, reason string, want int, code string) {
		t.Helper()
		status, body, _ := u.raw("POST", s.HTTP+"/api/v1"+path+what, map[string]string{"reason": reason})
		if status != want || !strings.Contains(string(body), `"`+code+`"`) {
			t.Errorf("%s: %d %s, want %d %s", what, status, body, want, code)
		}
	}
	refused(second, "/decline", "not mine", http.StatusConflict, "offered")
	refused(first, "/decline", " ", http.StatusBadRequest, "weak_input")
	if status := coord.call("POST", path+"/decline", map[string]string{"reason": "no"}, nil); status != http.StatusForbidden {
		t.Errorf("a coordinator declines: %d", status)
	}

	var now offeredItem
	first.must("POST", path+"/decline", map[string]string{"reason": "利益相反"}, &now)
	if now.State != "SCHEDULED" || now.OfferedTo == nil || now.OfferedTo.ID == item.OfferedTo.ID || !now.Declined {
		t.Errorf("%+v", now)
	}
	refused(first, "/claim", "", http.StatusForbidden, "declined")
	refused(first, "/takeover", "after all", http.StatusForbidden, "declined")
	if mine, theirs := of(first), of(second); !mine.Declined || theirs.Declined || theirs.OfferedTo.ID != now.OfferedTo.ID {
		t.Errorf("%+v %+v", mine, theirs)
	}
	second.must("POST", path+"/decline", map[string]string{"reason": "昼休み"}, &now)

	var late struct {
		Items []struct {
			ID       string
			Fired    []struct{ Kind string }
			Declines []struct {
				Reader struct{ ID string }
				Reason string
			}
		}
	}
	eventually(t, "the coordinator is called", func() bool {
		coord.must("GET", "/escalations", nil, &late)
		return len(late.Items) == 1
	})
	e := late.Items[0]
	if len(e.Declines) != 2 || e.Declines[0].Reader.ID != item.OfferedTo.ID || e.Declines[0].Reason != "利益相反" || e.Declines[1].Reason != "昼休み" || !strings.Contains(fmt.Sprint(e.Fired), "offer.declined") {
		t.Errorf("%+v", e)
	}
	var choice struct {
		Candidates []struct{ Reason map[string]string }
	}
	coord.must("GET", path+"/choice", nil, &choice)
	for _, c := range choice.Candidates {
		if !strings.HasPrefix(c.Reason["ja"], "辞退: ") || !strings.HasPrefix(c.Reason["en"], "declined: ") {
			t.Errorf("%+v", choice)
		}
	}
	coord.must("POST", "/workitems/assign", map[string]any{"items": []string{item.ID}, "reader": item.OfferedTo.ID, "reason": "相談済み"}, nil)
	if mine := of(first); mine.Declined || mine.OfferedTo == nil || mine.OfferedTo.ID != item.OfferedTo.ID {
		t.Errorf("%+v", mine)
	}
	first.must("POST", path+"/claim", map[string]any{}, &now)
	if now.State != "IN PROGRESS" {
		t.Errorf("%+v", now)
	}
}

// The same in browsers, live: the script is decline.mjs.
func TestDeclineInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	s := offered(t)
	log := browse(t, s, "decline.mjs", append(pictures(t), "READERS=sato:"+password+",abe:"+password, "COORDINATOR=coord:"+password)...)
	if steps := strings.Count(log, "ok "); steps < 6 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}
