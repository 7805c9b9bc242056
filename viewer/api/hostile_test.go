package api_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/storage/db"
)

// Every wrong way to sign in gives one answer; repeated, it is slowed down.
func TestSignInRefused(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	v := h.anonymous(t)
	var bodies []string
	for _, in := range []any{
		map[string]string{"login": "sato", "password": "wrong"},
		map[string]string{"login": "nobody", "password": reportstest.Password},
		map[string]string{"login": "", "password": ""},
		map[string]string{"login": strings.Repeat("x", 4096), "password": "x"},
		map[string]string{"login": "sato", "password": strings.Repeat("x", 4096)},
	} {
		a := v.do("POST", "/api/v1/session", in)
		a.want(401, "bad_credentials")
		if a.Header.Get("Set-Cookie") != "" {
			t.Error("a cookie was set")
		}
		bodies = append(bodies, string(a.Body))
	}
	for _, b := range bodies {
		if b != bodies[0] {
			t.Errorf("answers differ: %s and %s", bodies[0], b)
		}
	}
	for range 20 {
		a := v.do("POST", "/api/v1/session", map[string]string{"login": "sato", "password": "wrong"})
		if a.Status == http.StatusTooManyRequests {
			a.want(429, "slow_down")
			if a.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			return
		}
		a.want(401, "bad_credentials")
	}
	t.Error("twenty wrong passwords were never slowed down")
}

func TestBodies(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "KF-1", 1)
	v := h.as(t, "sato")
	base := "/api/v1/workitems/" + s.WorkitemID
	v.do("POST", base+"/claim", map[string]any{}).want(200, "")
	draft := base + "/draft"
	for name, tc := range map[string]struct {
		body    string
		headers []string
		status  int
		code    string
	}{
		"no JSON":        {"findings=x", nil, 400, "weak_input"},
		"empty":          {"", nil, 400, "weak_input"},
		"unknown member": {`{"revision":0,"evil":1}`, nil, 400, "weak_input"},
		"two values":     {`{"revision":0} {"revision":0}`, nil, 400, "weak_input"},
		"wrong type":     {`{"revision":"zero"}`, nil, 400, "weak_input"},
		"negative":       {`{"revision":-1}`, nil, 400, "weak_input"},
		"deep":           {strings.Repeat("[", 100000), nil, 400, "weak_input"},
		"language":       {`{"revision":0,"language":"xx"}`, nil, 400, "weak_input"},
		"long":           {`{"revision":0,"sections":{"findings":"` + strings.Repeat("a", 2<<20) + `"}}`, nil, 413, "too_large"},
		"long section":   {`{"revision":0,"language":"ja","sections":{"findings":"` + strings.Repeat("a", 300<<10) + `"}}`, nil, 413, "too_large"},
		"form":           {`{}`, []string{"Content-Type", "text/plain"}, 415, "not_json"},
		"other site":     {`{}`, []string{"Sec-Fetch-Site", "cross-site"}, 403, "cross_origin"},
		"other origin":   {`{}`, []string{"Origin", "https://evil.example"}, 403, "cross_origin"},
	} {
		a := v.do("PUT", draft, tc.body, tc.headers...)
		if a.Status != tc.status {
			t.Errorf("%s: status %d, want %d: %s", name, a.Status, tc.status, a.Body)
			continue
		}
		a.want(tc.status, tc.code)
	}
	// Nothing of all that was saved.
	if d := v.do("GET", draft, nil).want(200, ""); d["revision"] != 0.0 {
		t.Errorf("draft %v", d)
	}
}

