package certfile

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"
)

// Every is how often files are looked at, at most.
const Every = time.Second

// maxSize bounds a file: a bundle of every public authority has a quarter of it.
const maxSize = 1 << 20

// Source is a value made of files.
type Source[T any] struct {
	files []string
	parse func([][]byte) (T, error)
	log   *slog.Logger
	now   func() time.Time

	mu     sync.Mutex
	looked time.Time
	seen   string // state of the files last read, well or not
	value  T
}

// KeyPair is a certificate (with the chain above it) and its private key.
func KeyPair(certFile, keyFile string, log *slog.Logger) (*Source[*tls.Certificate], error) {
	return open([]string{certFile, keyFile}, func(b [][]byte) (*tls.Certificate, error) {
		c, err := tls.X509KeyPair(b[0], b[1])
		return &c, err
	}, log)
}

// Pool is the certificates of a file, to be believed.
func Pool(file string, log *slog.Logger) (*Source[*x509.CertPool], error) {
	return open([]string{file}, func(b [][]byte) (*x509.CertPool, error) {
		p := x509.NewCertPool()
		if !p.AppendCertsFromPEM(b[0]) {
			return nil, errors.New("no certificate in PEM form")
		}
		return p, nil
	}, log)
}

// Revoked are the certificates that authorities have taken back (RFC 5280 5).
type Revoked struct {
	serials map[string]bool // by issuer and serial number
	// Next is when the first of the lists is to be replaced by a newer one; zero when
	// none says so. A list that is late is still used: that its maker is late must
	// not keep a hospital from sending.
	Next time.Time
}

// Has reports whether c was taken back.
func (r *Revoked) Has(c *x509.Certificate) bool {
	return r.serials[string(c.RawIssuer)+c.SerialNumber.String()]
}

// Revocations is the revocation lists of a file, each signed by one of the
// authorities of another.
func Revocations(crlFile, caFile string, log *slog.Logger) (*Source[*Revoked], error) {
	return open([]string{crlFile, caFile}, func(b [][]byte) (*Revoked, error) {
		authorities, err := Certificates(b[1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", caFile, err)
		}
		return revocations(b[0], authorities)
	}, log)
}

// Certificates reads all certificates of a text in PEM form.
func Certificates(text []byte) ([]*x509.Certificate, error) {
	var out []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, errors.New("no certificate in PEM form")
	}
	return out, nil
}

func revocations(text []byte, authorities []*x509.Certificate) (*Revoked, error) {
	r := &Revoked{serials: map[string]bool{}}
	lists := 0
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "X509 CRL" {
			continue
		}
		list, err := x509.ParseRevocationList(block.Bytes)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(authorities, func(a *x509.Certificate) bool { return list.CheckSignatureFrom(a) == nil }) {
			return nil, fmt.Errorf("the revocation list of %s is signed by none of our authorities", list.Issuer)
		}
		for _, entry := range list.RevokedCertificateEntries {
			r.serials[string(list.RawIssuer)+entry.SerialNumber.String()] = true
		}
		if r.Next.IsZero() || !list.NextUpdate.IsZero() && list.NextUpdate.Before(r.Next) {
			r.Next = list.NextUpdate
		}
		lists++
	}
	if lists == 0 {
		return nil, errors.New("no revocation list in PEM form")
	}
	return r, nil
}

func open[T any](files []string, parse func([][]byte) (T, error), log *slog.Logger) (*Source[T], error) {
	s := &Source[T]{files: files, parse: parse, log: log, now: time.Now}
	if log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if s.seen, err = s.state(); err != nil {
		return nil, err
	}
	if s.value, err = s.read(); err != nil {
		return nil, err
	}
	s.looked = s.now()
	return s, nil
}

// Get is the newest good version. The error is always nil; it is there for
// those who take a function that may fail.
func (s *Source[T]) Get() (T, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if now.Sub(s.looked) < Every {
		return s.value, nil
	}
	s.looked = now
	state, err := s.state()
	if err != nil {
		state = err.Error()
	}
	if state == s.seen {
		return s.value, nil
	}
	s.seen = state
	var fresh T
	if err == nil {
		fresh, err = s.read()
	}
	if err != nil {
		s.log.Error("file not reloaded, the last good one stays in use", "error", err)
		return s.value, nil
	}
	s.value = fresh
	s.log.Info("file reloaded", "file", s.files[0])
	return s.value, nil
}

// state tells versions of the files apart without reading them.
func (s *Source[T]) state() (string, error) {
	state := ""
	for _, f := range s.files {
		i, err := os.Stat(f)
		if err != nil {
			return "", err
		}
		state += fmt.Sprintf("%d %d;", i.Size(), i.ModTime().UnixNano())
	}
	return state, nil
}

func (s *Source[T]) read() (T, error) {
	var none T
	var contents [][]byte
	for _, f := range s.files {
		i, err := os.Stat(f)
		if err != nil {
			return none, err
		}
		if i.Size() > maxSize {
			return none, fmt.Errorf("%s: %d bytes are too many for certificates, at most %d", f, i.Size(), maxSize)
		}
		b, err := os.ReadFile(f)
		if err != nil {
			return none, err
		}
		contents = append(contents, b)
	}
	v, err := s.parse(contents)
	if err != nil {
		return none, fmt.Errorf("%s: %w", s.files[0], err)
	}
	return v, nil
}
