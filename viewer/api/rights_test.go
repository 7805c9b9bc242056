package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/retention"
	"github.com/dokuei/dokuei/viewer/api"
	"github.com/dokuei/dokuei/viewer/dicomweb"
	"github.com/dokuei/dokuei/worklist"
)

// objects are the IDs a path may name, by the route's prefix.
type objects struct {
	sent                    reportstest.Sent
	report, delivery, draft string
	step                    string // SOP Instance UID of draft
	order                   string
	series, revision        string
	message                 string // a picture in the room of sent
	critical                string
	uids                    [3]string // of study, series, instance
	person, token           string
	emergency               string
	deletion                string // asked for by nobody here
	link                    string
	list                    string
}

// path puts an object into a pattern.
func (o objects) path(pattern string) string {
	id := ""
	switch strings.Split(pattern, "/")[1] {
	case "workitems":
		id = o.draft
	case "studies", "rooms":
		id = o.sent.StudyID
	case "messages":
		id = o.message
	case "instances":
		id = o.sent.InstanceIDs[0]
	case "reports":
		id = o.report
	case "deliveries":
		id = o.delivery
	case "orders", "fhir":
		id = o.order
	case "series":
		id = o.series
	case "criticals":
		id = o.critical
	case "people":
		id = o.person
	case "tokens":
		id = o.token
	case "emergencies":
		id = o.emergency
	case "sso":
		id = "nowhere"
	case "deletions":
		id = o.deletion
	case "links":
		id = o.link
	case "lists":
		id = o.list
	case "account":
		id = o.sent.StudyID // nobody's passkey, nobody's session
	}
	path := strings.NewReplacer("{id}", id, "{n}", "1", "{revision}", o.revision, "{study}", o.uids[0], "{series}", o.uids[1],
		"{instance}", o.uids[2], "{frames}", "1", "{path...}", "00080060", "{name}", "keys",
		"{workitem}", o.step, "{aetitle}", "KAIFU").Replace(pattern)
	if strings.HasPrefix(pattern, dicomweb.Base) || strings.HasPrefix(pattern, "/fhir") {
		return path
	}
	return "/api/v1" + path
}

// body is a valid body of a route that changes something.
func body(r api.Route) any {
	if r.Method == http.MethodGet || r.Method == http.MethodDelete {
		return nil
	}
	switch r.Pattern {
	case "/session":
		return map[string]string{"login": "nobody", "password": "wrong"}
	case "/session/password":
		return map[string]string{"current": "wrong", "new": "short"}
	case "/workitems/{id}/release", "/workitems/{id}/decline":
		return map[string]string{"reason": "test"}
	case "/workitems/{id}/reassign":
		return map[string]string{"panel": "univ"}
	case "/workitems/{id}/draft":
		return map[string]any{"revision": 99, "sections": map[string]string{"findings": "x", "impression": "x", "recommendation": ""}, "template": "", "language": "ja"}
	case "/studies/{id}/consents":
		return map[string]string{"kind": "withdrawn"}
	case "/links":
		return map[string]string{"patient": "x", "other": "x"}
	case "/links/{id}/review":
		return map[string]string{"verdict": "rejected"}
	case "/links/{id}/end":
		return map[string]string{"reason": "another person after all"}
	case "/workitems/{id}/sign":
		return map[string]any{"revision": 99}
	case dicomweb.Base + "/workitems/{workitem}/state":
		return map[string]any{"00081195": dicomValue("UI", "2.25.5"), "00741000": dicomValue("CS", "IN PROGRESS")}
	}
	return map[string]any{}
}

