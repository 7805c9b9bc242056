package loop

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// Reminding is how a hospital is reminded of what nobody has acknowledged: its
// ordering doctor by their own e-mail, and the hospital by those of its routes that
// take notices.
type Reminding struct {
	FacilityID string
	Doctor     bool
	Silent     []string // IDs of destinations that are not told
	// QuietFrom and QuietTo are minutes of the day in Japan between which only critical
	// findings are told of; alike: there is no such time.
	QuietFrom, QuietTo int
	ChangedBy          string
	ChangedAt          time.Time
}

// usual is what a hospital has that has said nothing.
func usual(facilityID string) Reminding {
	return Reminding{FacilityID: facilityID, Doctor: true, QuietFrom: 21 * 60, QuietTo: 7 * 60}
}

// RemindingOf reads how a hospital is reminded.
func RemindingOf(ctx context.Context, tx db.Tx, facilityID string) (Reminding, error) {
	r := Reminding{FacilityID: facilityID}
	var doctor int
	var silent string
	var at int64
	err := tx.QueryRowContext(ctx, `SELECT doctor, silent, quiet_from, quiet_to, changed_by, changed_at FROM loop_reminding WHERE facility_id = $1`, facilityID).
		Scan(&doctor, &silent, &r.QuietFrom, &r.QuietTo, &r.ChangedBy, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return usual(facilityID), nil
	}
	if err != nil {
		return r, fmt.Errorf("loop: reminding: %w", err)
	}
	r.Doctor, r.ChangedAt = doctor == 1, db.FromMicros(at)
	if silent != "" {
		r.Silent = strings.Split(silent, ",")
	}
	return r, nil
}

// SetReminding changes how a hospital in scope is reminded.
func SetReminding(ctx context.Context, tx db.Tx, p identity.Principal, r Reminding) error {
	if p.Role.AtFacility() && p.FacilityID != r.FacilityID {
		return ErrNotFound
	}
	if _, err := worklist.FacilityByID(ctx, tx, r.FacilityID); err != nil {
		if errors.Is(err, worklist.ErrNotFound) {
			return ErrNotFound
		}
		return err
	}
	const day = 24 * 60
	ways, err := Ways(ctx, tx, r.FacilityID)
	if err != nil {
		return err
	}
	for _, id := range r.Silent {
		if !slices.ContainsFunc(ways, func(d worklist.Destination) bool { return d.ID == id }) {
			return fmt.Errorf("%w: a destination that takes no notices of the hospital", ErrReminding)
		}
	}
	if r.QuietFrom < 0 || r.QuietFrom >= day || r.QuietTo < 0 || r.QuietTo >= day {
		return fmt.Errorf("%w: a time of day", ErrReminding)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO loop_reminding (facility_id, doctor, silent, quiet_from, quiet_to, changed_by, changed_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (facility_id) DO UPDATE SET doctor = excluded.doctor, silent = excluded.silent,
 quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
		r.FacilityID, flagOf(r.Doctor), strings.Join(r.Silent, ","), r.QuietFrom, r.QuietTo, p.UserID, db.Micros(db.Now()))
	if err != nil {
		return fmt.Errorf("loop: reminding: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Record{
		Actor: p.UserID, Action: "reminding.changed", Object: r.FacilityID, FacilityID: r.FacilityID,
		Detail: fmt.Sprintf("doctor=%t silent=%d quiet=%d-%d", r.Doctor, len(r.Silent), r.QuietFrom, r.QuietTo),
	})
	if err != nil {
		return fmt.Errorf("loop: audit: %w", err)
	}
	return nil
}

// Ways are the routes of a hospital by which it can be told: those of its
// destinations that take notices.
func Ways(ctx context.Context, tx db.Tx, facilityID string) ([]worklist.Destination, error) {
	all, err := worklist.DestinationsOf(ctx, tx, facilityID)
	if err != nil {
		return nil, fmt.Errorf("loop: ways: %w", err)
	}
	return slices.DeleteFunc(all, func(d worklist.Destination) bool { return d.Route == "" || !d.Wants("notice") }), nil
}

// speaks is when the hospital may be told next: now, or when its quiet time ends.
func (r Reminding) speaks(now time.Time) time.Time {
	local := now.In(calendar.Tokyo)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, calendar.Tokyo)
	minute := local.Hour()*60 + local.Minute()
	end := midnight.Add(time.Duration(r.QuietTo) * time.Minute)
	switch {
	case r.QuietFrom < r.QuietTo && minute >= r.QuietFrom && minute < r.QuietTo:
		return end
	case r.QuietFrom > r.QuietTo && minute < r.QuietTo:
		return end
	case r.QuietFrom > r.QuietTo && minute >= r.QuietFrom:
		return end.AddDate(0, 0, 1)
	}
	return now
}
