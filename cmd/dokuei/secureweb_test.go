package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// certificates makes an authority with our own command, a server's certificate and
// one of a hospital.
func certificates(t testing.TB) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "ca")
	mustRun(t, "ca", "init", "--dir", dir)
	mustRun(t, "ca", "server", "--dir", dir, "localhost", "127.0.0.1")
	mustRun(t, "ca", "hospital", "--dir", dir, "minami")
	mustRun(t, "ca", "hospital", "--dir", dir, "kita")
	return dir
}

// believing is a client's configuration that believes the authority in dir; own names
// the pair it shows.
func believing(t testing.TB, dir, own string) *tls.Config {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	cfg := &tls.Config{RootCAs: x509.NewCertPool()}
	cfg.RootCAs.AppendCertsFromPEM(text)
	if own != "" {
		pair, err := tls.LoadX509KeyPair(filepath.Join(dir, own+".pem"), filepath.Join(dir, own+".key"))
		if err != nil {
			t.Fatal(err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return cfg
}

func client(t testing.TB, cfg *tls.Config) *http.Client {
	tr := &http.Transport{TLSClientConfig: cfg, ForceAttemptHTTP2: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func fetch(t testing.TB, c *http.Client, url string, headers ...string) (*http.Response, []byte, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, body, err
}

// The web port with certificates of our own authority: what it shows, who comes in
// with a certificate, and what happens when one is renewed or taken back.
func TestSecureWebDoor(t *testing.T) {
	t.Parallel()
	dir := certificates(t)
	file := func(name string) string { return filepath.Join(dir, name) }
	s := serve(t, newData(t, strings.Replace(network, "{login: sato,", "{login: sato, ae_titles: [SATO_WS],", 1)), "--http-tls-cert", file("localhost.pem"), "--http-tls-key", file("localhost.key"),
		"--http-tls-client-ca", file("ca.pem"), "--tls-crl", file("crl.pem"), "--http-redirect-addr", "127.0.0.1:0",
		"--security-contact", "mailto:security@example.jp",
		"--dicom-tls-addr", "127.0.0.1:0", "--dicom-tls-cert", file("localhost.pem"), "--dicom-tls-key", file("localhost.key"), "--dicom-tls-client-ca", file("ca.pem"))
	if !strings.HasPrefix(s.HTTP, "https://") {
		t.Fatal(s.HTTP)
	}
	browser := client(t, believing(t, dir, ""))

	t.Run("pages", func(t *testing.T) {
		res, _, err := fetch(t, browser, s.HTTP+"/")
		if err != nil {
			t.Fatal(err)
		}
		if res.ProtoMajor != 2 || res.TLS.Version != tls.VersionTLS13 {
			t.Errorf("%s over %s", res.Proto, tls.VersionName(res.TLS.Version))
		}
		for name, want := range map[string]string{
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Embedder-Policy": "require-corp", "X-Content-Type-Options": "nosniff", "Server": "", "X-Powered-By": "",
		} {
			if got := res.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		res, text, err := fetch(t, browser, s.HTTP+"/.well-known/security.txt")
		if err != nil || res.StatusCode != 200 || !strings.Contains(string(text), "Contact: mailto:security@example.jp\n") || !strings.Contains(string(text), "\nExpires: 2") {
			t.Errorf("security.txt: %v %s", err, text)
		}
	})
	t.Run("machines", func(t *testing.T) {
		minami := client(t, believing(t, dir, "hospital-minami"))
		res, body, err := fetch(t, minami, s.HTTP+"/api/v1/session")
		if err != nil {
			t.Fatal(err)
		}
		var me struct {
			Role     string
			Facility struct{ ID string }
		}
		if err := json.Unmarshal(body, &me); err != nil || res.StatusCode != 200 || me.Role != "service" || me.Facility.ID != "minami" {
			t.Errorf("%d %s", res.StatusCode, body)
		}
		for path, want := range map[string]int{"/api/v1/account": 403, "/api/v1/worklist": 403, "/api/v1/orders": 200, "/dicom-web/studies": 200} {
			if res, body, err := fetch(t, minami, s.HTTP+path); err != nil || res.StatusCode != want && (want != 200 || res.StatusCode != 204) {
				t.Errorf("%s: %v, want %d: %s", path, res, want, body)
			}
		}
		// A browser has a person before it, whatever certificates are installed.
		if res, _, err := fetch(t, minami, s.HTTP+"/api/v1/session", "Sec-Fetch-Site", "same-origin"); err != nil || res.StatusCode != 401 {
			t.Errorf("a browser with a certificate: %v %v", res, err)
		}
		if res, _, err := fetch(t, browser, s.HTTP+"/api/v1/session"); err != nil || res.StatusCode != 401 {
			t.Errorf("without a certificate: %v %v", res, err)
		}
		ours := believing(t, dir, "localhost") // vouched for, and of no hospital
		if res, _, err := fetch(t, client(t, ours), s.HTTP+"/api/v1/session"); err != nil || res.StatusCode != 401 {
			t.Errorf("our own certificate: %v %v", res, err)
		}
		strange := certificates(t)
		other := believing(t, strange, "hospital-minami")
		other.RootCAs = believing(t, dir, "").RootCAs
		other.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &other.Certificates[0], nil }
		if res, _, err := fetch(t, client(t, other), s.HTTP+"/api/v1/session"); err == nil {
			t.Errorf("a certificate of another authority: %d", res.StatusCode)
		}
	})
	t.Run("DICOM", func(t *testing.T) {
		study, _ := slices(t, 1)
		for _, c := range []struct {
			aet, pair string
			works     bool
		}{{"MINAMI_CT", "hospital-minami", true}, {"KITA_CT", "hospital-minami", false}, {"KITA_CT", "hospital-kita", true}, {"KITA_CT", "localhost", false}, {"SATO_WS", "hospital-kita", false}} {
			if err := s.sendSecurely(t, c.aet, file("ca.pem"), file(c.pair+".pem"), file(c.pair+".key"), study); (err == nil) != c.works {
				t.Errorf("%s with the certificate %s: %v", c.aet, c.pair, err)
			}
		}
		s.logged(t, "the certificate names no hospital", "does not say that it is this reader's")
		eventually(t, "refusals are counted", func() bool {
			_, body, err := fetch(t, browser, s.HTTP+"/metrics")
			return err == nil && bytes.Contains(body, []byte(`dokuei_dicom_denied_total{reason="nameless"} 2`))
		})
	})
	t.Run("suites", func(t *testing.T) { weakSuites(t, strings.TrimPrefix(s.HTTP, "https://"), dir) })
	t.Run("scan", func(t *testing.T) { scanTLS(t, strings.TrimPrefix(s.HTTP, "https://"), s.DICOMTLS) })

	t.Run("renewed and revoked", func(t *testing.T) {
		serial := func() string {
			conn, err := tls.Dial("tcp", strings.TrimPrefix(s.HTTP, "https://"), believing(t, dir, ""))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
		}
		before := serial()
		mustRun(t, "ca", "server", "--dir", dir, "localhost", "127.0.0.1")
		eventually(t, "the next certificate is shown", func() bool { return serial() != before })

		out, _, err := tryRun(t, "ca", "revoke", "--dir", dir, "hospital-kita")
		if err != nil || !strings.HasPrefix(out, "hospital-kita ") {
			t.Fatal(out, err)
		}
		eventually(t, "the revoked certificate is refused on the web port", func() bool {
			_, _, err := fetch(t, client(t, believing(t, dir, "hospital-kita")), s.HTTP+"/api/v1/session")
			return err != nil
		})
		study, _ := slices(t, 1)
		if err := s.sendSecurely(t, "KITA_CT", file("ca.pem"), file("hospital-kita.pem"), file("hospital-kita.key"), study); err == nil {
			t.Error("the revoked certificate opens the DICOM port")
		}
		if res, _, err := fetch(t, client(t, believing(t, dir, "hospital-minami")), s.HTTP+"/api/v1/session"); err != nil || res.StatusCode != 200 {
			t.Errorf("another was taken back with it: %v", err)
		}
		listing := mustRun(t, "ca", "list", "--dir", dir, "--all")
		for _, want := range []string{"hospital-minami", "minami", "revoked 2", "good"} {
			if !strings.Contains(listing, want) {
				t.Errorf("the list lacks %q:\n%s", want, listing)
			}
		}
	})
	t.Run("metrics", func(t *testing.T) {
		_, body, err := fetch(t, browser, s.HTTP+"/metrics")
		if err != nil {
			t.Fatal(err)
		}
		for _, use := range []string{"http", "dicom", "http-crl", "dicom-crl"} {
			if !bytes.Contains(body, []byte(`dokuei_certificate_expires_seconds{use="`+use+`"}`)) {
				t.Errorf("no expiry of %s", use)
			}
		}
	})
}

// weakSuites tries every version and suite that is not wanted, one by one.
func weakSuites(t *testing.T, addr, dir string) {
	try := func(version uint16, suite uint16) bool {
		cfg := believing(t, dir, "")
		cfg.MinVersion, cfg.MaxVersion, cfg.CipherSuites = version, version, []uint16{suite}
		conn, err := tls.Dial("tcp", addr, cfg)
		if err != nil {
			return false
		}
		_ = conn.Close()
		return true
	}
	good, tried := 0, 0
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		for _, version := range suite.SupportedVersions {
			if version == tls.VersionTLS13 {
				continue
			}
			tried++
			aead := strings.HasPrefix(suite.Name, "TLS_ECDHE") && (strings.Contains(suite.Name, "GCM") || strings.Contains(suite.Name, "POLY1305"))
			switch works := try(version, suite.ID); {
			case works && (!aead || version < tls.VersionTLS12):
				t.Errorf("%s with %s", tls.VersionName(version), suite.Name)
			case works:
				good++
			}
		}
	}
	if good < 3 || tried < 30 { // those for the kind of key we have
		t.Errorf("%d suites of TLS 1.2 work of %d tried", good, tried)
	}
}

// scanTLS lets sslscan look at the ports.
func scanTLS(t *testing.T, ports ...string) {
	sslscan := tool(t, "sslscan")
	for _, port := range ports {
		out := mustOutput(t, sslscan, "--no-colour", port)
		for _, want := range []string{"TLSv1.2   enabled", "TLSv1.3   enabled", "SSLv3     disabled", "TLSv1.0   disabled", "TLSv1.1   disabled", "not vulnerable to heartbleed"} {
			if !strings.Contains(out, want) {
				t.Errorf("sslscan of %s does not say %q", port, want)
			}
		}
		for line := range strings.Lines(out) {
			if (strings.HasPrefix(line, "Accepted") || strings.HasPrefix(line, "Preferred")) && !strings.Contains(line, "GCM") && !strings.Contains(line, "POLY1305") {
				t.Errorf("a weak suite: %s", line)
			}
		}
		if t.Failed() {
			t.Log(out)
		}
	}
}

// Plain HTTP sends on to HTTPS and does nothing else.
func TestRedirect(t *testing.T) {
	t.Parallel()
	for public, want := range map[string]string{"": "https://dokuei.example/a%20b", "https://pages.example": "https://pages.example/a%20b"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = serveUntil(t.Context(), &http.Server{Handler: redirect(public)}, l) }()
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+"/a%20b?token=secret", nil)
		req.Host = "dokuei.example:80"
		res, err := client(t, nil).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusPermanentRedirect || res.Header.Get("Location") != want {
			t.Errorf("%d to %s, want %s", res.StatusCode, res.Header.Get("Location"), want)
		}
	}
}

// Settings of the web port that do not fit together are refused before anything runs.
func TestSecureWebSettings(t *testing.T) {
	t.Parallel()
	cert, key, _ := newAuthority(t, "ours").issue(t, "dokuei")
	missing := filepath.Join(t.TempDir(), "missing.pem")
	for want, args := range map[string][]string{
		"belong together":               {"--http-tls-cert", cert},
		"need HTTPS":                    {"--http-tls-client-ca", cert},
		"need HTTPS: give":              {"--http-redirect-addr", "127.0.0.1:0"},
		"web certificate: ":             {"--http-tls-cert", missing, "--http-tls-key", key},
		"web client authorities: ":      {"--http-tls-cert", cert, "--http-tls-key", key, "--http-tls-client-ca", missing},
		"--tls-crl: ":                   {"--http-tls-cert", cert, "--http-tls-key", key, "--http-tls-client-ca", cert, "--tls-crl", cert},
		"two ways":                      {"--http-tls-cert", cert, "--http-tls-key", key, "--acme-host", "a.example"},
		"give --acme-agree":             {"--acme-host", "a.example"},
		"neither an address nor a netw": {"--trusted-proxy", "everybody"},
		"is no URI":                     {"--security-contact", "security"},
	} {
		_, errOut, err := tryRun(t, append([]string{"serve", "--data", t.TempDir(), "--http-addr", "127.0.0.1:0", "--dicom-addr", "127.0.0.1:0"}, args...)...)
		if err == nil || !strings.Contains(errOut, want) {
			t.Errorf("%v: %v\n%s", args, err, errOut)
		}
	}
}

// Who runs away is told to wait, one account and one address at a time, and it shows.
func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	s := serve(t, newData(t, network), "--rate-principal", "1", "--rate-address", "100")
	sato, coord := s.signIn(t, "sato", "a password for tests"), s.signIn(t, "coord", "a password for tests")
	limited := func(u *user, times int) (n int) {
		for range times {
			status, _, header := u.raw("GET", "/session", nil)
			if status == http.StatusTooManyRequests {
				if n++; header.Get("Retry-After") == "" {
					t.Error("no Retry-After")
				}
			} else if status != http.StatusOK {
				t.Errorf("status %d", status)
			}
		}
		return n
	}
	// However slow the machine is, it asks more than once a second.
	n := 0
	for asked := 0; n < 20 && asked < 1000; asked += 10 {
		n += limited(sato, 10)
	}
	if n < 20 {
		t.Errorf("%d of 1000 requests were too many, at one a second and 20 at once", n)
	}
	if n := limited(coord, 5); n != 0 {
		t.Errorf("another account is refused %d times", n)
	}
	// Several at once, or a slow machine would not ask more than is allowed.
	guessing := s.visitor(t)
	var refused atomic.Bool
	var wait sync.WaitGroup
	began := time.Now()
	for range 8 {
		wait.Go(func() {
			for !refused.Load() && time.Since(began) < patience {
				if guessing.call("GET", "/session", nil, nil) == http.StatusTooManyRequests {
					refused.Store(true)
				}
			}
		})
	}
	wait.Wait()
	if !refused.Load() {
		t.Error("who shows nothing valid may try for ever")
	}
	if n := limited(coord, 5); n != 0 {
		t.Errorf("who has signed in pays for a stranger at the same address: %d", n)
	}
	_, raw, _ := coord.raw("GET", s.HTTP+"/metrics", nil)
	for _, by := range []string{"principal", "stranger"} {
		if !strings.Contains(string(raw), `dokuei_http_limited_total{by="`+by+`"}`) {
			t.Errorf("nothing is counted for %s", by)
		}
	}
}
