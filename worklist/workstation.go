package worklist

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Workstation is where a reader reads by other means than our pages: an
// application entity that claims and performs in their name.
type Workstation struct {
	Reader       string   // user
	AETitles     []string // calling AE titles that mean this reader
	Certificates []string // SHA-256 fingerprints; when there are any, callers must hold one of them
	// Listens says where those of the AETitles take images that are moved to them,
	// host:port.
	Listens map[string]string
}

// Admits reports whether a caller with a certificate, by its SHA-256
// fingerprint (empty: none was shown), may speak for the reader.
func (w Workstation) Admits(fingerprint string) bool {
	return len(w.Certificates) == 0 || slices.Contains(w.Certificates, fingerprint)
}

// WorkstationByAE finds the reader a calling AE title belongs to. One who is
// switched off, or reads no longer, has none.
func WorkstationByAE(ctx context.Context, tx db.Tx, ae string) (Workstation, bool, error) {
	var w Workstation
	err := tx.QueryRowContext(ctx, `SELECT t.user_id FROM reader_ae_titles t JOIN users u ON u.id = t.user_id
 WHERE t.ae_title = $1 AND u.disabled = 0 AND u.role = $2`, strings.Trim(ae, " \x00"), string(identity.Reader)).Scan(&w.Reader)
	if errors.Is(err, sql.ErrNoRows) {
		return Workstation{}, false, nil
	}
	if err != nil {
		return Workstation{}, false, fmt.Errorf("worklist: reader of AE title: %w", err)
	}
	all, err := Workstations(ctx, tx)
	if err != nil {
		return Workstation{}, false, err
	}
	return all[w.Reader], true, nil
}

// title adds an AE title, with an @ and where it listens, if it does.
func (w *Workstation) title(s string) {
	i := strings.LastIndexByte(s, '@') // a title may have one, an address has none
	ae, address := s[:i], s[i+1:]
	w.AETitles = append(w.AETitles, ae)
	if address != "" {
		if w.Listens == nil {
			w.Listens = map[string]string{}
		}
		w.Listens[ae] = address
	}
}

// Titles are the AE titles as the site file has them: AE, or AE@host:port.
func (w Workstation) Titles() []string {
	var out []string
	for _, ae := range w.AETitles {
		if at := w.Listens[ae]; at != "" {
			ae += "@" + at
		}
		out = append(out, ae)
	}
	return out
}

// Workstations lists the workstations by reader.
func Workstations(ctx context.Context, tx db.Tx) (map[string]Workstation, error) {
	out := map[string]Workstation{}
	for _, part := range []struct {
		query string
		add   func(*Workstation, string)
	}{
		{`SELECT user_id, ae_title || '@' || address FROM reader_ae_titles ORDER BY user_id, position`, (*Workstation).title},
		{`SELECT user_id, fingerprint FROM reader_certificates ORDER BY user_id, position`, func(w *Workstation, s string) { w.Certificates = append(w.Certificates, s) }},
	} {
		rows, err := tx.QueryContext(ctx, part.query)
		if err != nil {
			return nil, fmt.Errorf("worklist: workstations: %w", err)
		}
		list, err := collect(rows, func(rows *sql.Rows) (v [2]string, err error) {
			err = rows.Scan(&v[0], &v[1])
			return v, err
		})
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			w := out[v[0]]
			w.Reader = v[0]
			part.add(&w, v[1])
			out[v[0]] = w
		}
	}
	return out, nil
}

// Principal is the reader in whose name it asks.
func (w Workstation) Principal(ctx context.Context, tx db.Tx) (identity.Principal, error) {
	panels, err := identity.PanelsOf(ctx, tx, w.Reader)
	if err != nil {
		return identity.Principal{}, err
	}
	veils, err := identity.LoadVeils(ctx, tx)
	return identity.Principal{UserID: w.Reader, Role: identity.Reader, PanelIDs: panels, Veils: veils}, err
}

// Scope is what the reader may see, as on our pages.
func (w Workstation) Scope(ctx context.Context, tx db.Tx) (identity.Scope, error) {
	who, err := w.Principal(ctx, tx)
	return who.Scope(), err
}
