package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/viewer/api"
	"github.com/dokuei/dokuei/viewer/dicomweb"
)

// tenant is what a stranger could know of another hospital, and what nobody of
// theirs may be told of it.
type tenant struct {
	objects
	typed  []string // identifiers and names, to be typed
	marked []string // what must be in no answer, unless it was typed
}

// foreign makes a hospital's study in which everything is marked, with its report,
// what was said in its room, its order and its people.
func foreign(t *testing.T, h *house, o objects) tenant {
	t.Helper()
	study, series, instance := uid.FromName("foreign", "study"), uid.FromName("foreign", "series"), uid.FromName("foreign", "instance")
	ct := reportstest.CT(study, series, instance, 1, "MARKPID77")
	ct.SetString(tag.PatientName, "PN", "MARKNAME^HANAKO")
	ct.SetString(tag.AccessionNumber, "SH", "MARKACC77")
	ct.SetString(tag.StudyDescription, "LO", "MARKDESC77")
	ct.SetString(tag.ReferringPhysicianName, "PN", "MARKDOCTOR^JIRO")
	stored := h.Send(t, "mima", ct)
	item := h.Release(t, stored.StudyID)
	reader := h.as(t, "kondo")
	base := "/api/v1/workitems/" + item
	reader.do("POST", base+"/claim", map[string]any{}).want(200, "")
	reader.do("PUT", base+"/draft", map[string]any{"revision": 0, "language": "ja", "template": "", "sections": map[string]string{
		"findings": "MARKFINDING77", "impression": "MARKIMPRESSION77", "recommendation": "",
	}, "marks": map[string]any{"critical": map[string]string{"level": "red", "finding": "MARKCRITICAL77"}}}).want(200, "")
	signed := reader.do("POST", base+"/sign", map[string]any{"revision": 1}).want(200, "")
	said := h.as(t, "mima").do("POST", "/api/v1/rooms/"+stored.StudyID+"/messages", map[string]any{"id": db.NewID(), "body": "MARKSAID77 MARKNAME"}).want(201, "")
	report, _ := signed["id"].(string)
	message, _ := said["id"].(string)
	ids := []string{
		stored.StudyID, stored.InstanceID, item, report, message, study, series, instance, o.sent.StudyID, o.sent.InstanceIDs[0], o.sent.WorkitemID,
		o.report, o.draft, o.order, o.series, o.message, o.critical, o.uids[0], o.uids[1], o.uids[2], o.emergency,
	}
	out := tenant{objects: o}
	out.typed = append(slices.Clone(ids), "MARKPID77", "MARKNAME", "MARKNAME^HANAKO", "MARKACC77", "MARKDESC77", "MARKSAID77", "mima", "mima-1", "doc-m", o.person, o.token)
	out.marked = append(ids, "MARKPID77", "MARKNAME", "MARKACC77", "MARKDESC77", "MARKDOCTOR", "MARKFINDING77", "MARKIMPRESSION77", "MARKCRITICAL77", "MARKSAID77", "ward-m", "tech-m", "drug-m")
	// Doctors of other hospitals may be asked for a consult: they are known.
	out.typed = slices.DeleteFunc(out.typed, func(s string) bool { return s == "" })
	out.marked = slices.DeleteFunc(out.marked, func(s string) bool { return s == "" })
	return out
}

// leaks says which marks are in an answer that were not typed.
func (x tenant) leaks(body, typed string) (out []string) {
	for _, m := range x.marked {
		if strings.Contains(body, m) && !strings.Contains(typed, m) {
			out = append(out, m)
		}
	}
	return out
}

var (
	jsonName   = regexp.MustCompile("`json:\"([A-Za-z]+)")
	noSuchName = regexp.MustCompile(`unknown field \\?"([^"\\]+)`)
	otherType  = regexp.MustCompile(`cannot unmarshal (string|bool|number|object|array) into Go (?:struct field [A-Za-z.]*?\.?([A-Za-z.]+)|value) of type ([^\s"]+)`)
)

// names are all that a body may call its members: the tags of our own sources.
func names(t *testing.T) (out []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range jsonName.FindAllStringSubmatch(string(text), -1) {
			if !slices.Contains(out, m[1]) {
				out = append(out, m[1])
			}
		}
	}
	slices.Sort(out)
	return out
}

// shape finds out what body a route takes by asking it: every name we know is sent,
// and what it says is unknown, or of another type, is taken back.
func shape(v *visitor, method, path string, all []string) map[string]string {
	kinds := map[string]string{}
	for _, n := range all {
		kinds[n] = "string"
	}
	for range 4 * len(all) {
		a := v.do(method, path, fill(kinds, "x"))
		var p struct{ Detail string }
		_ = json.Unmarshal(a.Body, &p)
		if m := noSuchName.FindStringSubmatch(p.Detail); m != nil {
			if _, there := kinds[m[1]]; !there {
				return kinds // a name inside a member: what there is will do
			}
			delete(kinds, m[1])
			continue
		}
		m := otherType.FindStringSubmatch(p.Detail)
		if m == nil {
			return kinds
		}
		name, _, nested := strings.Cut(m[2], ".")
		if _, there := kinds[name]; !there {
			return kinds
		}
		switch typ := m[3]; {
		case nested || kinds[name] != "string":
			kinds[name] = "null"
		case strings.HasPrefix(typ, "[]string"):
			kinds[name] = "list"
		case strings.HasPrefix(typ, "map"):
			kinds[name] = "map"
		case typ == "bool":
			kinds[name] = "bool"
		case strings.HasPrefix(typ, "int"), strings.HasPrefix(typ, "float"), strings.HasPrefix(typ, "uint"):
			kinds[name] = "number"
		default:
			kinds[name] = "null"
		}
	}
	return kinds
}

