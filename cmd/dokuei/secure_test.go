package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/dicom/service"
)

// authority signs certificates and writes them to files.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	next int64
}

func newAuthority(t testing.TB, name string) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.issue(t, name)
	return a
}

// issue makes a certificate for a name; the first is the authority's own. It
// gives the files and the fingerprint.
func (a *authority) issue(t testing.TB, name string) (certFile, keyFile, fingerprint string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a.next++
	template := &x509.Certificate{
		SerialNumber: big.NewInt(a.next), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	parent, signer := a.cert, a.key
	if a.cert == nil {
		template.IsCA, template.BasicConstraintsValid = true, true
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert == nil {
		a.cert, a.key = cert, key
	}
	certFile = writeFile(t, filepath.Join(a.dir, name+".crt"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	keyFile = writeFile(t, filepath.Join(a.dir, name+".key"), string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw})))
	return certFile, keyFile, bcp195.Fingerprint(cert)
}

func (a *authority) file() string { return filepath.Join(a.dir, a.cert.Subject.CommonName+".crt") }

// sendSecurely runs our command of sending over TLS, with a certificate or none.
func (s *server) sendSecurely(t testing.TB, aet, ca, cert, key, path string) error {
	t.Helper()
	args := []string{"send", path, "--to", s.DICOMTLS, "--aet", aet, "--no-resume", "--tries", "1", "--tls", "--tls-ca", ca}
	if cert != "" {
		args = append(args, "--tls-cert", cert, "--tls-key", key)
	}
	_, _, err := tryRun(t, args...)
	return err
}

// A hospital that has certificates is let in with one of them only, over TLS;
// one that has none without, or with one that names it; in mutual mode nobody without.
func TestSecureDoor(t *testing.T) {
	t.Parallel()
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	cert, key, _ := ours.issue(t, "dokuei")
	minamiCert, minamiKey, fingerprint := theirs.issue(t, "minami")
	otherCert, otherKey, _ := theirs.issue(t, "other")
	study, _ := slices(t, 1)
	bound := strings.Replace(network, "ae_titles: [MINAMI_CT]", `ae_titles: [MINAMI_CT], certificates: ["`+strings.ToUpper(fingerprint)+`"]`, 1)

	t.Run("server authentication", func(t *testing.T) {
		t.Parallel()
		s := serve(t, newData(t, bound), "--dicom-tls-addr", "127.0.0.1:0", "--dicom-tls-cert", cert, "--dicom-tls-key", key)
		for _, c := range []struct {
			name, aet, ca, cert, key string
			works                    bool
		}{
			{"unbound hospital without a certificate", "KITA_CT", ours.file(), "", "", true},
			{"bound hospital with its certificate", "MINAMI_CT", ours.file(), minamiCert, minamiKey, true},
			{"bound hospital with another's", "MINAMI_CT", ours.file(), otherCert, otherKey, false},
			{"bound hospital without", "MINAMI_CT", ours.file(), "", "", false},
			{"we are not believed", "KITA_CT", theirs.file(), "", "", false},
		} {
			if err := s.sendSecurely(t, c.aet, c.ca, c.cert, c.key, study); (err == nil) != c.works {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if _, _, err := tryRun(t, "send", study, "--to", s.DICOM, "--aet", "MINAMI_CT", "--no-resume", "--tries", "1"); err == nil {
			t.Error("a bound hospital was let in on the plain port")
		}
		if _, _, err := tryRun(t, "send", study, "--to", s.DICOM, "--aet", "KITA_CT", "--no-resume", "--tries", "1"); err != nil {
			t.Error(err)
		}
		halfOpen(t, s, 60)
		if err := s.sendSecurely(t, "KITA_CT", ours.file(), "", "", study); err != nil {
			t.Errorf("beside half-open handshakes: %v", err)
		}
	})

	t.Run("mutual", func(t *testing.T) {
		t.Parallel()
		known := strings.Replace(network, "ae_titles: [KITA_CT]", `ae_titles: [KITA_CT], certificates: ["`+fingerprint+`"]`, 1)
		s := serve(t, newData(t, known), "--dicom-tls-addr", "127.0.0.1:0", "--dicom-tls-cert", cert, "--dicom-tls-key", key,
			"--dicom-tls-client-ca", theirs.file(), "--dicom-addr", "off")
		if s.DICOM != "" {
			t.Error("the plain port is open:", s.DICOM)
		}
		strangerCert, strangerKey, _ := newAuthority(t, "strangers").issue(t, "stranger")
		if err := s.sendSecurely(t, "MINAMI_CT", ours.file(), minamiCert, minamiKey, study); err == nil {
			t.Error("a certificate that names no hospital speaks for one that has entered none")
		}
		for _, c := range []struct {
			name, cert, key string
			works           bool
		}{
			{"with a certificate", minamiCert, minamiKey, true},
			{"with one of the same authority, not entered", otherCert, otherKey, false},
			{"without", "", "", false},
			{"with one nobody here vouches for", strangerCert, strangerKey, false},
		} {
			if err := s.sendSecurely(t, "KITA_CT", ours.file(), c.cert, c.key, study); (err == nil) != c.works {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	})

	t.Run("renewed", func(t *testing.T) {
		t.Parallel()
		renewing := newAuthority(t, "renewing")
		cert, key, before := renewing.issue(t, "dokuei")
		s := serve(t, newData(t, network), "--dicom-tls-addr", "127.0.0.1:0", "--dicom-tls-cert", cert, "--dicom-tls-key", key)
		shown := func() string {
			pool := x509.NewCertPool()
			pool.AddCert(renewing.cert)
			c, err := service.Dial(t.Context(), s.DICOMTLS, service.DialOptions{CallingAE: "KITA_CT", CalledAE: "DOKUEI", TLS: bcp195.Client(pool, nil)})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close(t.Context()) //nolint:errcheck // what it shows is what counts
			return bcp195.PeerFingerprint(c.Association().TLS)
		}
		if shown() != before {
			t.Fatal("not the first certificate")
		}
		_, _, after := renewing.issue(t, "dokuei")
		eventually(t, "the renewed certificate is shown", func() bool { return shown() == after })
	})
}

// halfOpen begins handshakes that are never finished.
func halfOpen(t *testing.T, s *server, n int) {
	t.Helper()
	for range n {
		conn, err := net.Dial("tcp", s.DICOMTLS)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := conn.Write([]byte{0x16, 3, 1, 2, 0}); err != nil { // the header of a ClientHello of 512 bytes
			t.Fatal(err)
		}
	}
}

// Settings that do not fit together are refused before anything runs.
func TestSecureSettings(t *testing.T) {
	t.Parallel()
	cert, key, _ := newAuthority(t, "ours").issue(t, "dokuei")
	missing := filepath.Join(t.TempDir(), "missing.pem")
	for want, args := range map[string][]string{
		"no DICOM port":                        {"--dicom-addr", "off"},
		"needs --dicom-tls-cert":               {"--dicom-tls-addr", "127.0.0.1:0"},
		"give --dicom-tls-addr too":            {"--dicom-tls-client-ca", cert},
		"DICOM certificate: ":                  {"--dicom-tls-addr", "127.0.0.1:0", "--dicom-tls-cert", missing, "--dicom-tls-key", key},
		"DICOM client authorities: ":           {"--dicom-tls-addr", "127.0.0.1:0", "--dicom-tls-cert", cert, "--dicom-tls-key", key, "--dicom-tls-client-ca", missing},
		"no certificate in PEM form":           {"--dicom-tls-addr", "127.0.0.1:0", "--dicom-tls-cert", cert, "--dicom-tls-key", key, "--dicom-tls-client-ca", key},
		"private key does not match public ke": {"--dicom-tls-addr", "127.0.0.1:0", "--dicom-tls-cert", cert, "--dicom-tls-key", otherKey(t)},
	} {
		_, errOut, err := tryRun(t, append([]string{"serve", "--data", t.TempDir(), "--http-addr", "127.0.0.1:0"}, args...)...)
		if err == nil || !strings.Contains(errOut, want) {
			t.Errorf("%v: %v\n%s", args, err, errOut)
		}
	}
	if _, errOut, err := tryRun(t, "send", cert, "--to", "127.0.0.1:1", "--tls-ca", cert); err == nil || !strings.Contains(errOut, "need --tls") {
		t.Error(err, errOut)
	}
}

func otherKey(t testing.TB) string {
	t.Helper()
	_, key, _ := newAuthority(t, "others").issue(t, "other")
	return key
}
