package bcp195_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/bcp195"
)

func certificate(t *testing.T, name string) (*tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool
}

// handshake brings both ends together and gives what the provider saw.
func handshake(t *testing.T, server *tls.Config, verify func(tls.ConnectionState) error, client *tls.Config) (tls.ConnectionState, error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ended := make(chan error, 1)
	go func() {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err == nil {
			defer conn.Close()
			err = tls.Client(conn, client).HandshakeContext(t.Context())
		}
		ended <- err
	}()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	near := tls.Server(conn, server)
	if err = near.HandshakeContext(t.Context()); err == nil {
		err = verify(near.ConnectionState())
	}
	_ = conn.Close() // a user who still waits is told
	if theirs := <-ended; err == nil {
		err = theirs
	}
	return near.ConnectionState(), err
}

func TestHandshakes(t *testing.T) {
	t.Parallel()
	ours, ourPool := certificate(t, "dokuei")
	theirs, theirPool := certificate(t, "kaifu")
	stranger, strangerPool := certificate(t, "stranger")
	own := func() (*tls.Certificate, error) { return ours, nil }
	open := bcp195.Identity{Certificate: own}
	mutual := bcp195.Identity{Certificate: own, ClientCAs: func() (*x509.CertPool, error) { return theirPool, nil }}
	change := func(c *tls.Config, f func(*tls.Config)) *tls.Config {
		c = c.Clone()
		c.ServerName = "dokuei"
		f(c)
		return c
	}
	none := func(*tls.Config) {}
	for _, c := range []struct {
		name   string
		server bcp195.Identity
		client *tls.Config
		works  bool
		shown  *tls.Certificate
	}{
		{"server only", open, change(bcp195.Client(ourPool, nil), none), true, nil},
		{"server only, TLS 1.2", open, change(bcp195.Client(ourPool, nil), func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }), true, nil},
		{"server only, a certificate is shown", open, change(bcp195.Client(ourPool, stranger), none), true, stranger},
		{"server not believed", open, change(bcp195.Client(strangerPool, nil), none), false, nil},
		{"server of another name", open, change(bcp195.Client(ourPool, nil), func(c *tls.Config) { c.ServerName = "other" }), false, nil},
		{"TLS 1.1", open, change(bcp195.Client(ourPool, nil), func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }), false, nil},
		{"CBC", open, change(bcp195.Client(ourPool, nil), func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
		}), false, nil},
		{"mutual", mutual, change(bcp195.Client(ourPool, theirs), none), true, theirs},
		{"mutual, none shown", mutual, change(bcp195.Client(ourPool, nil), func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }), false, nil},
		{"mutual, a stranger's", mutual, change(bcp195.Client(ourPool, stranger), func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }), false, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			state, err := handshake(t, bcp195.Server(c.server), c.server.Verify, c.client)
			if (err == nil) != c.works {
				t.Fatalf("works: %v, error: %v", c.works, err)
			}
			if !c.works {
				return
			}
			want := ""
			if c.shown != nil {
				want = bcp195.Fingerprint(c.shown.Leaf)
			}
			if got := bcp195.PeerFingerprint(&state); got != want {
				t.Errorf("fingerprint %q, want %q", got, want)
			}
		})
	}
}

func TestParseFingerprint(t *testing.T) {
	t.Parallel()
	digits := strings.Repeat("a1", 32)
	for in, want := range map[string]string{
		digits: digits, strings.ToUpper(digits): digits, " " + strings.Repeat("A1:", 31) + "A1": digits,
		"": "", "a1": "", digits + "a1": "", strings.Repeat("g1", 32): "",
	} {
		if got, err := bcp195.ParseFingerprint(in); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}