// furnish makes objects of two kinds of hospital: of kaifu, read by panel npo,
// and of mima, read by panel univ.
func furnish(t *testing.T, h *house) map[string]objects {
	t.Helper()
	out := map[string]objects{}
	for facility, reader := range map[string]string{"kaifu": "sato", "mima": "kondo"} {
		o := objects{sent: h.SendStudy(t, facility, facility+"-1", 1)}
		o.report = h.signed(t, o.sent, reader)
		o.draft = h.SendStudy(t, facility, facility+"-2", 1).WorkitemID
		o.step = h.step(t, o.draft)
		study := h.as(t, "coord").do("GET", "/api/v1/studies/"+o.sent.StudyID, nil).want(200, "")
		url, _ := at(study, "seriesList", 0, "bundle").(string)
		part := strings.Split(url, "/") // "", api, v1, series, its ID, bundle, its revision
		if len(part) != 7 {
			t.Fatalf("bundle %q", url)
		}
		o.series, o.revision = part[4], part[6]
		st, err := catalog.StudyByID(t.Context(), h.DB.Read(t.Context()), identity.Everything(), o.sent.StudyID)
		if err != nil {
			t.Fatal(err)
		}
		series, err := catalog.SeriesOf(t.Context(), h.DB.Read(t.Context()), identity.Everything(), o.sent.StudyID)
		if err != nil {
			t.Fatal(err)
		}
		o.uids = [3]string{st.StudyInstanceUID, series[0].SeriesInstanceUID, series[0].Instances[0].SOPInstanceUID}
		if id, ok := at(study, "deliveryList", 0, "id").(string); ok {
			o.delivery = id
		} else {
			o.delivery = db.NewID() // mima has no destination
		}
		o.order, o.list = h.ordered(t, facility), h.shared(t, facility)
		loop := h.as(t, "coord").do("GET", "/api/v1/reports/"+o.report+"/receipts", nil).want(200, "")
		o.critical, _ = at(loop, "criticals", 0, "id").(string)
		o.person, o.token, o.emergency = h.account(t, facility)
		o.link = db.NewID()
		said := h.as(t, facility).do("POST", "/api/v1/rooms/"+o.sent.StudyID+"/pictures", photo(t)).want(201, "")
		o.message, _ = at(said, "id").(string)
		o.deletion = h.unwanted(t, facility)
		out[facility] = o
	}
	return out
}

// unwanted sends a study and asks for its deletion.
func (h *house) unwanted(t *testing.T, facility string) string {
	t.Helper()
	study := h.SendStudy(t, facility, facility+"-5", 1).StudyID
	var asked retention.Deletion
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		err := retention.SetPolicy(ctx, tx, facility, &retention.Policy{Trash: retention.Period{Days: 30}})
		if err != nil {
			return err
		}
		asked, err = retention.Request(ctx, tx, identity.Everything(), "nobody", study, "他院の患者の検査を誤って送信")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return asked.ID
}

// account makes an account and a token that nobody here uses, and an emergency of
// that account.
func (h *house) account(t *testing.T, facility string) (person, token, emergency string) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		var err error
		if person, err = identity.CreateUser(ctx, tx, identity.User{Login: "u" + db.NewID()[24:], Name: "x", Role: identity.OrderingDoctor, FacilityID: facility}); err != nil {
			return err
		}
		_, made, err := identity.CreateToken(ctx, tx, identity.Token{Name: "x", Role: identity.Service, FacilityID: facility})
		if err != nil {
			return err
		}
		token = made.ID
		opened, err := identity.OpenEmergency(ctx, tx, identity.Principal{UserID: person}, facility, facility+"-1", "19480305", "搬送された患者の既往を確認するため")
		if err == nil {
			emergency = opened[0].ID
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return person, token, emergency
}

// linked links an account to somebody at its hospital's sign-on.
func (h *house) linked(t *testing.T, person string) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		u, err := identity.UserByID(ctx, tx, person)
		if err != nil {
			return err
		}
		return identity.LinkSSO(ctx, tx, u, "https://sso.example", person, "test")
	})
	if err != nil {
		t.Fatal(err)
	}
}

// step is the SOP Instance UID of an item.
func (h *house) step(t *testing.T, id string) string {
	t.Helper()
	e, err := worklist.Get(t.Context(), h.DB.Read(t.Context()), identity.Everything(), id)
	if err != nil {
		t.Fatal(err)
	}
	return e.SOPInstanceUID
}

// ordered puts an order on the worklist of a hospital and gives its ID.
func (h *house) ordered(t *testing.T, facility string) string {
	t.Helper()
	a := h.as(t, "coord").do("POST", "/api/v1/orders", map[string]any{
		"facility": facility, "patientId": "P-" + facility, "patientName": "Yamada^Taro", "accession": db.NewID()[20:], "procedureDescription": "CT",
		"step": map[string]string{"stationAe": "CT", "startDate": "20260706", "startTime": "0930", "modality": "CT"},
	}).want(201, "")
	id, _ := at(a, "id").(string)
	return id
}

