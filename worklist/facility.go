package worklist

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Facility is a hospital that sends studies and receives reports.
type Facility struct {
	ID           string // short name of the site file; part of object keys
	Name         string
	NameEn       string
	AETitles     []string // calling AE titles that mean this facility
	Certificates []string // SHA-256 fingerprints; when there are any, callers must hold one of them
	Addresses    []string // networks; when there are any, callers must come from one of them
	Quiet        time.Duration
	Active       bool          // false: taken out of the directory, kept for its studies
	Destinations []Destination // active ones
}

// Destination is an AE that receives what was written here.
type Destination struct {
	ID         string
	FacilityID string
	Name       string
	AETitle    string
	Host       string
	Port       int
	Route      string   // URL of a way out other than DICOM; the AE title is empty then
	Objects    []string // sr, pdf, enhanced, measurements, keys; oru, fhir, text, notice by a route
	Notify     string   // NotifyIAN, or nothing: told when a study is complete
	Performed  bool     // told what modalities say they have done (MPPS)
	Commit     bool     // asked to commit to storage what it has accepted
	TLS        string   // how to know it over TLS, as bcp195.Caller takes it; nothing: a plain connection
	Active     bool
}

// NotifyIAN is by Instance Availability Notification, PS3.4 Annex R.
const NotifyIAN = "ian"

// Address is host:port, with the brackets an IPv6 address needs.
func (d Destination) Address() string {
	if strings.Contains(d.Host, ":") {
		return fmt.Sprintf("[%s]:%d", d.Host, d.Port)
	}
	return fmt.Sprintf("%s:%d", d.Host, d.Port)
}

// String writes a destination as the site file does: AE@host:port.
func (d Destination) String() string {
	if d.Route != "" {
		return d.Route
	}
	return d.AETitle + "@" + d.Address()
}

// Wants reports whether the destination takes objects of a kind.
func (d Destination) Wants(object string) bool {
	for _, o := range d.Objects {
		if o == object {
			return true
		}
	}
	return false
}

// FacilityByAE finds the facility a calling AE title belongs to. Leading and
// trailing spaces of a title do not count (PS3.5 Table 6.2-1, AE).
func FacilityByAE(ctx context.Context, tx db.Tx, ae string) (Facility, bool, error) {
	var id string
	err := tx.QueryRowContext(ctx, `SELECT facility_id FROM facility_ae_titles WHERE ae_title = $1`, strings.Trim(ae, " \x00")).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return Facility{}, false, nil
	}
	if err != nil {
		return Facility{}, false, fmt.Errorf("worklist: facility of AE title: %w", err)
	}
	f, err := FacilityByID(ctx, tx, id)
	if err != nil {
		return Facility{}, false, err
	}
	return f, true, nil
}

// FacilityByID reads one facility, active or not; [ErrNotFound] when there is none.
func FacilityByID(ctx context.Context, tx db.Tx, id string) (Facility, error) {
	list, err := facilities(ctx, tx, `WHERE f.id = $1`, id)
	if err != nil {
		return Facility{}, err
	}
	if len(list) == 0 {
		return Facility{}, ErrNotFound
	}
	return list[0], nil
}

// Facilities lists the active facilities by their IDs.
func Facilities(ctx context.Context, tx db.Tx) ([]Facility, error) {
	return facilities(ctx, tx, `WHERE f.active = 1`)
}

