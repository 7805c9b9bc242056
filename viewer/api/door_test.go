package api_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/viewer/api"
	"github.com/dokuei/dokuei/viewer/dicomweb"
)

// always is what every answer says, whoever asks, whatever comes of it.
var always = map[string]string{
	"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
	"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Resource-Policy": "same-origin",
}

// never is what no answer says: what it is made with, and where.
var never = []string{"Server", "X-Powered-By", "Via", "X-AspNet-Version", "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"}

// inside is what only we should see.
var inside = regexp.MustCompile(`goroutine \d|runtime error|panic:|\.go:\d|SQLITE|sql: |pgx|no such table|/tmp/|/home/|/usr/`)

// weaknesses says what a scanner would note of an answer.
func weaknesses(a *answer, private bool) (out []string) {
	for name, want := range always {
		if got := a.Header.Get(name); got != want {
			out = append(out, name+" is "+got)
		}
	}
	for _, name := range never {
		if got := a.Header.Get(name); got != "" {
			out = append(out, name+" is "+got)
		}
	}
	csp := a.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src '") || !strings.Contains(csp, "frame-ancestors '") || strings.Contains(csp, "unsafe-inline") || strings.Contains(csp, "'unsafe-eval'") || strings.Contains(csp, "*") {
		out = append(out, "policy "+csp)
	}
	if f := a.Header.Get("X-Frame-Options"); f != "DENY" && f != "SAMEORIGIN" {
		out = append(out, "frame options "+f)
	}
	cache := a.Header.Get("Cache-Control")
	if private && !strings.Contains(cache, "no-store") && !strings.Contains(cache, "private") && a.Status != http.StatusNotModified && len(a.Body) > 0 {
		out = append(out, "a cache between us may keep it: "+cache)
	}
	if strings.Contains(cache, "public") && private {
		out = append(out, "cached for everybody: "+cache)
	}
	if len(a.Body) > 0 && a.Header.Get("Content-Type") == "" {
		out = append(out, "no content type")
	}
	if m := inside.Find(a.Body); m != nil {
		out = append(out, "tells "+string(m))
	}
	for _, c := range a.Header.Values("Set-Cookie") {
		if !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Strict") && !strings.Contains(c, "SameSite=Lax") {
			out = append(out, "cookie "+c)
		}
	}
	if to := a.Header.Get("Location"); strings.Contains(to, "evil") {
		out = append(out, "sends on to "+to)
	}
	return out
}

// Every route, by every method, as nobody, as a reader and as an administrator, with the
// manners of a scanner: the answers carry what browsers are to be told, and nothing of
// what is inside.
func TestEveryAnswerOfTheDoor(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	all := furnish(t, h)
	who := visitors(t, h)
	who["nobody"] = h.anonymous(t)
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "DEBUG"}
	asked := 0
	for _, r := range append(api.Routes(), api.Route{Pattern: "/nothing/here"}, api.Route{Pattern: dicomweb.Base}, api.Route{Pattern: "/studies/%2e%2e"}) {
		if r.Pattern == "/events" || strings.HasPrefix(r.Pattern, "/session") || strings.HasPrefix(r.Pattern, "/account/devices") {
			continue // never ends; ends the sessions of the test
		}
		path := all["kaifu"].path(r.Pattern)
		for _, login := range []string{"nobody", "sato", "admin"} {
			for _, method := range methods {
				if login == "admin" && method != r.Method || strings.Contains(r.Pattern, "/look") && method == "GET" {
					continue
				}
				a := who[login].do(method, path, nil, "Origin", "https://evil.example", "X-Forwarded-Host", "evil.example", "X-Probe", "probe-77", "Sec-Fetch-Site", "cross-site")
				asked++
				for _, w := range weaknesses(a, true) {
					t.Errorf("%s %s as %s: %d, %s", method, r.Pattern, login, a.Status, w)
				}
				if strings.Contains(string(a.Body), "probe-77") {
					t.Errorf("%s %s: echoes what was sent", method, r.Pattern)
				}
				switch known := method == r.Method || method == "HEAD" && r.Method == "GET" || method == "OPTIONS"; {
				case a.Status >= 500 && a.Status != http.StatusNotImplemented && a.Status != http.StatusBadGateway:
					t.Errorf("%s %s as %s: %d %s", method, r.Pattern, login, a.Status, a.Body)
				case !known && a.Status < 400 && !sibling(r.Pattern, method):
					t.Errorf("%s %s as %s: %d", method, r.Pattern, login, a.Status)
				}
			}
		}
	}
	t.Logf("%d answers", asked)
}

