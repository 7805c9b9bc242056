package service_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
)

func certificate(t *testing.T, name string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// Over TLS the Policy sees the certificate, a peer without one gets no
// association, and one that speaks no TLS is cut off without harm.
func TestTLS(t *testing.T) {
	t.Parallel()
	ours, ourPool := certificate(t, "dokuei")
	theirs, theirPool := certificate(t, "kaifu")
	l := tls.NewListener(listen(t), &tls.Config{Certificates: []tls.Certificate{ours}, ClientCAs: theirPool, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12})
	var k archive
	serve(t, l, service.SCPConfig{Store: k.store, Acceptor: ul.AcceptorConfig{
		Policy: func(_ context.Context, r ul.Request) ul.Decision {
			return ul.Decision{Accept: r.TLS != nil && r.TLS.PeerCertificates[0].Subject.CommonName == "kaifu"}
		},
	}})
	o := service.DialOptions{
		CallingAE: "KAIFU", CalledAE: "DOKUEI", TLS: &tls.Config{Certificates: []tls.Certificate{theirs}, RootCAs: ourPool, ServerName: "dokuei"},
		Contexts: []service.Context{{ctImage, []string{uid.ExplicitVRLittleEndian}}},
	}
	c, err := service.Dial(t.Context(), l.Addr().String(), o)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := c.Store(t.Context(), ct("1.2", strings.NewReader(strings.Repeat("x", 1<<20)))); err != nil || s != dimse.Success || len(k.got["1.2"]) != 1<<20 {
		t.Error(s, err)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	o.TLS = &tls.Config{RootCAs: ourPool, ServerName: "dokuei"}
	if _, err := service.Dial(t.Context(), l.Addr().String(), o); err == nil {
		t.Error("accepted without a certificate")
	}
	o.TLS = nil
	if _, err := service.Dial(t.Context(), l.Addr().String(), o); err == nil {
		t.Error("accepted without TLS")
	}
}
