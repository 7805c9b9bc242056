package ca

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/internal/certfile"
)

// facilityURN begins the URI that says which hospital a certificate speaks for.
const facilityURN = "dokuei:facility:"

// FacilityOf is the hospital a certificate names, "" for none. It is worth as much
// as the authority that has signed it.
func FacilityOf(c *x509.Certificate) string {
	for _, u := range c.URIs {
		if id, ok := strings.CutPrefix(u.Opaque, facilityURN); ok && u.Scheme == "urn" {
			return id
		}
	}
	return ""
}

// Issued is a certificate that was made here.
type Issued struct {
	*x509.Certificate
	Name      string    // of the pair of files: NAME.pem and, unless its owner keeps it, NAME.key
	RevokedAt time.Time // zero: not revoked
}

// Serial is its serial number, 32 hexadecimal digits.
func (i Issued) Serial() string { return serialText(i.SerialNumber) }

// Usable reports whether it would be accepted now.
func (i Issued) Usable(now time.Time) bool {
	return i.RevokedAt.IsZero() && now.Before(i.NotAfter)
}

// Server makes a certificate for our own doors, known by names or addresses. It
// serves for calls to others, too.
func (a *Authority) Server(names []string, life time.Duration) (Issued, error) {
	if len(names) == 0 {
		return Issued{}, errors.New("ca: a server needs the name or address by which it is called")
	}
	template := &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	if err := known(template, names); err != nil {
		return Issued{}, err
	}
	return a.issue(names[0], template, nil, life)
}

// Client makes a certificate with which a hospital shows who it is. hosts are the
// names or addresses under which it is called itself, if it receives over TLS. With
// a request (PKCS #10, PEM) the hospital has made the key, which nobody else sees;
// of the request only the key is taken.
func (a *Authority) Client(facility string, hosts []string, request []byte, life time.Duration) (Issued, error) {
	if !facilityName.MatchString(facility) {
		return Issued{}, fmt.Errorf("ca: %q is no ID of a hospital", facility)
	}
	template := &x509.Certificate{
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, URIs: []*url.URL{{Scheme: "urn", Opaque: facilityURN + facility}},
	}
	if len(hosts) > 0 {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	if err := known(template, hosts); err != nil {
		return Issued{}, err
	}
	var public crypto.PublicKey
	if request != nil {
		block, _ := pem.Decode(request)
		if block == nil {
			return Issued{}, errors.New("ca: no certificate request in PEM form")
		}
		csr, err := x509.ParseCertificateRequest(block.Bytes)
		if err == nil {
			err = csr.CheckSignature()
		}
		if err == nil {
			err = strong(csr.PublicKey)
		}
		if err != nil {
			return Issued{}, fmt.Errorf("ca: certificate request: %w", err)
		}
		public = csr.PublicKey
	}
	return a.issue("hospital-"+facility, template, public, life)
}

var (
	facilityName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)
	hostName     = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)
)

// strong refuses keys that BCP 195 calls too short (RFC 9325 4.5).
func strong(key crypto.PublicKey) error {
	if k, ok := key.(*rsa.PublicKey); ok && k.N.BitLen() < 2048 {
		return fmt.Errorf("an RSA key of %d bits is too short, 2048 at least", k.N.BitLen())
	}
	return nil
}

// known puts names and addresses into a certificate.
func known(c *x509.Certificate, names []string) error {
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		} else if hostName.MatchString(n) {
			c.DNSNames = append(c.DNSNames, n)
		} else {
			return fmt.Errorf("ca: %q is neither a host name nor an address", n)
		}
	}
	return nil
}

// issue signs a certificate with the newest authority; public nil makes a key too.
func (a *Authority) issue(name string, c *x509.Certificate, public crypto.PublicKey, life time.Duration) (Issued, error) {
	parent := a.certs[0]
	signer, err := a.keyOf(parent)
	if err != nil {
		return Issued{}, err
	}
	var key crypto.Signer
	if public == nil {
		kind := ECDSA
		if _, ok := parent.PublicKey.(*rsa.PublicKey); ok {
			kind = RSA
		}
		if key, err = newKey(kind, false); err != nil {
			return Issued{}, err
		}
		public = key.Public()
	}
	c.KeyUsage = x509.KeyUsageDigitalSignature
	if _, ok := public.(*rsa.PublicKey); ok {
		c.KeyUsage |= x509.KeyUsageKeyEncipherment
	}
	now := a.Now()
	c.SerialNumber, c.Subject, c.BasicConstraintsValid = newSerial(), pkix.Name{CommonName: name}, true
	c.NotBefore, c.NotAfter = now.Add(-skew), now.Add(life)
	if c.NotAfter.After(parent.NotAfter) {
		c.NotAfter = parent.NotAfter // what outlives its authority is believed by nobody
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, public, signer)
	if err != nil {
		return Issued{}, fmt.Errorf("ca: %w", err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		return Issued{}, err
	}
	made := Issued{Certificate: c, Name: fileName(name)}
	text := pemText("CERTIFICATE", der)
	// The register first: what is in use must be there to be revoked.
	if err := a.write(filepath.Join("issued", made.Serial()+".pem"), text, 0o644); err != nil {
		return Issued{}, err
	}
	if key != nil {
		if err := a.writeKey(made.Name+".key", key); err != nil {
			return Issued{}, err
		}
	}
	return made, a.write(made.Name+".pem", text, 0o644)
}

// fileName is a name as a file: an IPv6 address has colons.
func fileName(name string) string { return strings.ReplaceAll(name, ":", "-") }

// List is every certificate made here, the newest first.
func (a *Authority) List() ([]Issued, error) {
	revoked, err := a.revoked()
	if err != nil {
		return nil, err
	}
	files, err := os.ReadDir(a.path("issued"))
	if err != nil {
		return nil, err
	}
	var out []Issued
	for _, f := range files {
		if filepath.Ext(f.Name()) != ".pem" {
			continue
		}
		text, err := os.ReadFile(a.path("issued", f.Name()))
		if err != nil {
			return nil, err
		}
		certs, err := certfile.Certificates(text)
		if err != nil {
			return nil, fmt.Errorf("ca: issued/%s: %w", f.Name(), err)
		}
		c := certs[0]
		out = append(out, Issued{c, fileName(c.Subject.CommonName), revoked[serialText(c.SerialNumber)]})
	}
	slices.SortFunc(out, func(x, y Issued) int {
		if d := y.NotBefore.Compare(x.NotBefore); d != 0 {
			return d
		}
		return strings.Compare(x.Serial(), y.Serial())
	})
	return out, nil
}