// shared shares a list with the panel that reads for a hospital and gives its ID.
func (h *house) shared(t *testing.T, facility string) string {
	t.Helper()
	panel := map[string]string{"kaifu": "npo", "mima": "univ"}[facility]
	made := h.as(t, "coord").do("POST", "/api/v1/lists", map[string]any{"name": db.NewID(), "panel": panel, "filter": map[string]string{"state": "late"}}).want(201, "")
	id, _ := at(made, "id").(string)
	return id
}

// staff are accounts beside those of the House: each role that it has nobody of,
// at both hospitals or on both panels.
var staff = map[string]identity.User{
	"tech-k": {Role: identity.Technologist, FacilityID: "kaifu"}, "tech-m": {Role: identity.Technologist, FacilityID: "mima"},
	"doc-k": {Role: identity.OrderingDoctor, FacilityID: "kaifu"}, "doc-m": {Role: identity.OrderingDoctor, FacilityID: "mima"},
	"ward-k": {Role: identity.WardStaff, FacilityID: "kaifu"}, "ward-m": {Role: identity.WardStaff, FacilityID: "mima"},
	"drug-k": {Role: identity.Pharmacist, FacilityID: "kaifu"}, "drug-m": {Role: identity.Pharmacist, FacilityID: "mima"},
	"trainee-k": {Role: identity.Trainee}, "trainee-m": {Role: identity.Trainee},
	"auditor": {Role: identity.Auditor},
}

// visitors is everybody: at least one of each role, and those who stand on a side
// on both.
func visitors(t *testing.T, h *house) map[string]*visitor {
	t.Helper()
	token := h.anonymous(t)
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		known, err := identity.UserByLogin(ctx, tx, "sato")
		if err != nil {
			return err
		}
		for login, u := range staff {
			u.Login, u.Name, u.PasswordHash = login, login, known.PasswordHash
			id, err := identity.CreateUser(ctx, tx, u)
			if err != nil {
				return err
			}
			if panels := map[string][]string{"trainee-k": {"npo"}, "trainee-m": {"univ"}}[login]; panels != nil {
				if err := identity.SetPanels(ctx, tx, id, panels); err != nil {
					return err
				}
			}
		}
		token.bearer, _, err = identity.CreateToken(ctx, tx, identity.Token{Name: "gateway", Role: identity.Service, FacilityID: "kaifu"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*visitor{"anonymous": h.anonymous(t), "token of kaifu": token}
	for login := range roleOf {
		if _, there := out[login]; !there {
			out[login] = h.as(t, login)
		}
	}
	return out
}

// renew gives a route that changes its object a fresh one, so that no visitor
// finds what another left.
func renew(t *testing.T, h *house, r api.Route, facility string, o objects) objects {
	t.Helper()
	switch r.Pattern {
	case "/orders/{id}", "/fhir/ServiceRequest/{id}":
		o.order = h.ordered(t, facility)
	case "/deletions/{id}/approve", "/deletions/{id}/refuse", "/deletions/{id}/restore":
		o.deletion = h.unwanted(t, facility)
	case "/lists/{id}":
		o.list = h.shared(t, facility)
	case "/tokens/{id}", "/people/{id}":
		o.person, o.token, o.emergency = h.account(t, facility)
	case "/people/{id}/sso":
		o.person, o.token, o.emergency = h.account(t, facility)
		h.linked(t, o.person)
	case "/links/{id}/review", "/links/{id}/end":
		o.link = h.twins(t, r.Pattern == "/links/{id}/end")
	case "/studies/{id}/addendum":
		o.sent = h.SendStudy(t, facility, facility+"-4", 1)
		h.signed(t, o.sent, map[string]string{"kaifu": "sato", "mima": "kondo"}[facility])
	case dicomweb.Base + "/workitems/{workitem}/state", dicomweb.Base + "/workitems/{workitem}/cancelrequest":
		o.step = h.step(t, h.SendStudy(t, facility, facility+"-3", 1).WorkitemID)
	case "/workitems/{id}/claim", "/workitems/{id}/decline", "/workitems/{id}/reassign":
		o.draft = h.SendStudy(t, facility, facility+"-3", 1).WorkitemID
	}
	return o
}

// roles and sides of the visitors.
var roleOf, sideOf = func() (map[string]identity.Role, map[string]string) {
	role := map[string]identity.Role{
		"sato": identity.Reader, "kondo": identity.Reader, "kaifu": identity.Hospital, "mima": identity.Hospital,
		"coord": identity.Coordinator, "admin": identity.Admin, "token of kaifu": identity.Service,
	}
	side := map[string]string{
		"sato": "kaifu", "kondo": "mima", "kaifu": "kaifu", "mima": "mima", "coord": "both", "admin": "both", "token of kaifu": "kaifu",
		"trainee-k": "kaifu", "trainee-m": "mima", "auditor": "both",
	}
	for login, u := range staff {
		role[login] = u.Role
		if u.FacilityID != "" {
			side[login] = u.FacilityID
		}
	}
	return role, side
}()

// declared reads the matrix of docs/RIGHTS.md: what people are told is what the
// routes are held against.
var declared = sync.OnceValues(func() (map[identity.Role]map[identity.Action]bool, error) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "RIGHTS.md"))
	if err != nil {
		return nil, err
	}
	out := map[identity.Role]map[identity.Action]bool{}
	var roles []string
	for line := range strings.Lines(string(raw)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		switch {
		case strings.HasPrefix(line, "| | technologist"):
			roles = cells[2 : len(cells)-1]
		case roles != nil && strings.HasPrefix(line, "| `"):
			action := identity.Action(strings.Trim(cells[1], " `"))
			for i, r := range roles {
				role := identity.Role(strings.TrimSpace(r))
				if out[role] == nil {
					out[role] = map[identity.Action]bool{}
				}
				out[role][action] = strings.Contains(cells[2+i], "●")
			}
		case strings.HasPrefix(line, "<!-- end of the matrix"):
			return out, nil
		}
	}
	return nil, errors.New("docs/RIGHTS.md has no matrix")
})

