package certfile

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pair makes a self-signed certificate and its key in PEM form.
func pair(t *testing.T, serial int64) (cert, key []byte) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "dokuei"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw})
}

// write replaces a file, with a time of change of its own: the clock of a file
// system may be coarser than a test is fast.
func write(t *testing.T, path string, b []byte, at time.Time) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// A replaced pair comes into use; a half replaced or broken one does not, and
// is told once.
func TestReload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certPath, keyPath := filepath.Join(dir, "c.pem"), filepath.Join(dir, "k.pem")
	now := time.Now()
	cert, key := pair(t, 1)
	write(t, certPath, cert, now)
	write(t, keyPath, key, now)
	var log bytes.Buffer
	s, err := KeyPair(certPath, keyPath, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	s.now = func() time.Time { return now }
	serial := func() int64 {
		now = now.Add(2 * Every)
		c, err := s.Get()
		if err != nil {
			t.Fatal(err)
		}
		return c.Leaf.SerialNumber.Int64()
	}
	if n := serial(); n != 1 {
		t.Fatal(n)
	}
	cert, key = pair(t, 2)
	write(t, certPath, cert, now.Add(time.Minute)) // without its key
	for range 3 {
		if n := serial(); n != 1 {
			t.Errorf("half replaced: %d", n)
		}
	}
	if n := strings.Count(log.String(), "not reloaded"); n != 1 {
		t.Errorf("told %d times:\n%s", n, log.String())
	}
	write(t, keyPath, key, now.Add(time.Minute))
	if n := serial(); n != 2 {
		t.Errorf("replaced: %d", n)
	}
	if err := os.Remove(keyPath); err != nil {
		t.Fatal(err)
	}
	if n := serial(); n != 2 {
		t.Errorf("removed: %d", n)
	}
	if strings.Contains(log.String(), "PRIVATE") {
		t.Error("the key is in the log")
	}
}

func TestPool(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ca.pem")
	write(t, path, []byte("no certificate"), time.Now())
	if _, err := Pool(path, nil); err == nil {
		t.Error("nonsense accepted")
	}
	cert, _ := pair(t, 1)
	write(t, path, cert, time.Now())
	if s, err := Pool(path, nil); err != nil {
		t.Error(err)
	} else if p, _ := s.Get(); p == nil {
		t.Error("no pool")
	}
	write(t, path, make([]byte, maxSize+1), time.Now())
	if _, err := Pool(path, nil); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Error(err)
	}
}