// sibling reports whether another route has the pattern with the method.
func sibling(pattern, method string) bool {
	for _, r := range api.Routes() {
		if r.Pattern == pattern && (r.Method == method || r.Method == "GET" && method == "HEAD") {
			return true
		}
	}
	return false
}

// A body that is not said to be JSON is not read as JSON by any route: what a form of
// another site can send changes nothing.
func TestOnlyJSONIsRead(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	all := furnish(t, h)
	who := visitors(t, h)
	refused := 0
	for _, r := range api.Routes() {
		if r.Method == http.MethodGet || strings.HasPrefix(r.Pattern, dicomweb.Base) || strings.HasPrefix(r.Pattern, "/session") || strings.HasPrefix(r.Pattern, "/account") {
			continue
		}
		login := "sato"
		for l, role := range roleOf {
			if may(role, r.Right) && (role != identity.Service) {
				login = l
			}
		}
		path := all["kaifu"].path(r.Pattern)
		if who[login].do(r.Method, path, "{").Status != http.StatusBadRequest {
			continue // it reads no body; that other sites cannot ask for it is tested elsewhere
		}
		for _, typ := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "application/json+x", ""} {
			a := who[login].do(r.Method, path, `{"reason":"because of that","q":"x","name":"y","format":"json"}`, "Content-Type", typ)
			if refused++; a.Status != http.StatusUnsupportedMediaType {
				t.Errorf("%s %s as %s reads %q: %d %s", r.Method, r.Pattern, login, typ, a.Status, a.Body)
			}
		}
	}
	if refused < 100 {
		t.Errorf("%d bodies were refused for their type", refused)
	}
}

// Files that scanners look for are not there, and are not pages either.
func TestNoSuchFile(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	v := h.anonymous(t)
	for _, path := range []string{
		"/.git/HEAD", "/.git/config", "/.env", "/.DS_Store", "/.htaccess", "/.svn/entries", "/server-status.html", "/phpinfo.php", "/wp-login.php", "/index.php",
		"/package.json", "/package-lock.json", "/tsconfig.json", "/vite.config.ts", "/src/main.tsx", "/assets/index-a1b2c3.js.map", "/assets/",
		"/backup.zip", "/dokuei.db", "/site.yaml", "/site.yaml.bak", "/index.html~", "/index.html.bak", "/id_rsa.pem", "/crossdomain.xml", "/web.config", "/cgi-bin/test.cgi",
		"/.well-known/", "/.well-known/openid-configuration", "/api/v1/.git/HEAD", "/api/v1/openapi.json", "/swagger.json", "/dicom-web/.env", "/WEB-INF/web.xml", "/etc/passwd.txt",
	} {
		a := v.do("GET", path, nil)
		if a.Status != http.StatusNotFound && a.Status != http.StatusUnauthorized {
			t.Errorf("%s: %d %.60s", path, a.Status, a.Body)
		}
		for _, w := range weaknesses(a, false) {
			t.Errorf("%s: %s", path, w)
		}
	}
	for _, path := range []string{"/debug/pprof/", "/debug/vars", "/actuator/env", "/manager/html", "/" + url.PathEscape("../../etc/passwd")} {
		a := v.do("GET", path, nil) // pages: the application says that it knows no such page
		if a.Status == http.StatusOK && !strings.Contains(string(a.Body), "<title>Dokuei</title>") {
			t.Errorf("%s: %d %.60s", path, a.Status, a.Body)
		}
	}
}