// Every route × every visitor × own and other hospital against what the table
// and the policy say. Being let in means any answer but 401, 403 and 404; a
// stranger's object is answered like one that does not exist.
func TestEveryRouteForEverybody(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	all := furnish(t, h)
	who := visitors(t, h)
	checked := 0
	for _, r := range api.Routes() {
		if r.Pattern == "/session" && r.Method == http.MethodDelete || r.Pattern == "/events" {
			continue // ends the session; never ends: both have tests of their own
		}
		for login, v := range who {
			for facility, o := range all {
				if own := sideOf[login] == facility || sideOf[login] == "both"; own && may(roleOf[login], r.Right) {
					o = renew(t, h, r, facility, o)
				}
				a := v.do(r.Method, o.path(r.Pattern), body(r))
				checked++
				if err := judge(r, login, facility, o, a.Status); err != nil {
					t.Errorf("%s %s as %s on %s: %v: %s", r.Method, r.Pattern, login, facility, err, a.Body)
				}
				if a.Status >= 500 {
					t.Errorf("%s %s as %s on %s: %d", r.Method, r.Pattern, login, facility, a.Status)
				}
			}
		}
	}
	t.Logf("%d answers checked", checked)
}

func judge(r api.Route, login, facility string, o objects, status int) error {
	named := strings.Contains(r.Pattern, "{id}") || strings.Contains(r.Pattern, "{study}")
	if strings.Contains(r.Pattern, "{workitem}") {
		named = true
	} else if strings.HasPrefix(r.Pattern, dicomweb.Base) && (r.Right == identity.ViewStudy || r.Right == identity.SendStudy) {
		named = false // what is searched for is not found; what is stored becomes one's own
	}
	own := sideOf[login] == facility || sideOf[login] == "both"
	var want []int
	switch {
	case r.Right == api.Public && r.Pattern == "/session/passkey":
		want = []int{200, 422} // asks, and tells nothing; a bare address is no party to passkeys
	case r.Right == api.Public && strings.HasPrefix(r.Pattern, "/sso"):
		want = []int{200, 404} // the list; no hospital here has one
	case r.Right == api.Public:
		want = []int{401, 410, 429} // wrong credentials
	case login == "anonymous":
		want = []int{401}
	case strings.HasPrefix(r.Pattern, "/account") || strings.HasPrefix(r.Pattern, "/session/"):
		// Of whoever asks; what they ask here is wrong or of nobody.
		if login == "token of kaifu" {
			want = []int{403}
		} else {
			want = []int{200, 204, 403, 404, 409, 422, 429}
		}
	case !api.OnTheWay(r.Right) && !may(roleOf[login], r.Right):
		want = []int{403}
	case named && !own, inRooms(r) && !seated[roleOf[login]], strings.HasPrefix(r.Pattern, "/deliveries/{id}") && facility == "mima":
		want = []int{404}
	default:
		if status == 401 || status == 403 || status == 404 {
			return fmt.Errorf("status %d for one who may", status)
		}
		return nil
	}
	for _, w := range want {
		if status == w {
			return nil
		}
	}
	return fmt.Errorf("status %d, want %v", status, want)
}

