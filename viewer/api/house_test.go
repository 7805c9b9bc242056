package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/archive"
	"github.com/dokuei/dokuei/reports/pdf"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/pack"
	"github.com/dokuei/dokuei/viewer/api"
	"github.com/dokuei/dokuei/viewer/bundle"
	"github.com/dokuei/dokuei/viewer/dicomweb"
	"github.com/dokuei/dokuei/viewer/preview"
	"github.com/dokuei/dokuei/worklist/ups"
)

// house is a whole service without its DICOM side, on a loopback port.
type house struct {
	*reportstest.House
	URL  string
	API  *api.API
	log  *logBuffer
	gate *identity.Gate

	sessions map[string]string // by login: hashing passwords is slow on purpose
}

// logBuffer keeps everything the service logs.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var pages = fstest.MapFS{
	"index.html":             {Data: []byte("<!doctype html><script>(()=>{1})()</script><script type=\"module\" crossorigin src=\"/assets/index-a1b2c3.js\"></script><title>Dokuei</title>" + strings.Repeat("<p>page</p>", 200))},
	"assets/index-a1b2c3.js": {Data: []byte("export {}")},
}

// open starts a service; pages may be nil. change has the last word about it.
func open(t testing.TB, files fs.FS, change ...func(*api.Deps)) *house {
	t.Helper()
	return openIn(t, reportstest.NewHouse(t), files, change...)
}

// onEach runs a test against a service on each database.
func onEach(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		t.Helper()
		test(t, openIn(t, reportstest.NewHouseOn(t, open(t)), pages))
	})
}

func openIn(t testing.TB, in *reportstest.House, files fs.FS, change ...func(*api.Deps)) *house {
	t.Helper()
	h := &house{House: in, log: &logBuffer{}, sessions: map[string]string{}}
	log := slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	derived, err := pack.Open(t.TempDir(), pack.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	pictures := preview.New(preview.Options{Objects: h.Objects, Derived: derived, Log: log})
	bundles, err := bundle.New(bundle.Options{Pictures: pictures, Dir: t.TempDir(), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	web := &dicomweb.Server{
		DB: h.DB, Objects: h.Objects, Pictures: pictures, Log: log,
		Store: func(ctx context.Context, facilityID, client string, m ingest.Meta, r io.Reader) (ingest.Result, error) {
			return h.Ingest.Store(ctx, ingest.Source{FacilityID: facilityID, CallingAE: client}, m, r)
		},
		Exported: func(context.Context, identity.Principal, []catalog.Instance) {},
		Searched: func(context.Context, identity.Principal) {},
		AETitle:  "DOKUEI",
		Steps: &ups.Steps{DB: h.DB, Log: log, Assign: func(ctx context.Context, tx db.Tx, s catalog.Study, actor string) error {
			_, err := assign.Requested(ctx, tx, s, actor)
			return err
		}},
	}
	h.gate = identity.NewGate(h.DB, identity.Options{})
	deps := api.Deps{
		DB: h.DB, Gate: h.gate, Objects: h.Objects, Pictures: pictures, Bundles: bundles, DICOMweb: web, Pages: files, Log: log, Version: "test",
		Desk: reports.NewDesk(reports.Deps{
			DB: h.DB, Objects: h.Objects, Ingest: h.Ingest, Also: archive.Index, Draw: drawing, Writers: []reports.Writer{sr.Writer{}, pdf.Writer{}, sr.MeasurementWriter{}, sr.KeyWriter{}, sr.EnhancedWriter{}},
			Organization: reports.Organization{Name: "遠隔読影ネット"},
		}),
		WakeLedger: func() {}, WakeCourier: func() {}, Ready: h.DB.Ping, Metrics: prometheus.NewRegistry(), ViewerOrigins: []string{"https://viewer.example"},
	}
	for _, f := range change {
		f(&deps)
	}
	h.API, err = api.New(deps)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h.API)
	t.Cleanup(func() {
		h.API.Close()
		server.Close()
		bundles.Close()
		pictures.Close()
	})
	h.URL = server.URL
	return h
}

// visitor is somebody in front of the door.
type visitor struct {
	t      *testing.T
	base   string
	cookie string
	bearer string
	client *http.Client
}

// anonymous is a visitor who has not signed in.
func (h *house) anonymous(t *testing.T) *visitor {
	return &visitor{t: t, base: h.URL, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as is a visitor with a session of a user; a second one has the same session.
func (h *house) as(t *testing.T, login string) *visitor {
	t.Helper()
	v := h.anonymous(t)
	if login == "anonymous" {
		return v
	}
	if _, ok := h.sessions[login]; !ok {
		secret, _, err := h.gate.SignIn(t.Context(), login, reportstest.Password, "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		h.sessions[login] = secret
	}
	v.cookie = h.sessions[login]
	return v
}

// answer is what came back.
type answer struct {
	t      *testing.T
	Status int
	Header http.Header
	Body   []byte
}

// do asks; body nil sends none, a string is sent as it is, anything else as JSON.
func (v *visitor) do(method, path string, body any, headers ...string) *answer {
	v.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		j, err := json.Marshal(b)
		if err != nil {
			v.t.Fatal(err)
		}
		r = bytes.NewReader(j)
	}
	req, err := http.NewRequestWithContext(context.WithoutCancel(v.t.Context()), method, v.base+path, r)
	if err != nil {
		v.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	v.identify(req)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return &answer{v.t, res.StatusCode, res.Header, b}
}

func (v *visitor) identify(req *http.Request) {
	if v.cookie != "" {
		req.AddCookie(&http.Cookie{Name: "dokuei_session", Value: v.cookie})
	}
	if v.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+v.bearer)
	}
}

// want fails the test unless the answer has the status, and the code if it is a
// problem; it returns the decoded JSON.
func (a *answer) want(status int, code string) map[string]any {
	a.t.Helper()
	var v map[string]any
	if strings.Contains(a.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(a.Body, &v); err != nil && !bytes.HasPrefix(a.Body, []byte("[")) {
			a.t.Errorf("body is no JSON: %v", err)
		}
	}
	if a.Status != status {
		a.t.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	if code != "" {
		if ct := a.Header.Get("Content-Type"); ct != "application/problem+json" {
			a.t.Errorf("a problem is answered as %q", ct)
		}
		if v["code"] != code || v["status"] != float64(status) {
			a.t.Errorf("problem %s, want code %s", a.Body, code)
		}
	}
	return v
}

// at walks into decoded JSON.
func at(v any, keys ...any) any {
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[k]
		case int:
			l, _ := v.([]any)
			if k >= len(l) {
				return nil
			}
			v = l[k]
		}
	}
	return v
}

// signed writes and signs a report over the API and returns its ID.
func (h *house) signed(t *testing.T, s reportstest.Sent, login string) string {
	t.Helper()
	v := h.as(t, login)
	base := "/api/v1/workitems/" + s.WorkitemID
	v.do("POST", base+"/claim", map[string]any{}).want(200, "")
	v.do("PUT", base+"/draft", map[string]any{"revision": 0, "language": "ja", "template": "head-ct", "sections": map[string]string{
		"findings": "右被殻に高吸収域を認めます。", "impression": "右被殻出血。", "recommendation": "",
	}, "marks": map[string]any{"critical": map[string]string{"level": "red", "finding": "右被殻出血"}}}).want(200, "")
	r := v.do("POST", base+"/sign", map[string]any{"revision": 1}).want(200, "")
	return r["id"].(string)
}
