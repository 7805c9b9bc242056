package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/consent"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/viewer/api"
	"github.com/dokuei/dokuei/viewer/dicomweb"
)

// A consent opens what it is about, to whom it names, for as long as it says, and not a
// moment longer than it is not withdrawn; a link takes two people.
func TestConsent(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	prior := h.SendStudy(t, "mima", "mima-77", 1)
	report := h.signed(t, prior, "kondo")
	current := h.SendStudy(t, "kaifu", "kaifu-77", 1)
	sato, mima, coord, admin := h.as(t, "sato"), h.as(t, "mima"), h.as(t, "coord"), h.as(t, "admin")
	study, image, written := "/api/v1/studies/"+prior.StudyID, "/api/v1/instances/"+prior.InstanceIDs[0]+"/preview", "/api/v1/reports/"+report
	sees := func(when string, wantStudy, wantImage, wantReport int) {
		t.Helper()
		for path, want := range map[string]int{study: wantStudy, image: wantImage, written: wantReport, written + "/pdf": wantReport} {
			if a := sato.do("GET", path, nil); a.Status != want {
				t.Errorf("%s: %s is %d, want %d: %s", when, path, a.Status, want, a.Body)
			}
		}
	}

	// The link: found by who sees both, said by one, confirmed by another.
	of := coord.do("GET", "/api/v1/studies/"+current.StudyID+"/links", nil).want(200, "")
	var other string
	for _, c := range of["candidates"].([]any) {
		if at(c, "patientId") == "mima-77" {
			other = at(c, "id").(string)
		}
	}
	patient := at(of, "patient", "id").(string)
	if other == "" {
		t.Fatalf("no candidate: %v", of)
	}
	propose := map[string]string{"patient": patient, "other": other, "reason": "same person by insurance card"}
	link := coord.do("POST", "/api/v1/links", propose).want(201, "")["id"].(string)
	coord.do("POST", "/api/v1/links", propose).want(409, "linked")
	coord.do("POST", "/api/v1/links", map[string]string{"patient": patient, "other": patient, "reason": "same person"}).want(422, "register_value")
	coord.do("POST", "/api/v1/links/"+link+"/review", map[string]string{"verdict": "confirmed"}).want(403, "own_proposal")
	sees("proposed", 404, 404, 404)
	given := func(change map[string]any) map[string]any {
		in := map[string]any{"kind": "given", "facilities": []string{"kaifu"}, "images": true, "reports": true, "document": "binder 3"}
		for k, v := range change {
			in[k] = v
		}
		return in
	}
	mima.do("POST", study+"/consents", given(nil)).want(201, "")
	sees("consent, link not confirmed", 404, 404, 404)
	admin.do("POST", "/api/v1/links/"+link+"/review", map[string]string{"verdict": "confirmed"}).want(204, "")
	sees("both", 200, 200, 200)

	mima.do("POST", study+"/consents", map[string]any{"kind": "withdrawn"}).want(201, "")
	sees("withdrawn", 404, 404, 404)
	mima.do("POST", study+"/consents", given(map[string]any{"reports": false})).want(201, "")
	sees("images", 200, 200, 404)
	page := sato.do("GET", study, nil).want(200, "")
	if at(page, "shared") != true || len(page["reports"].([]any)) != 0 || page["reportId"] != nil || page["requestText"] != "" || len(page["workitems"].([]any)) != 0 {
		t.Errorf("with consent to images the page has %v", page)
	}
	mima.do("POST", study+"/consents", given(map[string]any{"images": false})).want(201, "")
	sees("reports", 200, 404, 200)
	if page := sato.do("GET", study, nil).want(200, ""); page["thumbnail"] != nil || len(page["reports"].([]any)) != 1 {
		t.Errorf("with consent to reports the page has %v", page)
	}
	mima.do("POST", study+"/consents", given(map[string]any{"until": time.Now().Add(time.Hour)})).want(201, "")
	mima.do("POST", study+"/consents", given(map[string]any{"facilities": []string{}, "everywhere": true})).want(201, "")
	sees("everywhere", 200, 200, 200)

	for name, bad := range map[string]map[string]any{
		"nobody named": {"facilities": []string{}}, "nothing to see": {"images": false, "reports": false}, "no document": {"document": ""},
		"over": {"until": time.Now().Add(-time.Hour)}, "no such hospital": {"facilities": []string{"nowhere"}}, "the own": {"facilities": []string{"mima"}},
	} {
		if a := mima.do("POST", study+"/consents", given(bad)); a.Status != 422 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	h.as(t, "kaifu").do("POST", study+"/consents", given(nil)).want(404, "not_found")
	sato.do("GET", study+"/consents", nil).want(403, "forbidden")

	// What was said stays said.
	history := mima.do("GET", study+"/consents", nil).want(200, "")
	if n := len(history["history"].([]any)); n != 6 || history["inForce"] != true || at(history, "history", 0, "everywhere") != true {
		t.Errorf("%d entries: %v", n, history)
	}
	if _, err := h.DB.Read(t.Context()).ExecContext(t.Context(), `UPDATE consents SET kind = 'given'`); err == nil {
		t.Error("the register can be changed")
	}

	// The prior stands in the list, and a study of the same number elsewhere does not.
	h.SendStudy(t, "mima", "kaifu-77", 1)
	var priors []map[string]any
	a := sato.do("GET", "/api/v1/studies/"+current.StudyID+"/priors", nil)
	if err := json.Unmarshal(a.Body, &priors); err != nil || len(priors) != 1 || priors[0]["id"] != prior.StudyID || priors[0]["shared"] != true {
		t.Errorf("priors %s, %v", a.Body, err)
	}
	for _, login := range []string{"kaifu", "kondo"} { // the hospital's own desk; a reader of another panel
		if a := h.as(t, login).do("GET", "/api/v1/studies/"+current.StudyID+"/priors", nil); strings.Contains(string(a.Body), prior.StudyID) {
			t.Errorf("%s is shown the prior: %s", login, a.Body)
		}
	}

	// When the current study has been read there is no more reason to look.
	h.signed(t, current, "sato")
	sees("read", 404, 404, 404)

	for action, want := range map[string]int{"consent.given": 5, "consent.withdrawn": 1, "link.proposed": 2, "link.confirmed": 2} {
		var n int
		if err := h.DB.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM audit WHERE action = $1`, action).Scan(&n); err != nil || n != want {
			t.Errorf("%s is %d times in the trail, %v", action, n, err)
		}
	}
}

// twins makes a proposed link between two patients that nobody else links, or a
// confirmed one.
func (h *house) twins(t *testing.T, confirm bool) string {
	t.Helper()
	a, b := h.SendStudy(t, "kaifu", "kaifu-l"+db.NewID(), 1), h.SendStudy(t, "mima", "mima-l"+db.NewID(), 1)
	return h.link(t, a.StudyID, b.StudyID, confirm)
}

// link says that the patients of two studies are one person.
func (h *house) link(t *testing.T, one, other string, confirm bool) (id string) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		a, err := catalog.StudyByID(ctx, tx, identity.Everything(), one)
		if err != nil {
			return err
		}
		b, err := catalog.StudyByID(ctx, tx, identity.Everything(), other)
		if err != nil {
			return err
		}
		if id, err = consent.Propose(ctx, tx, "somebody", a.PatientRef, b.PatientRef, "one person with one address"); err != nil || !confirm {
			return err
		}
		return consent.Review(ctx, tx, "another", id, true)
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// compared are the routes on which a prior of another hospital is, for who reads a study
// of the person with consent; that it is a reader's route is the matrix's affair.
var compared = map[string]bool{
	"/studies/{id}": true, "/studies/{id}/priors": true, "/studies/{id}/annotations": true, "/studies/{id}/states": true, "/studies/{id}/measurements": true, "/series/{id}/bundle": true, "/series/{id}/bundle/{revision}": true,
	"/instances/{id}/thumbnail": true, "/instances/{id}/scroll": true, "/instances/{id}/preview": true, "/instances/{id}/frames/{n}": true,
	"/instances/{id}/presentation": true, "/instances/{id}/overlays": true, "/instances/{id}/file": true, "/reports/{id}": true, "/reports/{id}/changes": true, "/reports/{id}/pdf": true, "/reports/{id}/sr": true,
}

// Every route × consent × linkage × those who stand on the side of one hospital, on a
// study of another: with both, readers see a prior on the routes that compare, and
// nobody sees anything else; without, nothing differs from what is not there.
func TestEveryRouteWithConsent(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	all := furnish(t, h)
	who := visitors(t, h)
	prior := all["mima"]
	current := h.SendStudy(t, "kaifu", "kaifu-now", 1)
	nowhere := objects{
		sent: reportstest.Sent{StudyID: db.NewID(), InstanceIDs: []string{db.NewID()}, WorkitemID: db.NewID()}, report: db.NewID(), delivery: db.NewID(), draft: db.NewID(),
		order: db.NewID(), series: db.NewID(), revision: prior.revision, message: db.NewID(), critical: db.NewID(), uids: [3]string{"2.25.7", "2.25.8", "2.25.9"},
		person: db.NewID(), token: db.NewID(), emergency: db.NewID(), link: db.NewID(),
	}
	link := ""
	checked := 0
	for _, state := range []struct {
		name    string
		prepare func()
		shared  bool
	}{
		{"consent without linkage", func() { h.consent(t, prior.sent.StudyID, true) }, false},
		{"consent and linkage", func() { link = h.link(t, current.StudyID, prior.sent.StudyID, true) }, true},
		{"linkage, consent withdrawn", func() { h.consent(t, prior.sent.StudyID, false) }, false},
		{"linkage ended", func() {
			h.consent(t, prior.sent.StudyID, true)
			h.as(t, "coord").do("POST", "/api/v1/links/"+link+"/end", map[string]string{"reason": "two persons after all"}).want(204, "")
		}, false},
	} {
		state.prepare()
		for _, r := range api.Routes() {
			if r.Method != http.MethodGet || r.Pattern == "/events" || !strings.Contains(r.Pattern, "{id}") && !strings.Contains(r.Pattern, "{study}") {
				continue // what changes is walked above, and closed to priors by its method
			}
			for _, login := range []string{"sato", "trainee-k", "kaifu", "doc-k", "ward-k", "token of kaifu"} {
				if strings.HasPrefix(r.Pattern, "/people") || r.Right == identity.LinkPatients || strings.HasPrefix(r.Pattern, "/account") {
					continue
				}
				a := who[login].do(r.Method, prior.path(r.Pattern), nil)
				checked++
				see := state.shared && roleOf[login].Reads() && may(roleOf[login], r.Right) && (compared[r.Pattern] || strings.HasPrefix(r.Pattern, dicomweb.Base))
				if see {
					if a.Status != 200 && a.Status != 204 {
						t.Errorf("%s: %s as %s: %d %s", state.name, r.Pattern, login, a.Status, a.Body)
					}
					continue
				}
				// Not a byte more than of what there is not.
				b := who[login].do(r.Method, nowhere.path(r.Pattern), nil)
				if a.Status != b.Status || string(a.Body) != string(b.Body) || a.Header.Get("Content-Length") != b.Header.Get("Content-Length") {
					t.Errorf("%s: %s as %s: %d %s, of nothing %d %s", state.name, r.Pattern, login, a.Status, a.Body, b.Status, b.Body)
				}
			}
		}
		for _, login := range []string{"sato", "trainee-k", "kaifu", "doc-k", "ward-k", "token of kaifu"} {
			checked += lists(t, state.name, login, who[login], prior, nowhere)
		}
		list := who["sato"].do("GET", "/api/v1/studies/"+current.StudyID+"/priors", nil)
		if strings.Contains(string(list.Body), prior.sent.StudyID) != state.shared {
			t.Errorf("%s: priors %s", state.name, list.Body)
		}
		found := who["sato"].do("GET", dicomweb.Base+"/studies?StudyInstanceUID="+prior.uids[0], nil)
		if strings.Contains(string(found.Body), prior.uids[0]) != state.shared {
			t.Errorf("%s: DICOMweb finds %s", state.name, found.Body)
		}
		for _, path := range []string{"/worklist?state=all", "/studies", "/loop?state=all", "/rooms"} {
			if a := who["sato"].do("GET", "/api/v1"+path, nil); strings.Contains(string(a.Body), prior.sent.StudyID) {
				t.Errorf("%s: a prior stands in %s", state.name, path)
			}
		}
	}
	t.Logf("%d answers checked", checked)
}

// lists asks everything that lists, searches or exports by a body or names nothing: whatever
// the consent, a prior is in none of it, and naming it is answered as naming nothing is.
func lists(t *testing.T, state, login string, v *visitor, prior, nowhere objects) (asked int) {
	t.Helper()
	ids := []string{prior.sent.StudyID, prior.sent.InstanceIDs[0], prior.report, prior.draft, prior.order, prior.series, prior.message, prior.critical, prior.uids[0], prior.uids[1], prior.uids[2]}
	look := func(what, typed string, a *answer) {
		asked++
		for _, id := range ids {
			if id != "" && id != typed && strings.Contains(string(a.Body), id) {
				t.Errorf("%s: %s as %s, typing %q, tells of a prior: %.300s", state, what, login, typed, a.Body)
				return
			}
		}
	}
	for _, r := range api.Routes() {
		if strings.Contains(r.Pattern, "{") || r.Pattern == "/events" {
			continue
		}
		path := "/api/v1" + r.Pattern
		if strings.HasPrefix(r.Pattern, dicomweb.Base) || strings.HasPrefix(r.Pattern, "/fhir") {
			path = r.Pattern
		}
		switch {
		case r.Method == http.MethodGet && !strings.HasPrefix(r.Pattern, dicomweb.Base):
			look("GET "+r.Pattern, "", v.do("GET", path, nil))
		case r.Method == http.MethodPost && (strings.HasSuffix(r.Pattern, "/search") || r.Right == identity.ExportResearch):
			look("POST "+r.Pattern, "", v.do("POST", path, map[string]any{}))
			for _, name := range []string{"q", "patientId", "facility", "login", "cursor"} {
				for _, pair := range [][2]string{{prior.sent.StudyID, nowhere.sent.StudyID}, {prior.report, nowhere.report}, {prior.uids[0], nowhere.uids[0]}, {"mima-1", "mima-0"}, {"mima", "nima"}} {
					a, b := v.do("POST", path, map[string]any{name: pair[0]}), v.do("POST", path, map[string]any{name: pair[1]})
					look("POST "+r.Pattern+" in "+name, pair[0], a)
					if want := strings.ReplaceAll(string(b.Body), pair[1], pair[0]); a.Status != b.Status || string(a.Body) != want {
						t.Errorf("%s: POST %s as %s, %s in %s: %d %.300s, of nothing %d %.300s", state, r.Pattern, login, pair[0], name, a.Status, a.Body, b.Status, want)
					}
				}
			}
		}
	}
	return asked
}

// consent writes down what the patient of a study of mima has said.
func (h *house) consent(t *testing.T, study string, given bool) {
	t.Helper()
	in := map[string]any{"kind": "withdrawn"}
	if given {
		in = map[string]any{"kind": "given", "facilities": []string{"kaifu"}, "images": true, "reports": true, "document": "binder 3"}
	}
	h.as(t, "mima").do("POST", "/api/v1/studies/"+study+"/consents", in).want(201, "")
}