// inRooms says that a route is of the room of one study: not all who may see the
// study sit there.
func inRooms(r api.Route) bool {
	return strings.HasPrefix(r.Pattern, "/rooms/{id}") || strings.HasPrefix(r.Pattern, "/messages/")
}

// seated are the roles whose visitors sit in the rooms of their side: the trainees
// have claimed nothing, and nobody has asked the pharmacists in.
var seated = map[identity.Role]bool{
	identity.Technologist: true, identity.OrderingDoctor: true, identity.WardStaff: true, identity.Hospital: true,
	identity.Reader: true, identity.Coordinator: true,
}

func may(role identity.Role, a identity.Action) bool {
	matrix, err := declared()
	if err != nil {
		panic(err)
	}
	return matrix[role][a]
}

// openToAll are the routes anybody may ask: those by which one gets in.
var openToAll = map[string]bool{
	"POST /session": true, "POST /session/passkey": true, "POST /session/passkey/answer": true,
	"POST /invitation": true, "POST /invitation/accept": true,
	"GET /sso": true, "POST /sso/{id}": true, "GET /sso/{id}/callback": true,
}

// Every route names a right that exists, and is open to all only when it is meant
// to be.
func TestEveryRouteHasARight(t *testing.T) {
	t.Parallel()
	open := 0
	for _, r := range api.Routes() {
		name := r.Method + " " + r.Pattern
		switch {
		case r.Right == api.Public && !openToAll[name]:
			t.Errorf("%s is open to anybody", name)
		case r.Right == api.Public:
			open++
		case !api.OnTheWay(r.Right) && !r.Right.Valid():
			t.Errorf("%s has the right %q, which nobody declared", name, r.Right)
		}
	}
	if open != len(openToAll) {
		t.Errorf("%d open routes, want %d", open, len(openToAll))
	}
}

// A stranger's lists hold nothing of another hospital, in any byte.
func TestListsOfStrangers(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	all := furnish(t, h)
	for login, other := range map[string]string{"sato": "mima", "kaifu": "mima", "kondo": "kaifu", "mima": "kaifu"} {
		v := h.as(t, login)
		for _, path := range []string{"/worklist?state=all", "/worklist?state=done", "/studies", "/loop?state=all", "/studies?q=" + other, "/worklist?state=all&q=" + other, "/orders"} {
			a := v.do("GET", "/api/v1"+path, nil)
			if a.Status == 403 {
				continue
			}
			for _, secret := range []string{all[other].sent.StudyID, all[other].report, all[other].draft, other + "-1", other + "-2", all[other].order} {
				if strings.Contains(string(a.Body), secret) {
					t.Errorf("%s sees %s of %s in %s", login, secret, other, path)
				}
			}
		}
	}
}

// A session that ended, a token that was revoked and one that expired open
// nothing.
func TestSpentCredentials(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	v := h.as(t, "sato")
	v.do("GET", "/api/v1/session", nil).want(200, "")
	if err := h.gate.SignOut(t.Context(), v.cookie); err != nil {
		t.Fatal(err)
	}
	v.do("GET", "/api/v1/session", nil).want(401, "unauthenticated")
	for name, token := range map[string]identity.Token{
		"expired": {Name: "old", Role: identity.Service, FacilityID: "kaifu", ExpiresAt: time.Now().Add(-time.Hour)},
		"revoked": {Name: "lost", Role: identity.Service, FacilityID: "kaifu"},
	} {
		v := h.anonymous(t)
		err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			secret, made, err := identity.CreateToken(ctx, tx, token)
			if err != nil {
				return err
			}
			v.bearer = secret
			if name == "revoked" {
				return identity.RevokeToken(ctx, tx, made.ID)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if a := v.do("GET", "/api/v1/studies", nil); a.Status != 401 {
			t.Errorf("%s token: %d", name, a.Status)
		}
		// A token in a cookie is no session.
		v.cookie, v.bearer = v.bearer, ""
		v.do("GET", "/api/v1/studies", nil).want(401, "unauthenticated")
	}
}
