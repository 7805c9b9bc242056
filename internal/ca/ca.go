package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/dokuei/dokuei/internal/certfile"
)

// Kinds of keys. What an authority has, its certificates have.
const (
	ECDSA = "ecdsa" // P-384 for the authority, P-256 below it
	RSA   = "rsa"   // 3072 bits, for modalities that know nothing else
)

var (
	// ErrThere: the folder has an authority already.
	ErrThere = errors.New("ca: there is an authority in this folder already")
	// ErrNone: the folder has none.
	ErrNone = errors.New("ca: there is no authority in this folder")
	// ErrUnknown: no certificate of that number or name was issued here.
	ErrUnknown = errors.New("ca: no such certificate was issued here")
)

// Authority is one folder.
type Authority struct {
	dir   string
	certs []*x509.Certificate // of ca.pem, newest first
	Now   func() time.Time
}

// Init makes an authority in an empty or absent folder.
func Init(dir, name, kind string, life time.Duration) (*Authority, error) {
	a := &Authority{dir: dir, Now: time.Now}
	if _, err := os.Stat(a.path("ca.pem")); err == nil {
		return nil, ErrThere
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, d := range []string{dir, a.path("private"), a.path("issued")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	return a, a.add(name, kind, life)
}

// Open reads the authority of a folder.
func Open(dir string) (*Authority, error) {
	a := &Authority{dir: dir, Now: time.Now}
	text, err := os.ReadFile(a.path("ca.pem"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	if a.certs, err = certfile.Certificates(text); err != nil {
		return nil, fmt.Errorf("ca: %s: %w", a.path("ca.pem"), err)
	}
	return a, nil
}

// Certificates are those to be believed, the one that signs now first.
func (a *Authority) Certificates() []*x509.Certificate { return slices.Clone(a.certs) }

// Rotate makes the next authority, which signs from now on. The ones before stay
// believed until Retire.
func (a *Authority) Rotate(life time.Duration) error {
	kind := ECDSA
	if _, ok := a.certs[0].PublicKey.(*rsa.PublicKey); ok {
		kind = RSA
	}
	return a.add(a.certs[0].Subject.CommonName, kind, life)
}

// Retire stops believing all authorities but the newest. It refuses while a
// certificate of theirs is in use, unless told to go on.
func (a *Authority) Retire(inUse bool) error {
	list, err := a.List()
	if err != nil {
		return err
	}
	for _, c := range list {
		if !inUse && c.Usable(a.Now()) && c.CheckSignatureFrom(a.certs[0]) != nil {
			return fmt.Errorf("ca: %s (%s) is of an older authority and still in use: issue it anew first", c.Name, c.Serial())
		}
	}
	a.certs = a.certs[:1]
	if err := a.writeCertificates(); err != nil {
		return err
	}
	return a.RenewLists()
}

func (a *Authority) add(name, kind string, life time.Duration) error {
	key, err := newKey(kind, true)
	if err != nil {
		return err
	}
	now := a.Now()
	template := &x509.Certificate{
		SerialNumber: newSerial(), Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-skew), NotAfter: now.Add(life),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return fmt.Errorf("ca: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return err
	}
	if err := a.writeKey(filepath.Join("private", serialText(cert.SerialNumber)+".key"), key); err != nil {
		return err
	}
	a.certs = append([]*x509.Certificate{cert}, a.certs...)
	if err := a.writeCertificates(); err != nil {
		return err
	}
	return a.RenewLists()
}

func (a *Authority) writeCertificates() error {
	var text []byte
	for _, c := range a.certs {
		text = append(text, pemText("CERTIFICATE", c.Raw)...)
	}
	return a.write("ca.pem", text, 0o644)
}

// skew lets clocks of others be behind ours.
const skew = time.Hour

// keyOf reads the key of one of the authorities.
func (a *Authority) keyOf(c *x509.Certificate) (crypto.Signer, error) {
	path := a.path("private", serialText(c.SerialNumber)+".key")
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("ca: the authority's key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("ca: %s is no key in PEM form", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("ca: %s: %w", path, err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("ca: %s cannot sign", path)
	}
	return signer, nil
}

func newKey(kind string, authority bool) (crypto.Signer, error) {
	switch {
	case kind == RSA:
		return rsa.GenerateKey(rand.Reader, 3072)
	case kind != ECDSA:
		return nil, fmt.Errorf("ca: a key is %s or %s, not %q", ECDSA, RSA, kind)
	case authority:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	default:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
}

// newSerial is 127 random bits (RFC 5280 4.1.2.2 asks for at most 20 positive octets).
func newSerial() *big.Int {
	b := make([]byte, 16)
	rand.Read(b)
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b)
}

func serialText(n *big.Int) string { return fmt.Sprintf("%032x", n) }

func pemText(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func (a *Authority) path(parts ...string) string {
	return filepath.Join(append([]string{a.dir}, parts...)...)
}

func (a *Authority) writeKey(name string, key crypto.Signer) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("ca: %w", err)
	}
	return a.write(name, pemText("PRIVATE KEY", der), 0o600)
}

// write replaces a file whole, durably.
func (a *Authority) write(name string, text []byte, mode fs.FileMode) error {
	path := a.path(name)
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err = f.Write(text); err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
