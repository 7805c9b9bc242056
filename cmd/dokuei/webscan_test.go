package main

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// scanned is a running service behind HTTPS, as a scanner sees it.
type scanned struct {
	t    *testing.T
	addr string
	tls  *tls.Config
}

// raw writes bytes as they are and reads the first answer; nil: the connection was
// closed without one.
func (s scanned) raw(request string) (*http.Response, []byte) {
	s.t.Helper()
	cfg := s.tls.Clone()
	cfg.NextProtos = []string{"http/1.1"}
	conn, err := tls.Dial("tcp", s.addr, cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	go func() { _, _ = io.WriteString(conn, request) }() // it may answer before it has read all
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: strings.SplitN(request, " ", 2)[0]})
	if err != nil {
		return nil, nil
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return res, body
}

// elsewhere reports whether a Location leads to another host.
func elsewhere(location string) bool {
	u, err := url.Parse(location)
	return err != nil || u.Host != "" && u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1"
}

// What scanners of web servers try, over TLS on the running program: malformed and
// oversized requests, headers smuggled in, other hosts' names, methods that echo, cookies,
// every file we serve. Every answer is refused or plain, none tells what is inside.
func TestWebDoorScanned(t *testing.T) {
	t.Parallel()
	dir := certificates(t)
	file := func(name string) string { return filepath.Join(dir, name) }
	s := serve(t, newData(t, network), "--http-tls-cert", file("localhost.pem"), "--http-tls-key", file("localhost.key"), "--http-redirect-addr", "127.0.0.1:0")
	scan := scanned{t, strings.TrimPrefix(s.HTTP, "https://"), believing(t, dir, "")}
	get := func(path string, headers ...string) string {
		return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + strings.Join(headers, "") + "\r\n"
	}
	long := strings.Repeat("a", 1<<20)

	t.Run("requests", func(t *testing.T) {
		for name, c := range map[string]struct {
			request string
			want    []int // 0: closed without an answer
		}{
			"a plain one":                {get("/healthz"), []int{200}},
			"path out of the pages":      {get("/../../../../etc/passwd"), []int{301, 307, 400, 404}},
			"encoded path":               {get("/assets/..%2f..%2f..%2fetc%2fpasswd"), []int{200, 301, 307, 400, 404}}, // of the pages, which say that there is no such page
			"backslashes":                {get(`/assets/..\..\windows\win.ini`), []int{301, 307, 400, 404}},
			"null byte":                  {get("/assets/index.js%00.html"), []int{301, 307, 400, 404}},
			"line end in the path":       {get("/x%0d%0aSet-Cookie:%20evil=1"), []int{200, 301, 307, 400, 404}},
			"line end in the query":      {get("/api/v1/sso?x=%0d%0aLocation:%20https://evil.example"), []int{200, 302, 400, 401, 404}},
			"two hosts":                  {"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n", []int{400}},
			"no host":                    {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", []int{400}},
			"host of somebody else":      {"GET //evil.example/%2e%2e HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", []int{200, 301, 307, 400, 404}},
			"absolute address":           {"GET https://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", []int{200, 400, 404}},
			"proxy":                      {"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", []int{400, 404, 405}},
			"trace":                      {"TRACE /probe HTTP/1.1\r\nHost: localhost\r\nX-Probe: probe-77\r\nConnection: close\r\n\r\n", []int{400, 404, 405}},
			"length and chunks":          {"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n", []int{0, 400, 401, 415}},
			"two lengths":                {"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcde", []int{400}},
			"an unknown coding":          {"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\nConnection: close\r\n\r\n", []int{400, 501}},
			"a length that is none":      {"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\nConnection: close\r\n\r\n", []int{400}},
			"a terabyte":                 {"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1099511627776\r\nConnection: close\r\n\r\n{\"login\":\"" + long, []int{0, 400, 401, 413}},
			"chunks without end":         {"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + strings.Repeat("10000\r\n"+strings.Repeat(" ", 0x10000)+"\r\n", 64), []int{0, 400, 413}},
			"a header of a megabyte":     {get("/", "X-Long: "+long+"\r\n"), []int{0, 431}},
			"ten thousand headers":       {get("/", strings.Repeat("X-More: 1\r\n", 10_000)), []int{0, 431}},
			"an address of a megabyte":   {get("/" + long), []int{0, 400, 414, 431}},
			"a header folded":            {"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\nConnection: close\r\n\r\n", []int{200, 400}},
			"a name with a space":        {"GET / HTTP/1.1\r\nHost: localhost\r\nX A: b\r\nConnection: close\r\n\r\n", []int{400}},
			"HTTP/0.9":                   {"GET /\r\n\r\n", []int{0, 400}},
			"no HTTP":                    {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + long[:4096], []int{0, 400, 431}},
			"HTTP/2 by its preface only": {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", []int{0, 400, 505}},
			"ranges":                     {get("/index.html", "Range: bytes="+strings.Repeat("0-1,", 5000)+"0-1\r\n"), []int{200, 206, 301, 416}},
			"an upgrade":                 {get("/", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"), []int{200}},
		} {
			scan := scanned{t, scan.addr, scan.tls}
			res, body := scan.raw(c.request)
			status := 0
			if res != nil {
				status = res.StatusCode
			}
			ok := false
			for _, w := range c.want {
				ok = ok || w == status
			}
			if !ok {
				t.Errorf("%s: %d %.80s", name, status, body)
			}
			if res == nil {
				continue
			}
			if res.Header.Get("Set-Cookie") != "" || elsewhere(res.Header.Get("Location")) || res.Header.Get("Server") != "" {
				t.Errorf("%s: %v", name, res.Header)
			}
			for _, inside := range []string{"root:", "probe-77", "goroutine", ".go:", "[fonts]"} {
				if strings.Contains(string(body), inside) {
					t.Errorf("%s: answers with %q", name, inside)
				}
			}
		}
		if res, _ := scan.raw(get("/healthz")); res == nil || res.StatusCode != 200 {
			t.Error("the service does not answer afterwards")
		}
	})

	t.Run("slow callers", func(t *testing.T) {
		for range 100 { // headers that never end, held until the test ends
			cfg := scan.tls.Clone()
			conn, err := tls.Dial("tcp", scan.addr, cfg)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "); err != nil {
				t.Fatal(err)
			}
		}
		if res, _ := scan.raw(get("/healthz")); res == nil || res.StatusCode != 200 {
			t.Error("others are not answered")
		}
	})

	browser := client(t, believing(t, dir, ""))
	t.Run("files", func(t *testing.T) {
		root := filepath.Join("..", "..", "viewer", "web", "dist")
		served := 0
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			res, body, err := fetch(t, browser, s.HTTP+"/"+filepath.ToSlash(name))
			if err != nil {
				return err
			}
			if strings.HasSuffix(name, ".map") || strings.HasPrefix(filepath.Base(name), ".") {
				if res.StatusCode != 404 {
					t.Errorf("%s is served", name)
				}
				return nil
			}
			served++
			for header, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Strict-Transport-Security": "max-age=31536000; includeSubDomains", "Server": "", "Cross-Origin-Resource-Policy": "same-origin"} {
				if got := res.Header.Get(header); got != want {
					t.Errorf("%s: %s is %q", name, header, got)
				}
			}
			if typ := res.Header.Get("Content-Type"); res.StatusCode != 200 || typ == "" || strings.HasPrefix(typ, "application/octet-stream") {
				t.Errorf("%s: %d %s", name, res.StatusCode, typ)
			}
			if bytes.Contains(body, []byte("sourceMappingURL=")) || bytes.Contains(body, []byte("/home/")) || bytes.Contains(body, []byte("node_modules")) {
				t.Errorf("%s tells where it was made", name)
			}
			return nil
		})
		if err != nil || served < 3 {
			t.Skipf("the pages are not built: %v", err)
		}
	})

	t.Run("cookie", func(t *testing.T) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		browser.Jar = jar
		in, _ := json.Marshal(map[string]string{"login": "sato", "password": password})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.HTTP+"/api/v1/session", bytes.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := browser.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		cookies := res.Cookies()
		if res.StatusCode != 200 || len(cookies) != 1 {
			t.Fatal(res.StatusCode, cookies)
		}
		if c := cookies[0]; !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" || len(c.Value) < 40 {
			t.Errorf("cookie %+v", c)
		}
		for _, path := range []string{"/api/v1/session", "/api/v1/worklist?state=all", "/api/v1/studies", "/dicom-web/studies", "/api/v1/nothing"} {
			res, _, err := fetch(t, browser, s.HTTP+path, "Origin", "https://evil.example", "X-Forwarded-Host", "evil.example", "X-Forwarded-For", "127.0.0.1")
			if err != nil || !strings.Contains(res.Header.Get("Cache-Control"), "no-store") && res.StatusCode != 204 || res.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: %v %v", path, err, res)
			}
		}
	})

	// Nikto has its own opinion, where it is installed; what it prints is judged line by
	// line. NIKTO_MAXTIME gives it longer than a minute: 10m is enough for all it knows.
	t.Run("nikto", func(t *testing.T) {
		path, err := exec.LookPath("nikto")
		if err != nil {
			t.Skip("nikto is not installed (make deps): what it would check is left out")
		}
		out, _ := exec.CommandContext(t.Context(), path, "-h", s.HTTP, "-ssl", "-nointeractive", "-maxtime", cmp.Or(os.Getenv("NIKTO_MAXTIME"), "60s"), "-ask", "no").CombinedOutput()
		t.Logf("%s", out)
		_, index, err := fetch(t, browser, s.HTTP+"/")
		if err != nil {
			t.Fatal(err)
		}
		// page: what it has found is a path that is no file, and so a page of ours, which
		// says that there is none such.
		page := func(line string) bool {
			_, found, _ := strings.Cut(line, ": ")
			at, _, _ := strings.Cut(found, ": ")
			if !strings.HasPrefix(at, "/") {
				return false
			}
			_, body, err := fetch(t, browser, s.HTTP+at)
			return err == nil && bytes.Equal(body, index)
		}
		for line := range strings.Lines(string(out)) {
			for _, bad := range []string{"OSVDB-", "vulnerab", "outdated", "leak", "XSS", "traversal", "dangerous"} {
				if strings.HasPrefix(line, "+ ") && strings.Contains(line, bad) && !page(line) {
					t.Errorf("nikto: %s", line)
				}
			}
		}
	})
	if strings.Contains(s.log.String(), "panic") {
		t.Error(fmt.Sprint("a handler panicked:\n", s.log))
	}
}
