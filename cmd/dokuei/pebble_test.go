package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/internal/freeport"
)

// The certificate is fetched from Pebble, the small ACME authority of those who made
// RFC 8555, which believes no signature, refuses nonces now and then and calls the host
// itself (TLS-ALPN-01). Debian: pebble.
func TestACMEByPebble(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"pebble", "pebble-challtestsrv"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed: no ACME server of others is asked", program)
		}
	}
	const host = "dokuei.example.test"
	dir := certificates(t)
	file := func(name string) string { return filepath.Join(dir, name) }
	authority, names := freeport.For(t), fmt.Sprint("127.0.0.1:", freeport.For(t))
	s := serve(t, newData(t, network), "--acme-host", host, "--acme-agree", "--acme-directory", fmt.Sprintf("https://localhost:%d/dir", authority), "--acme-ca", file("ca.pem"))
	_, port, _ := strings.Cut(strings.TrimPrefix(s.HTTP, "https://"), ":")
	management := freeport.For(t)
	config := writeFile(t, filepath.Join(t.TempDir(), "pebble.json"), fmt.Sprintf(`{"pebble": {"listenAddress": "127.0.0.1:%d", "managementListenAddress": "127.0.0.1:%d",
		"certificate": %q, "privateKey": %q, "httpPort": %d, "tlsPort": %s}}`, authority, management, file("localhost.pem"), file("localhost.key"), freeport.For(t), port))
	run := func(program string, args ...string) {
		cmd := exec.Command(program, args...)
		cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=20")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
	}
	run("pebble-challtestsrv", "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-dns01", names, "-management", fmt.Sprint("127.0.0.1:", freeport.For(t)), "-http01", "", "-https01", "", "-tlsalpn01", "")
	run("pebble", "-config", config, "-dnsserver", names, "-strict")

	trust := &http.Transport{TLSClientConfig: believing(t, dir, "")}
	defer trust.CloseIdleConnections()
	var root []byte
	eventually(t, "Pebble says by whom it signs", func() bool {
		res, body, err := fetch(t, &http.Client{Transport: trust}, fmt.Sprintf("https://localhost:%d/roots/0", management))
		root = body
		return err == nil && res.StatusCode == http.StatusOK
	})
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(root) {
		t.Fatalf("no certificate: %s", root)
	}
	eventually(t, "the name server listens", func() bool {
		conn, err := net.Dial("tcp", names)
		if err == nil {
			err = conn.Close()
		}
		return err == nil
	})
	signed := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: host}}
	defer signed.CloseIdleConnections()
	res, body, err := fetch(t, &http.Client{Transport: signed}, s.HTTP+"/healthz")
	if err != nil || res.StatusCode != 200 || string(body) != "ok\n" {
		t.Errorf("%v %s %v\n%s", res, body, err, s.log)
	}
}
