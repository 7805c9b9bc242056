package api_test

import (
	"testing"

	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/viewer/api"
)

// Everybody of a hospital listens while another's study comes, is talked about, read,
// signed and consented to, and again from the beginning of all events: not a byte of it.
func TestStreamsOfAnotherTenant(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	who := visitors(t, h)
	var right identity.Action
	for _, r := range api.Routes() {
		if r.Pattern == "/events" {
			right = r.Right
		}
	}
	live := map[string]*listener{}
	for login, v := range who {
		if side := sideOf[login]; (side == "kaifu" || side == "mima") && may(roleOf[login], right) {
			live[login] = v.listen("")
		}
	}
	x := foreign(t, h, objects{sent: reportstest.Sent{InstanceIDs: []string{""}}, order: h.ordered(t, "mima")})
	study := x.marked[0]
	h.consent(t, study, true)
	h.consent(t, study, false)
	own := h.SendStudy(t, "kaifu", "kaifu-own", 1)
	theirs := h.SendStudy(t, "mima", "mima-last", 1)
	x.marked = append(x.marked, theirs.StudyID, theirs.WorkitemID)
	heard, strangers := 0, 0
	for login, s := range live {
		if sideOf[login] == "mima" {
			s.until(theirs.StudyID)
			if len(x.leaks(s.all.String(), "")) > 0 {
				heard++
			}
			continue
		}
		strangers++
		again := who[login].listen("0")
		for when, l := range map[string]*listener{"live": s, "from the beginning": again} {
			l.until(own.StudyID)
			if found := x.leaks(l.all.String(), ""); len(found) > 0 {
				t.Errorf("%s, %s, was told %v:\n%s", login, when, found, l.all.String())
			}
		}
	}
	if strangers < 5 || heard < 3 {
		t.Errorf("%d strangers listened, %d of the hospital itself heard something", strangers, heard)
	}
}
