package bcp195

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// suites are those of RFC 9325 4.2 for TLS 1.2, and ChaCha20-Poly1305 (RFC
// 7905), which has the same properties. The suites of TLS 1.3 all have them and
// cannot be chosen.
func suites() []uint16 {
	return []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
		tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
}

func profile() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: suites()}
}

// Identity is what a provider shows and whom it believes, asked for at each
// handshake.
type Identity struct {
	// Certificate is shown to the user. Required, unless ByName is there.
	Certificate func() (*tls.Certificate, error)
	// ByName chooses the certificate by what the user says to want (ACME).
	ByName func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	// ClientCAs vouch for users: one who shows a certificate of anybody else
	// does not get through the handshake, and one who shows none is refused by
	// Verify. nil: no certificate is required.
	ClientCAs func() (*x509.CertPool, error)
	// NeverAsk, without ClientCAs: no certificate is asked for. A browser that is
	// asked bothers its user.
	NeverAsk bool
	// Revoked refuses a user by its certificate during the handshake; nil: nobody.
	Revoked func(*x509.Certificate) bool
	// Protocols are spoken above TLS, best first (ALPN, RFC 7301); nil: not said.
	Protocols []string
}

// ErrRevoked refuses a user whose certificate its authority has taken back.
var ErrRevoked = errors.New("bcp195: the caller's certificate was revoked")

// Server configures the provider's end.
func Server(id Identity) *tls.Config {
	base := profile()
	base.NextProtos = id.Protocols
	base.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		own, err := id.shown(hello)
		if err != nil {
			return nil, err
		}
		c := profile()
		c.NextProtos = id.Protocols
		c.Certificates = []tls.Certificate{*own}
		// A ticket would carry the answer of a former check of the user's
		// certificate past a change of ClientCAs.
		c.SessionTicketsDisabled = true
		if !id.NeverAsk {
			c.ClientAuth = tls.RequestClientCert
		}
		if id.Revoked != nil {
			c.VerifyConnection = id.unrevoked
		}
		if id.ClientCAs != nil {
			if c.ClientCAs, err = id.ClientCAs(); err != nil {
				return nil, err
			}
			c.ClientAuth = tls.VerifyClientCertIfGiven
		}
		return c, nil
	}
	return base
}

func (id Identity) shown(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	if id.ByName != nil {
		return id.ByName(hello)
	}
	return id.Certificate()
}

// unrevoked looks at the whole chain: an intermediate authority may be revoked, too.
func (id Identity) unrevoked(s tls.ConnectionState) error {
	for _, c := range s.PeerCertificates {
		if id.Revoked(c) {
			return ErrRevoked
		}
	}
	return nil
}

// ErrNoCertificate refuses a user who had to show a certificate and did not.
var ErrNoCertificate = errors.New("bcp195: the caller showed no certificate")

// Verify is the last word on a connection of Server, to be asked before
// anything is read from it: with ClientCAs it refuses a user without a
// certificate. The refusal is not left to the handshake because there it is one
// word, different in each version of TLS, and our log would not name the caller's
// certificate as what is missing; and scanners can see what the port offers.
func (id Identity) Verify(s tls.ConnectionState) error {
	if id.ClientCAs != nil && len(s.PeerCertificates) == 0 {
		return ErrNoCertificate
	}
	return nil
}

// Client configures the user's end. roots vouch for the provider; nil stands
// for those of the system. own is shown when the provider asks; nil: none.
func Client(roots *x509.CertPool, own *tls.Certificate) *tls.Config {
	c := profile()
	c.RootCAs = roots
	if own != nil {
		c.Certificates = []tls.Certificate{*own}
	}
	return c
}

// ByAuthority asks a Caller to believe a provider for whose name an authority vouches.
const ByAuthority = "verify"

// Caller is what a user shows and whom it believes, asked for at each call. The
// zero value shows nothing and believes the authorities of the system.
type Caller struct {
	Certificate func() (*tls.Certificate, error) // nil: none is shown
	Roots       func() (*x509.CertPool, error)   // nil: those of the system
}

// Config configures the user's end of a call to one provider. peer says how to
// know it: ByAuthority, or the fingerprint of its certificate, which is then
// believed whoever has issued it and for whatever name. An empty peer is called
// without TLS: the configuration is nil.
func (c Caller) Config(peer string) (*tls.Config, error) {
	if peer == "" {
		return nil, nil
	}
	var own *tls.Certificate
	var roots *x509.CertPool
	var err error
	if c.Certificate != nil {
		if own, err = c.Certificate(); err != nil {
			return nil, err
		}
	}
	if c.Roots != nil {
		if roots, err = c.Roots(); err != nil {
			return nil, err
		}
	}
	cfg := Client(roots, own)
	if peer == ByAuthority {
		return cfg, nil
	}
	if peer, err = ParseFingerprint(peer); err != nil {
		return nil, err
	}
	cfg.InsecureSkipVerify = true // VerifyConnection knows the one certificate that will do
	cfg.VerifyConnection = func(s tls.ConnectionState) error {
		if shown := PeerFingerprint(&s); shown != peer {
			return fmt.Errorf("%w: it has SHA-256 %s", ErrOtherCertificate, shown)
		}
		return nil
	}
	return cfg, nil
}

// ErrOtherCertificate is a provider that shows another certificate than expected.
var ErrOtherCertificate = errors.New("bcp195: the receiver shows another certificate than the one it is known by")

// Fingerprint is the SHA-256 of a certificate, 64 lower-case hexadecimal
// digits.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// PeerFingerprint is that of the certificate the peer of a connection has
// proven to hold; empty when it showed none or the connection is plain.
func PeerFingerprint(s *tls.ConnectionState) string {
	if s == nil || len(s.PeerCertificates) == 0 {
		return ""
	}
	return Fingerprint(s.PeerCertificates[0])
}

// ErrFingerprint is a text that is no SHA-256 fingerprint.
var ErrFingerprint = errors.New("not a SHA-256 fingerprint, 64 hexadecimal digits with or without colons")

// ParseFingerprint reads a fingerprint as people write it: upper or lower
// case, with the colons openssl prints or without.
func ParseFingerprint(s string) (string, error) {
	digits := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(s), ":", ""))
	if b, err := hex.DecodeString(digits); err != nil || len(b) != sha256.Size {
		return "", fmt.Errorf("bcp195: %w", ErrFingerprint)
	}
	return digits, nil
}
