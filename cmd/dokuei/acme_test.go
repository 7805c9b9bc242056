package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/acme"

	"github.com/dokuei/dokuei/internal/freeport"
)

// directory is an ACME authority (RFC 8555) that knows one order at a time. It
// proves that a host is ours by TLS-ALPN-01 (RFC 8737) and believes every signature.
type directory struct {
	t       *testing.T
	server  *httptest.Server
	key     *ecdsa.PrivateKey
	cert    *x509.Certificate
	prove   func() string // where the host is said to be
	mu      sync.Mutex
	host    string
	proven  bool
	issued  []byte
	orders  int
	answers map[string]func(payload []byte) (int, any)
}

func newDirectory(t *testing.T) *directory {
	t.Helper()
	d := &directory{t: t}
	var err error
	if d.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ACME"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, root, root, &d.key.PublicKey, d.key)
	if err != nil {
		t.Fatal(err)
	}
	if d.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	d.server = httptest.NewTLSServer(d)
	t.Cleanup(d.server.Close)
	d.answers = map[string]func([]byte) (int, any){
		"/account":   func([]byte) (int, any) { return 201, map[string]string{"status": "valid"} },
		"/order":     d.newOrder,
		"/order/1":   func([]byte) (int, any) { return 200, d.order() },
		"/authz/1":   func([]byte) (int, any) { return 200, d.authorization() },
		"/challenge": d.challenge,
		"/finalize":  d.finalize,
	}
	return d
}

func (d *directory) url(path string) string { return d.server.URL + path }

func (d *directory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w.Header().Set("Replay-Nonce", rand.Text())
	switch r.URL.Path {
	case "/directory":
		_ = json.NewEncoder(w).Encode(map[string]any{"newNonce": d.url("/nonce"), "newAccount": d.url("/account"), "newOrder": d.url("/order"), "revokeCert": d.url("/revoke"), "keyChange": d.url("/key")})
		return
	case "/nonce":
		return
	}
	var jws struct{ Payload string }
	raw, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(raw, &jws); err != nil {
		http.Error(w, "no JWS", 400)
		return
	}
	payload, _ := base64.RawURLEncoding.DecodeString(jws.Payload)
	if r.URL.Path == "/certificate" {
		w.Header().Set("Content-Type", "application/pem-certificate-chain")
		_, _ = w.Write(d.issued)
		return
	}
	answer := d.answers[r.URL.Path]
	if answer == nil {
		http.NotFound(w, r)
		return
	}
	status, body := answer(payload)
	w.Header().Set("Location", d.url(strings.TrimSuffix(r.URL.Path, "/1")+"/1"))
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (d *directory) newOrder(payload []byte) (int, any) {
	var in struct{ Identifiers []struct{ Value string } }
	if err := json.Unmarshal(payload, &in); err != nil || len(in.Identifiers) != 1 {
		return 400, nil
	}
	d.host, d.proven, d.issued = in.Identifiers[0].Value, false, nil
	d.orders++
	return 201, d.order()
}

func (d *directory) order() any {
	o := map[string]any{
		"status": "pending", "identifiers": []map[string]string{{"type": "dns", "value": d.host}},
		"authorizations": []string{d.url("/authz/1")}, "finalize": d.url("/finalize"),
	}
	if d.proven {
		o["status"] = "ready"
	}
	if d.issued != nil {
		o["status"], o["certificate"] = "valid", d.url("/certificate")
	}
	return o
}

func (d *directory) authorization() any {
	status := "pending"
	if d.proven {
		status = "valid"
	}
	return map[string]any{
		"status": status, "identifier": map[string]string{"type": "dns", "value": d.host},
		"challenges": []map[string]string{{"type": "tls-alpn-01", "url": d.url("/challenge"), "token": "token", "status": status}},
	}
}

// challenge calls the host as the authority would, and wants the certificate of the
// challenge.
func (d *directory) challenge([]byte) (int, any) {
	conn, err := tls.Dial("tcp", d.prove(), &tls.Config{ServerName: d.host, NextProtos: []string{acme.ALPNProto}, InsecureSkipVerify: true}) //nolint:gosec // the challenge's certificate is self-signed
	if err == nil {
		for _, x := range conn.ConnectionState().PeerCertificates[0].Extensions {
			d.proven = d.proven || x.Id.Equal(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 31})
		}
		_ = conn.Close()
	}
	if !d.proven {
		d.t.Errorf("the host is not proven: %v", err)
	}
	return 200, map[string]string{"type": "tls-alpn-01", "url": d.url("/challenge"), "token": "token", "status": "processing"}
}

