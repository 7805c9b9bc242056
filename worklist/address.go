package worklist

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"

	"github.com/dokuei/dokuei/storage/db"
)

// ErrNetwork says that a text is neither an address nor a network.
var ErrNetwork = errors.New("not an address or network like 192.0.2.0/24")

// ParseNetwork reads a network in CIDR notation (RFC 4632, RFC 4291 §2.3); an
// address is a network of one. Host bits are an error: they are a typing error
// more often than not.
func ParseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p != p.Masked() || p.Addr().Is4In6() {
		return netip.Prefix{}, ErrNetwork
	}
	return p, nil
}

// AdmitsFrom reports whether a caller at an address may speak for the facility.
// What is no address is nowhere.
func (f Facility) AdmitsFrom(host string) bool {
	if len(f.Addresses) == 0 {
		return true
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	a = a.Unmap().WithZone("")
	for _, s := range f.Addresses {
		if p, err := ParseNetwork(s); err == nil && p.Contains(a) {
			return true
		}
	}
	return false
}

func addresses(ctx context.Context, tx db.Tx, facilityID string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT network FROM facility_addresses WHERE facility_id = $1 ORDER BY position, network`, facilityID)
	if err != nil {
		return nil, fmt.Errorf("worklist: addresses: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (string, error) {
		var s string
		return s, rows.Scan(&s)
	})
}
