package worklist

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// Mode is how a hospital takes part in the network.
type Mode string

// The modes; none is ModeBoth.
const (
	ModeBoth    Mode = "both"    // sends studies and sees those it may
	ModePublish Mode = "publish" // sends studies, sees its own only
	ModeView    Mode = "view"    // sees, sends nothing
)

// FacilityProfile is what was agreed with a hospital.
type FacilityProfile struct {
	Mode             Mode               `json:"mode,omitempty"`
	PreferredPanel   string             `json:"preferredPanel,omitempty"`
	PreferredReaders []string           `json:"preferredReaders,omitempty"` // logins
	Language         string             `json:"language,omitempty"`         // of its reports; RFC 5646
	Hours            []string           `json:"hours,omitempty"`            // calendar.ParseHours; none: always open
	Contract         map[Priority]Terms `json:"contract,omitempty"`
	Pseudonymous     bool               `json:"pseudonymous,omitempty"` // readers know the patients by pseudonyms
	Masks            []deident.MaskRule `json:"masks,omitempty"`        // where its devices write into the pixels who is shown
	Senders          []string           `json:"senders,omitempty"`      // MSH-4 or MSH-3 of its order messages
}

// Terms are the limits of one priority.
type Terms struct {
	Claim   time.Duration `json:"claim,omitempty"` // until somebody has taken it; zero: not watched
	Final   time.Duration `json:"final,omitempty"` // until it is signed; zero: what the rule says
	Working bool          `json:"working,omitempty"`
}

// DefaultClaim is when an unclaimed item of a priority is brought to the
// coordinator where the contract says nothing.
func DefaultClaim(p Priority) time.Duration {
	switch p {
	case STAT:
		return 10 * time.Minute
	case Urgent:
		return time.Hour
	default:
		return 0
	}
}

// ReaderProfile is what the assignment must know of a reader.
type ReaderProfile struct {
	LicenseExpires string   `json:"licenseExpires,omitempty"` // last day, YYYY-MM-DD; none: does not expire
	Subspecialties []string `json:"subspecialties,omitempty"`
	Modalities     []string `json:"modalities,omitempty"` // none: all
	Languages      []string `json:"languages,omitempty"`  // none: ja
	Home           string   `json:"home,omitempty"`       // facility; its studies are not read from outside where it says so
	Conflicts      []string `json:"conflicts,omitempty"`  // facilities whose studies are not for this reader
	Capacity       int      `json:"capacity,omitempty"`   // studies an hour; zero: DefaultCapacity
	MonitorTested  string   `json:"monitorTested,omitempty"`
	Hours          []string `json:"hours,omitempty"`      // reading; none: always
	OnCall         []string `json:"onCall,omitempty"`     // reached for STAT outside of reading hours
	QuietHours     []string `json:"quietHours,omitempty"` // no word of anything but STAT
}

// Expired reports whether the licence no longer holds on the day of a moment.
func (p ReaderProfile) Expired(at time.Time) bool {
	return p.LicenseExpires != "" && calendar.DayOf(at).String() > p.LicenseExpires
}

// Barred reports whether a reader must not read for a hospital: the own one, or one
// with which there is a conflict.
func (p ReaderProfile) Barred(facilityID string) bool {
	return p.Home != "" && p.Home == facilityID || slices.Contains(p.Conflicts, facilityID)
}

// Lacks are those of the subspecialties that a reader does not have.
func (p ReaderProfile) Lacks(required []string) []string {
	var list []string
	for _, s := range required {
		if !slices.Contains(p.Subspecialties, s) {
			list = append(list, s)
		}
	}
	return list
}

// DefaultCapacity is the most CT and MR an hour that is thought safe (JCR 2022).
const DefaultCapacity = 4

// MonitorAge is how long a constancy test of a monitor holds (JESRA X-0093).
const MonitorAge = 365 * 24 * time.Hour

// ProfileOfFacility reads what was agreed with a hospital.
func ProfileOfFacility(ctx context.Context, tx db.Tx, id string) (FacilityProfile, error) {
	var raw string
	err := tx.QueryRowContext(ctx, `SELECT profile FROM facilities WHERE id = $1`, id).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return FacilityProfile{}, ErrNotFound
	}
	var p FacilityProfile
	if err == nil {
		err = json.Unmarshal([]byte(raw), &p)
	}
	if err != nil {
		return FacilityProfile{}, fmt.Errorf("worklist: profile of facility: %w", err)
	}
	return p, nil
}

// FacilityBySender finds the hospital whose order messages carry a name.
func FacilityBySender(ctx context.Context, tx db.Tx, sender string) (Facility, bool, error) {
	all, err := Facilities(ctx, tx)
	if err != nil {
		return Facility{}, false, err
	}
	for _, f := range all {
		p, err := ProfileOfFacility(ctx, tx, f.ID)
		if err != nil {
			return Facility{}, false, err
		}
		if slices.Contains(p.Senders, sender) {
			return f, true, nil
		}
	}
	return Facility{}, false, nil
}

