package sso

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/dokuei/dokuei/internal/certfile"
)

// Entry is a provider as its file describes it.
type Entry struct {
	ID         string `yaml:"id"`       // short; part of the address the provider sends people back to
	Facility   string `yaml:"facility"` // the hospital whose accounts it opens
	Name       string `yaml:"name"`     // on the sign-in page
	NameEn     string `yaml:"name_en"`
	Issuer     string `yaml:"issuer"`
	ClientID   string `yaml:"client_id"`
	SecretFile string `yaml:"client_secret_file,omitempty"` // none: a public client, PKCE alone
	CA         string `yaml:"ca,omitempty"`                 // authorities, PEM; none: those of the system
	Hidden     bool   `yaml:"hidden,omitempty"`             // not on the sign-in page: only by its own link

	// SecondFactor says what of the provider counts as two factors.
	SecondFactor struct {
		AMR []string `yaml:"amr,omitempty"`
		ACR []string `yaml:"acr,omitempty"` // the first is asked for
	} `yaml:"second_factor,omitempty"`

	secret string
}

var shortName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

// maxFile bounds the files read here.
const maxFile = 1 << 20

// Load reads the providers of a file. Names of other files in it are relative to it.
func Load(path string) ([]*Provider, error) {
	text, err := read(path)
	if err != nil {
		return nil, err
	}
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	var entries []Entry
	if err := dec.Decode(&entries); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var out []*Provider
	seen := map[string]bool{}
	for i, e := range entries {
		p, err := e.provider(filepath.Dir(path))
		if err == nil && seen[e.ID] {
			err = errors.New("there is another of this ID")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: provider %d (%s): %w", path, i+1, e.ID, err)
		}
		seen[e.ID] = true
		out = append(out, p)
	}
	return out, nil
}

func (e Entry) provider(dir string) (*Provider, error) {
	u, err := url.Parse(e.Issuer)
	switch {
	case !shortName.MatchString(e.ID):
		return nil, errors.New("id has lower-case letters, digits, - and _, at most 32")
	case !shortName.MatchString(e.Facility):
		return nil, errors.New("facility is the ID of a hospital in the site file")
	case e.Name == "" || e.ClientID == "":
		return nil, errors.New("name and client_id are needed")
	case err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return nil, errors.New("issuer is an https address")
	}
	if e.NameEn == "" {
		e.NameEn = e.Name
	}
	under := func(name string) string {
		if filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(dir, name)
	}
	if e.SecretFile != "" {
		text, err := read(under(e.SecretFile))
		if err != nil {
			return nil, err
		}
		if e.secret = strings.TrimSpace(text); e.secret == "" {
			return nil, fmt.Errorf("%s is empty", e.SecretFile)
		}
	}
	var roots *x509.CertPool
	if e.CA != "" {
		pool, err := certfile.Pool(under(e.CA), nil)
		if err != nil {
			return nil, err
		}
		roots, _ = pool.Get()
	}
	return newProvider(e, roots), nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func read(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile))
	return string(b), err
}
