package ca_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/internal/ca"
	"github.com/dokuei/dokuei/internal/certfile"
)

const day = 24 * time.Hour

func authority(t *testing.T, kind string) (a *ca.Authority, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "ca")
	a, err := ca.Init(dir, "Test CA", kind, 3650*day)
	if err != nil {
		t.Fatal(err)
	}
	return a, dir
}

// believed verifies a certificate against what the folder says to believe, and asks
// its revocation lists, as a door does.
func believed(t *testing.T, dir string, c *x509.Certificate, usage x509.ExtKeyUsage) error {
	t.Helper()
	roots, err := certfile.Pool(filepath.Join(dir, "ca.pem"), nil)
	if err != nil {
		t.Fatal(err)
	}
	pool, _ := roots.Get()
	if _, err := c.Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{usage}}); err != nil {
		return err
	}
	lists, err := certfile.Revocations(filepath.Join(dir, "crl.pem"), filepath.Join(dir, "ca.pem"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if r, _ := lists.Get(); r.Has(c) {
		return errors.New("revoked")
	}
	return nil
}

func TestLifeOfCertificates(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{ca.ECDSA, ca.RSA} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			a, dir := authority(t, kind)
			if _, err := ca.Init(dir, "again", kind, day); !errors.Is(err, ca.ErrThere) {
				t.Errorf("made over another: %v", err)
			}
			server, err := a.Server([]string{"dokuei.example", "192.0.2.7", "2001:db8::7"}, 397*day)
			if err != nil {
				t.Fatal(err)
			}
			if err := server.VerifyHostname("2001:db8::7"); err != nil {
				t.Error(err)
			}
			if err := believed(t, dir, server.Certificate, x509.ExtKeyUsageServerAuth); err != nil {
				t.Error(err)
			}
			if _, err := tls.LoadX509KeyPair(filepath.Join(dir, "dokuei.example.pem"), filepath.Join(dir, "dokuei.example.key")); err != nil {
				t.Error(err)
			}
			client, err := a.Client("kaifu", nil, nil, 397*day)
			if err != nil {
				t.Fatal(err)
			}
			if ca.FacilityOf(client.Certificate) != "kaifu" || ca.FacilityOf(server.Certificate) != "" {
				t.Error("the hospital is not named as it should be")
			}
			if err := believed(t, dir, client.Certificate, x509.ExtKeyUsageServerAuth); err == nil {
				t.Error("a hospital can pass for a server")
			}

			// The next authority: the old certificate is good until it is revoked.
			if err := a.Rotate(3650 * day); err != nil {
				t.Fatal(err)
			}
			if a, err = ca.Open(dir); err != nil {
				t.Fatal(err)
			}
			fresh, err := a.Client("kaifu", nil, nil, 397*day)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range []ca.Issued{client, fresh} {
				if err := believed(t, dir, c.Certificate, x509.ExtKeyUsageClientAuth); err != nil {
					t.Error(err)
				}
			}
			if err := a.Retire(false); err == nil {
				t.Error("an authority was retired whose certificates are in use")
			}
			for _, c := range []ca.Issued{client, server} {
				if gone, err := a.Revoke(c.Serial()[:8]); err != nil || len(gone) != 1 {
					t.Fatal(gone, err)
				}
				if err := believed(t, dir, c.Certificate, x509.ExtKeyUsageClientAuth); err == nil {
					t.Error("believed after it was revoked")
				}
			}
			if err := a.Retire(false); err != nil {
				t.Error(err)
			}
			if err := believed(t, dir, fresh.Certificate, x509.ExtKeyUsageClientAuth); err != nil {
				t.Error(err)
			}
			list, err := a.List()
			if err != nil || len(list) != 3 {
				t.Fatalf("%d in the register: %v", len(list), err)
			}
			for _, c := range list {
				if c.Usable(time.Now()) != (c.Serial() == fresh.Serial()) {
					t.Errorf("%s %s: revoked %v", c.Name, c.Serial(), c.RevokedAt)
				}
			}
			if due, err := a.ListsDue(); err != nil || time.Until(due) < 300*day {
				t.Error(due, err)
			}
		})
	}
}

// A hospital that makes its key itself gets a certificate for the hospital we say,
// whatever its request says.
func TestRequest(t *testing.T) {
	t.Parallel()
	a, dir := authority(t, ca.ECDSA)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{"dokuei.example"}}, key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Client("kaifu", nil, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), day)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.DNSNames) != 0 || ca.FacilityOf(c.Certificate) != "kaifu" || !key.PublicKey.Equal(c.PublicKey) {
		t.Errorf("%v %v", c.DNSNames, c.URIs)
	}
	if _, err := os.Stat(filepath.Join(dir, c.Name+".key")); err == nil {
		t.Error("a key was made")
	}
	weak, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // what is refused
	if err == nil {
		if der, err = x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, weak); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Client("kaifu", nil, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), day); err == nil {
			t.Error("a weak key was signed")
		}
	}
	for _, bad := range []string{"", "../x", "Kaifu", "a b", "x\n"} {
		if _, err := a.Client(bad, nil, nil, day); err == nil {
			t.Errorf("a hospital %q", bad)
		}
	}
	for _, bad := range []string{"", "../x", "*", "a/b", "a b"} {
		if _, err := a.Server([]string{bad}, day); err == nil {
			t.Errorf("a server %q", bad)
		}
	}
	if _, err := a.Revoke("nothing"); !errors.Is(err, ca.ErrUnknown) {
		t.Error(err)
	}
}

// Keys are readable to nobody else.
func TestModes(t *testing.T) {
	t.Parallel()
	a, dir := authority(t, ca.ECDSA)
	if _, err := a.Client("kaifu", nil, nil, day); err != nil {
		t.Fatal(err)
	}
	keys := 0
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && strings.HasSuffix(path, ".key") {
			if keys++; info.Mode().Perm() != 0o600 {
				t.Errorf("%s has mode %s", path, info.Mode())
			}
		}
		return err
	})
	if err != nil || keys != 2 {
		t.Error(keys, err)
	}
}

// OpenSSL reads what we make, and draws the same conclusions.
func TestOpenSSL(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed: what it would check is left out")
	}
	a, dir := authority(t, ca.ECDSA)
	c, err := a.Client("kaifu", nil, nil, day)
	if err != nil {
		t.Fatal(err)
	}
	verify := func() (string, error) {
		out, err := exec.CommandContext(t.Context(), openssl, "verify", "-x509_strict", "-crl_check", "-CAfile", filepath.Join(dir, "ca.pem"),
			"-CRLfile", filepath.Join(dir, "crl.pem"), "-purpose", "sslclient", filepath.Join(dir, "hospital-kaifu.pem")).CombinedOutput()
		return string(out), err
	}
	if out, err := verify(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := a.Revoke(c.Name); err != nil {
		t.Fatal(err)
	}
	if out, err := verify(); err == nil || !strings.Contains(out, "revoked") {
		t.Errorf("%v: %s", err, out)
	}
}