// SetFacilityProfile writes it.
func SetFacilityProfile(ctx context.Context, tx db.Tx, id string, p FacilityProfile) error {
	raw, err := json.Marshal(p)
	if err == nil {
		sees := 1
		if p.Mode == ModePublish {
			sees = 0
		}
		veiled, key := 0, ""
		if p.Pseudonymous {
			b := make([]byte, 32)
			rand.Read(b) //nolint:errcheck // never fails (crypto/rand)
			veiled, key = 1, base64.StdEncoding.EncodeToString(b)
		}
		// A key is made once: pseudonyms are for ever.
		_, err = tx.ExecContext(ctx, `UPDATE facilities SET profile = $1, sees_others = $2, pseudonymous = $3,
			pseudonym_key = CASE WHEN pseudonym_key = '' THEN $4 ELSE pseudonym_key END WHERE id = $5`, string(raw), sees, veiled, key, id)
	}
	if err != nil {
		return fmt.Errorf("worklist: profile of facility: %w", err)
	}
	return nil
}

// ReaderProfiles reads the profiles by user; one who has none has the zero value.
func ReaderProfiles(ctx context.Context, tx db.Tx) (map[string]ReaderProfile, error) {
	rows, err := tx.QueryContext(ctx, `SELECT user_id, profile FROM reader_profiles`)
	if err != nil {
		return nil, fmt.Errorf("worklist: profiles of readers: %w", err)
	}
	out := map[string]ReaderProfile{}
	_, err = collect(rows, func(rows *sql.Rows) (struct{}, error) {
		var id, raw string
		if err := rows.Scan(&id, &raw); err != nil {
			return struct{}{}, err
		}
		var p ReaderProfile
		err := json.Unmarshal([]byte(raw), &p)
		out[id] = p
		return struct{}{}, err
	})
	return out, err
}

// ProfileOfReader reads the profile of one; the zero value when there is none.
func ProfileOfReader(ctx context.Context, tx db.Tx, userID string) (ReaderProfile, error) {
	var p ReaderProfile
	var raw string
	err := tx.QueryRowContext(ctx, `SELECT profile FROM reader_profiles WHERE user_id = $1`, userID).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(raw), &p)
	}
	if err != nil {
		return p, fmt.Errorf("worklist: profile of reader: %w", err)
	}
	return p, nil
}

// SetReaderProfile writes it.
func SetReaderProfile(ctx context.Context, tx db.Tx, userID string, p ReaderProfile) error {
	raw, err := json.Marshal(p)
	if err == nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO reader_profiles (user_id, profile) VALUES ($1, $2)
 ON CONFLICT (user_id) DO UPDATE SET profile = excluded.profile`, userID, string(raw))
	}
	if err != nil {
		return fmt.Errorf("worklist: profile of reader: %w", err)
	}
	return nil
}

// Names in settings.
const (
	settingClosures = "closures"
	settingTargets  = "targets"
)

// setting reads a setting of the house into v, which stays as it is when nothing
// was ever set.
func setting(ctx context.Context, tx db.Tx, name string, v any) error {
	var raw string
	err := tx.QueryRowContext(ctx, `SELECT value FROM settings WHERE name = $1`, name).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(raw), v)
	}
	if err != nil {
		return fmt.Errorf("worklist: %s: %w", name, err)
	}
	return nil
}

func set(ctx context.Context, tx db.Tx, name string, v any) error {
	raw, err := json.Marshal(v)
	if err == nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, string(raw))
	}
	if err != nil {
		return fmt.Errorf("worklist: %s: %w", name, err)
	}
	return nil
}

// Closures are the closed parts of a year as written; the year's end when
// nothing was ever set.
func Closures(ctx context.Context, tx db.Tx) ([]string, error) {
	list := []string{"12-29/01-03"}
	return list, setting(ctx, tx, settingClosures, &list)
}

// SetClosures writes them.
func SetClosures(ctx context.Context, tx db.Tx, list []string) error {
	return set(ctx, tx, settingClosures, list)
}

// Targets are the reads aimed at by fiscal year, which begins in April: "2026".
func Targets(ctx context.Context, tx db.Tx) (map[string]int, error) {
	var t map[string]int
	return t, setting(ctx, tx, settingTargets, &t)
}

// SetTargets writes them.
func SetTargets(ctx context.Context, tx db.Tx, t map[string]int) error {
	return set(ctx, tx, settingTargets, t)
}

// Calendar is the calendar of the house.
func Calendar(ctx context.Context, tx db.Tx) (calendar.Calendar, error) {
	list, err := Closures(ctx, tx)
	if err != nil {
		return calendar.Calendar{}, err
	}
	var c calendar.Calendar
	for _, s := range list {
		x, err := calendar.ParseClosure(s)
		if err != nil {
			return c, fmt.Errorf("worklist: closures: %w", err)
		}
		c.Closures = append(c.Closures, x)
	}
	return c, nil
}