// fill writes v wherever the shape takes text.
func fill(kinds map[string]string, v string) map[string]any {
	out := map[string]any{}
	for name, kind := range kinds {
		switch kind {
		case "string":
			out[name] = v
		case "list":
			out[name] = []string{v}
		case "map":
			out[name] = map[string]string{"findings": v, "name": v, "id": v}
		case "bool":
			out[name] = true
		case "number":
			out[name] = 1
		}
	}
	return out
}

// queries are all that an address may ask for.
var queries = []string{
	"q", "cursor", "state", "facility", "from", "to", "before", "format", "part", "frame", "lang", "study", "reader", "name", "accept",
	"PatientID", "PatientName", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "AccessionNumber", "StudyDescription", "includefield",
}

// Everything that is known of another hospital, typed everywhere something can be typed
// by everybody of the first one: nothing of it is in any byte of any answer, but what
// was typed.
func TestNothingOfAnotherTenant(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	all := furnish(t, h)
	who := visitors(t, h)
	x := foreign(t, h, all["mima"])
	known := names(t)
	if len(known) < 100 || len(x.marked) < 20 {
		t.Fatalf("%d names, %d marks", len(known), len(x.marked))
	}
	strangers := []string{"kaifu", "sato", "doc-k", "trainee-k", "token of kaifu"}
	asked, answered, bodies := 0, 0, 0
	look := func(a *answer, login, what, typed string) {
		asked++
		if a.Status < 300 && len(a.Body) > 2 {
			answered++
		}
		text := string(a.Body)
		for _, v := range a.Header {
			text += "\n" + strings.Join(v, "\n")
		}
		if found := x.leaks(text, typed); len(found) > 0 {
			t.Errorf("%s as %s, typing %q: %v in %.300s", what, login, typed, found, text)
		}
		if a.Status >= 500 && a.Status != http.StatusNotImplemented && a.Status != http.StatusBadGateway {
			t.Errorf("%s as %s, typing %q: status %d: %.300s", what, login, typed, a.Status, text)
		}
	}
	for _, r := range api.Routes() {
		if r.Pattern == "/events" || r.Method == http.MethodDelete && (r.Pattern == "/session" || r.Pattern == "/account/devices") {
			continue // never ends; end the sessions of the test
		}
		what := r.Method + " " + r.Pattern
		named := strings.Contains(r.Pattern, "{")
		var kinds map[string]string // of the body; nil: nobody has asked yet
		for _, login := range strangers {
			v := who[login]
			if !may(roleOf[login], r.Right) && !api.OnTheWay(r.Right) {
				look(v.do(r.Method, x.path(r.Pattern), body(r)), login, what, x.path(r.Pattern))
				continue
			}
			if named {
				look(v.do(r.Method, x.path(r.Pattern), body(r)), login, what, x.path(r.Pattern))
			}
			mine := all["kaifu"].path(r.Pattern)
			if kinds == nil && (r.Method == http.MethodPost || r.Method == http.MethodPut) {
				if kinds = shape(v, r.Method, mine, known); len(kinds) > 0 {
					bodies++
				}
			}
			turn := len(what) + len(login)
			for k, typed := range x.typed {
				if named && (k+turn)%3 == 0 {
					path := regexp.MustCompile(`\{[a-z.]+\}`).ReplaceAllLiteralString(r.Pattern, url.PathEscape(typed))
					if !strings.HasPrefix(r.Pattern, dicomweb.Base) {
						path = "/api/v1" + path
					}
					look(v.do(r.Method, path, body(r)), login, what+" in the path", typed)
				}
				switch {
				case r.Method == http.MethodGet:
					for n, q := range queries {
						if (k+n+turn)%len(queries) > 0 { // each is typed somewhere, not all everywhere
							continue
						}
						look(v.do(r.Method, mine+"?"+q+"="+url.QueryEscape(typed), nil), login, what+" in "+q, typed)
					}
				case len(kinds) > 0 && r.Pattern != "/session/password":
					look(v.do(r.Method, mine, fill(kinds, typed)), login, what+" in the body", typed)
					look(v.do(r.Method, x.path(r.Pattern), fill(kinds, typed)), login, what+" in the body", typed+x.path(r.Pattern))
				}
			}
		}
	}
	t.Logf("%d requests, %d answered with something, %d bodies", asked, answered, bodies)
	if answered < 500 || bodies < 35 {
		t.Errorf("%d answers, %d bodies: the test does not look at enough", answered, bodies)
	}
	if text := h.log.String(); strings.Contains(text, "MARK") {
		i := strings.Index(text, "MARK")
		t.Errorf("the log has patient data: %s", text[max(0, i-200):min(len(text), i+50)])
	}
}