func facilities(ctx context.Context, tx db.Tx, where string, args ...any) ([]Facility, error) {
	rows, err := tx.QueryContext(ctx, `SELECT f.id, f.name, f.name_en, f.quiet_ms, f.active FROM facilities f `+where+` ORDER BY f.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("worklist: facilities: %w", err)
	}
	list, err := collect(rows, func(rows *sql.Rows) (Facility, error) {
		var f Facility
		var quiet, active int64
		err := rows.Scan(&f.ID, &f.Name, &f.NameEn, &quiet, &active)
		f.Active = active == 1
		f.Quiet = time.Duration(quiet) * time.Millisecond
		return f, err
	})
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].AETitles, err = aeTitles(ctx, tx, list[i].ID); err != nil {
			return nil, err
		}
		if list[i].Certificates, err = certificates(ctx, tx, list[i].ID); err != nil {
			return nil, err
		}
		if list[i].Addresses, err = addresses(ctx, tx, list[i].ID); err != nil {
			return nil, err
		}
		if list[i].Destinations, err = destinations(ctx, tx, `WHERE facility_id = $1 AND active = 1`, list[i].ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func aeTitles(ctx context.Context, tx db.Tx, facilityID string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT ae_title FROM facility_ae_titles WHERE facility_id = $1 ORDER BY position, ae_title`, facilityID)
	if err != nil {
		return nil, fmt.Errorf("worklist: AE titles: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (string, error) {
		var s string
		return s, rows.Scan(&s)
	})
}

func certificates(ctx context.Context, tx db.Tx, facilityID string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT fingerprint FROM facility_certificates WHERE facility_id = $1 ORDER BY position, fingerprint`, facilityID)
	if err != nil {
		return nil, fmt.Errorf("worklist: certificates: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (string, error) {
		var s string
		return s, rows.Scan(&s)
	})
}

// FacilityByCertificate finds the active facility that a certificate of this SHA-256
// fingerprint is registered for; ok is false when there is none.
func FacilityByCertificate(ctx context.Context, tx db.Tx, fingerprint string) (f Facility, ok bool, err error) {
	list, err := facilities(ctx, tx, `JOIN facility_certificates c ON c.facility_id = f.id WHERE f.active = 1 AND c.fingerprint = $1`, fingerprint)
	if err != nil || len(list) == 0 {
		return Facility{}, false, err
	}
	return list[0], true, nil
}

// Admits reports whether a caller with a certificate, by its SHA-256
// fingerprint (empty: none was shown), may speak for the facility.
func (f Facility) Admits(fingerprint string) bool {
	return len(f.Certificates) == 0 || slices.Contains(f.Certificates, fingerprint)
}

// DestinationByID reads one destination, active or not; [ErrNotFound] when
// there is none.
func DestinationByID(ctx context.Context, tx db.Tx, id string) (Destination, error) {
	list, err := destinations(ctx, tx, `WHERE id = $1`, id)
	if err != nil {
		return Destination{}, err
	}
	if len(list) == 0 {
		return Destination{}, ErrNotFound
	}
	return list[0], nil
}

// DestinationsOf lists the active destinations of a facility.
func DestinationsOf(ctx context.Context, tx db.Tx, facilityID string) ([]Destination, error) {
	return destinations(ctx, tx, `WHERE facility_id = $1 AND active = 1`, facilityID)
}

func destinations(ctx context.Context, tx db.Tx, where string, args ...any) ([]Destination, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, facility_id, name, ae_title, host, port, objects, notify, performed, tls, ask_commitment, active, route FROM destinations `+where+` ORDER BY facility_id, name`, args...)
	if err != nil {
		return nil, fmt.Errorf("worklist: destinations: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (Destination, error) {
		var d Destination
		var objects string
		var active, commit, performed int
		err := rows.Scan(&d.ID, &d.FacilityID, &d.Name, &d.AETitle, &d.Host, &d.Port, &objects, &d.Notify, &performed, &d.TLS, &commit, &active, &d.Route)
		if objects != "" {
			d.Objects = strings.Split(objects, ",")
		}
		d.Active, d.Commit, d.Performed = active == 1, commit == 1, performed == 1
		return d, err
	})
}

// collect reads every row with scan and closes rows.
func collect[T any](rows *sql.Rows, scan func(*sql.Rows) (T, error)) ([]T, error) {
	defer rows.Close()
	var list []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("worklist: read row: %w", err)
		}
		list = append(list, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("worklist: read rows: %w", err)
	}
	return list, nil
}
