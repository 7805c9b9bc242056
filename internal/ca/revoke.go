package ca

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/big"
	"os"
	"slices"
	"strings"
	"time"
)

// ListLife is until when a revocation list says that a newer one will come.
const ListLife = 366 * 24 * time.Hour

// Revoke takes back certificates: the one of a serial number (its beginning is
// enough when only one has it), or every usable one of a name.
func (a *Authority) Revoke(which string) ([]Issued, error) {
	list, err := a.List()
	if err != nil {
		return nil, err
	}
	now := a.Now()
	var byName, bySerial []Issued
	for _, c := range list {
		if c.Name == which && c.Usable(now) {
			byName = append(byName, c)
		}
		if len(which) >= 6 && strings.HasPrefix(c.Serial(), strings.ToLower(which)) {
			bySerial = append(bySerial, c)
		}
	}
	found := byName
	switch {
	case len(found) > 0:
	case len(bySerial) == 1:
		found = bySerial
	case len(bySerial) > 1:
		return nil, fmt.Errorf("ca: %d serial numbers begin with %s: give more of it", len(bySerial), which)
	default:
		return nil, ErrUnknown
	}
	revoked, err := a.revoked()
	if err != nil {
		return nil, err
	}
	for i, c := range found {
		if c.RevokedAt.IsZero() {
			found[i].RevokedAt = now
			revoked[c.Serial()] = now
		}
	}
	return found, a.writeLists(revoked)
}

// RenewLists writes the revocation lists anew, before they are due.
func (a *Authority) RenewLists() error {
	revoked, err := a.revoked()
	if err != nil {
		return err
	}
	return a.writeLists(revoked)
}

// ListsDue is when the revocation lists are to be renewed at the latest.
func (a *Authority) ListsDue() (due time.Time, err error) {
	lists, err := a.lists()
	for _, l := range lists {
		if due.IsZero() || l.NextUpdate.Before(due) {
			due = l.NextUpdate
		}
	}
	return due, err
}

func (a *Authority) lists() ([]*x509.RevocationList, error) {
	text, err := os.ReadFile(a.path("crl.pem"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []*x509.RevocationList
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		l, err := x509.ParseRevocationList(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("ca: crl.pem: %w", err)
		}
		out = append(out, l)
	}
	return out, nil
}

// revoked reads what was taken back, by serial number.
func (a *Authority) revoked() (map[string]time.Time, error) {
	lists, err := a.lists()
	if err != nil {
		return nil, err
	}
	out := map[string]time.Time{}
	for _, l := range lists {
		for _, e := range l.RevokedCertificateEntries {
			out[serialText(e.SerialNumber)] = e.RevocationTime
		}
	}
	return out, nil
}

// writeLists signs a list with the key of each authority that is still believed.
// All carry every number: serial numbers are random, none is used twice.
func (a *Authority) writeLists(revoked map[string]time.Time) error {
	now := a.Now()
	template := &x509.RevocationList{Number: big.NewInt(now.UnixNano()), ThisUpdate: now.Add(-skew), NextUpdate: now.Add(ListLife)}
	for _, serial := range slices.Sorted(maps.Keys(revoked)) {
		n, ok := new(big.Int).SetString(serial, 16)
		if !ok {
			return fmt.Errorf("ca: serial number %q", serial)
		}
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: n, RevocationTime: revoked[serial]})
	}
	var text []byte
	for _, c := range a.certs {
		key, err := a.keyOf(c)
		if err != nil {
			return err
		}
		der, err := x509.CreateRevocationList(rand.Reader, template, c, key)
		if err != nil {
			return fmt.Errorf("ca: revocation list: %w", err)
		}
		text = append(text, pemText("X509 CRL", der)...)
	}
	return a.write("crl.pem", text, 0o644)
}