func TestPathsAndQueries(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "KF-1", 1)
	v := h.as(t, "sato")
	for _, id := range []string{
		"x", "..", "%2e%2e", "..%2f..%2fetc%2fpasswd", strings.Repeat("a", 5000), "' OR 1=1 --", "%00", s.StudyInstanceUID,
		"{00000000-0000-0000-0000-000000000000}", "00000000-0000-0000-0000-000000000000", db.NewID(), "%0d%0aSet-Cookie:%20a=b",
	} {
		id = strings.ReplaceAll(id, " ", "%20")
		for _, path := range []string{"/studies/" + id, "/workitems/" + id, "/instances/" + id + "/file", "/instances/" + id + "/frames/1", "/reports/" + id + "/pdf"} {
			a := v.do("GET", "/api/v1"+path, nil)
			if a.Status != 404 && a.Status != 307 && a.Status != 301 {
				t.Errorf("%s: %d", path, a.Status)
			}
			if a.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s set a header", path)
			}
		}
	}
	for _, query := range []string{"limit=0", "limit=201", "limit=x", "state=evil", "cursor=evil", "cursor=%00"} {
		for _, path := range []string{"/worklist?", "/studies?"} {
			if a := v.do("GET", "/api/v1"+path+query, nil); a.Status != 400 {
				t.Errorf("%s%s: %d", path, query, a.Status)
			}
		}
	}
	for _, q := range []string{"%25", "_", "'", `%22`, "%00", strings.Repeat("x", 3000), "%e3%81"} {
		if a := v.do("GET", "/api/v1/studies?q="+q, nil); a.Status >= 500 {
			t.Errorf("q=%.20s: %d", q, a.Status)
		}
	}
	for _, path := range []string{"/worklist/search", "/studies/search"} {
		for _, body := range []string{`{"limit":201}`, `{"limit":-1}`, `{"limit":"x"}`, `{"state":"evil"}`, `{"cursor":"evil"}`, `{"evil":1}`, `{"q":"` + strings.Repeat("x", 3000) + `"}`} {
			if a := v.do("POST", "/api/v1"+path, body); a.Status != 400 {
				t.Errorf("%s %.40s: %d", path, body, a.Status)
			}
		}
		for _, q := range []string{"%", "_", "'", `\u0000`, `\\`, "あ"} {
			if a := v.do("POST", "/api/v1"+path, `{"q":"`+q+`"}`); a.Status != 200 {
				t.Errorf("%s %s: %d", path, q, a.Status)
			}
		}
	}
	v.do("GET", "/api/v1/nothing", nil).want(404, "not_found")
	v.do("PATCH", "/api/v1/session", nil).want(404, "not_found")
	v.do("GET", "/api/v2/session", nil).want(404, "not_found")
}

func TestPages(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	v := h.anonymous(t)
	for _, path := range []string{"/", "/read/0193a2b0-7c1e-7000-8000-000000000001", "/index.html", "/..%2f..%2fetc/passwd"} {
		a := v.do("GET", path, nil)
		if a.Status == 301 || a.Status == 307 {
			continue
		}
		if a.Status != 200 || !strings.Contains(string(a.Body), "<title>Dokuei</title>") || a.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %s %.40s", path, a.Status, a.Header.Get("Cache-Control"), a.Body)
		}
		csp := a.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'self'") || strings.Contains(csp, "unsafe-inline") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", path, csp)
		}
		// The one script within the page, by the SHA-256 of "(()=>{1})()".
		if !strings.Contains(csp, "script-src 'self' 'wasm-unsafe-eval' 'sha256-dTCn2CoPC7y3zzale4eclbPyLHuo16xtCFEwvO085cc=';") {
			t.Errorf("%s: the script of the page is not allowed by its hash, or more is: %q", path, csp)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
	asset := v.do("GET", "/assets/index-a1b2c3.js", nil)
	if asset.Status != 200 || asset.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || !strings.HasPrefix(asset.Header.Get("Content-Type"), "text/javascript") {
		t.Errorf("asset: %d %v", asset.Status, asset.Header)
	}
	if gone := v.do("GET", "/assets/index-000000.js", nil); gone.Status != 404 {
		t.Errorf("an asset of another version: %d", gone.Status)
	}
	if a := v.do("POST", "/", "x"); a.Status != 405 {
		t.Errorf("POST of a page: %d", a.Status)
	}
}

func TestNoPages(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	a := h.anonymous(t).do("GET", "/", nil)
	if a.Status != 501 || !strings.Contains(string(a.Body), "make build") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	h := open(t, fstest.MapFS{})
	v := h.anonymous(t)
	v.do("GET", "/healthz", nil).want(200, "")
	v.do("GET", "/readyz", nil).want(200, "")
	v.do("GET", "/metrics", nil).want(200, "") // from this machine
	v.do("GET", "/metrics", nil, "X-Forwarded-For", "192.0.2.1").want(401, "unauthenticated")
	h.as(t, "sato").do("GET", "/metrics", nil, "X-Forwarded-For", "192.0.2.1").want(403, "forbidden")
	h.as(t, "admin").do("GET", "/metrics", nil, "X-Forwarded-For", "192.0.2.1").want(200, "")
}