func (d *directory) finalize(payload []byte) (int, any) {
	var in struct{ CSR string }
	if err := json.Unmarshal(payload, &in); err != nil || !d.proven {
		return 403, nil
	}
	raw, _ := base64.RawURLEncoding.DecodeString(in.CSR)
	csr, err := x509.ParseCertificateRequest(raw)
	if err != nil || csr.CheckSignature() != nil {
		return 400, nil
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(int64(d.orders + 1)), DNSNames: []string{d.host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(12 * time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, leaf, d.cert, csr.PublicKey, d.key)
	if err != nil {
		return 500, nil
	}
	d.issued = append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.cert.Raw})...)
	return 200, d.order()
}

// A certificate is fetched when somebody calls, kept over a restart, and for no other
// host than the one that was named.
func TestACME(t *testing.T) {
	t.Parallel()
	d := newDirectory(t)
	believed := writeFile(t, filepath.Join(t.TempDir(), "acme.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.server.Certificate().Raw})))
	data := newData(t, network)
	args := []string{"--acme-host", "dokuei.test", "--acme-agree", "--acme-directory", d.url("/directory"), "--acme-ca", believed}
	s := serve(t, data, args...)
	roots := x509.NewCertPool()
	roots.AddCert(d.cert)
	call := func(host string) error {
		tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: host}}
		defer tr.CloseIdleConnections()
		res, body, err := fetch(t, &http.Client{Transport: tr, Timeout: patience}, s.HTTP+"/healthz")
		if err == nil && (res.StatusCode != 200 || !bytes.Equal(body, []byte("ok\n"))) {
			err = fmt.Errorf("%d %s", res.StatusCode, body)
		}
		return err
	}
	d.prove = func() string { return strings.TrimPrefix(s.HTTP, "https://") }
	if _, _, err := net.SplitHostPort(d.prove()); err != nil {
		t.Fatal(err)
	}
	if err := call("dokuei.test"); err != nil {
		t.Fatal(err)
	}
	if err := call("other.test"); err == nil || d.orders != 1 {
		t.Errorf("another host: %v, %d orders", err, d.orders)
	}
	if strings.Contains(s.log.String(), "other.test") {
		t.Error("a stranger's name is in the log")
	}
	s.stop(t)
	s = serve(t, data, args...)
	if err := call("dokuei.test"); err != nil || d.orders != 1 {
		t.Errorf("after a restart: %v, %d orders", err, d.orders)
	}
}

// Where no certificate is to be had the log says why, once, and proofs on the plain port
// are looked for whether or not the authority writes the port that everybody knows.
func TestACMEWithoutAuthority(t *testing.T) {
	t.Parallel()
	plain := fmt.Sprint("127.0.0.1:", freeport.For(t))
	s := serve(t, newData(t, network), "--acme-host", "dokuei.test", "--acme-agree", "--acme-directory", fmt.Sprintf("https://127.0.0.1:%d/dir", freeport.For(t)), "--http-redirect-addr", plain)
	for range 3 {
		conn, err := tls.Dial("tcp", strings.TrimPrefix(s.HTTP, "https://"), &tls.Config{ServerName: "dokuei.test", InsecureSkipVerify: true}) //nolint:gosec // there is no certificate
		if err == nil {
			_ = conn.Close()
			t.Fatal("a certificate of nobody")
		}
	}
	const said = "no certificate by ACME"
	eventually(t, "the log says so", func() bool { return strings.Contains(s.log.String(), said) })
	if n := strings.Count(s.log.String(), said); n != 1 {
		t.Errorf("the log says it %d times", n)
	}
	for host, want := range map[string]int{"dokuei.test": 404, "dokuei.test:80": 404, "other.test": 403} { // there is no such proof; no such host
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+plain+"/.well-known/acme-challenge/none", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != want {
			t.Errorf("a proof for %s: %d, want %d", host, res.StatusCode, want)
		}
	}
}
