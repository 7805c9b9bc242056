package audit

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Search asks the trail. Empty fields ask for everything.
type Search struct {
	Actor string // user or token ID
	// Facility and PatientID ask who has seen a patient: every record about the
	// patient, or an order, study, image, report, task, delivery or conversation of
	// theirs. The conversation about a study has the study's ID. Facility alone asks for
	// what has been recorded of the hospital.
	Facility, PatientID string
	Action              string // beginning of the action
	Before              int64  // records older than this; 0: from the newest
	Limit               int
}

// ofPatient are the objects a patient's records are about.
const ofPatient = `WITH mine AS (SELECT id FROM patients WHERE facility_id = $1 AND patient_id = $2),
	theirs AS (SELECT id FROM studies WHERE patient_ref IN (SELECT id FROM mine))
	SELECT id FROM mine UNION SELECT id FROM theirs
	UNION SELECT id FROM instances WHERE study_id IN (SELECT id FROM theirs)
	UNION SELECT id FROM workitems WHERE study_id IN (SELECT id FROM theirs)
	UNION SELECT id FROM reports WHERE study_id IN (SELECT id FROM theirs)
	UNION SELECT id FROM deliveries WHERE study_id IN (SELECT id FROM theirs)
	UNION SELECT r.id FROM consult_rooms r JOIN consults c ON c.id = r.consult_id WHERE c.study_id IN (SELECT id FROM theirs)
	UNION SELECT id FROM orders WHERE facility_id = $1 AND patient_id = $2`

// Find reads the records that a search asks for, newest first.
func Find(ctx context.Context, tx db.Tx, s Search) ([]Record, error) {
	var where []string
	var args []any
	next := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	switch {
	case s.PatientID != "":
		next(s.Facility)
		next(s.PatientID)
		where = append(where, "object IN ("+ofPatient+")")
	case s.Facility != "":
		where = append(where, "facility_id = "+next(s.Facility))
	}
	if s.Actor != "" {
		where = append(where, "actor = "+next(s.Actor))
	}
	if s.Action != "" {
		where = append(where, "substr(action, 1, "+strconv.Itoa(len(s.Action))+") = "+next(s.Action))
	}
	if s.Before > 0 {
		where = append(where, "seq < "+next(s.Before))
	}
	q := `SELECT seq, at, actor, action, object, facility_id, outcome, detail, hash FROM audit`
	if len(where) > 0 {
		q += " WHERE " + strings.Join(where, " AND ")
	}
	return query(ctx, tx, q+" ORDER BY seq DESC LIMIT "+next(s.Limit), args...)
}

// Between reports whether the trail has a record from a time to another. It looks by number,
// since records are in order of time: where a clock was set back it may miss one that is
// there, and never finds one that is not.
func Between(ctx context.Context, tx db.Tx, from, to time.Time) (bool, error) {
	head, _, err := Head(ctx, tx)
	if err != nil {
		return false, err
	}
	var at int64
	least, most := db.Micros(from), db.Micros(to)
	for low, high := int64(0), head; low < high; { // the first at or after from is behind low, and high at most
		middle := low + (high-low)/2
		err := tx.QueryRowContext(ctx, `SELECT seq, at FROM audit WHERE seq > $1 ORDER BY seq LIMIT 1`, middle).Scan(&middle, &at)
		switch {
		case err != nil:
			return false, fmt.Errorf("audit: between: %w", err)
		case at >= least && at <= most:
			return true, nil
		case at < least:
			low = middle
		default:
			high = low + (high-low)/2
		}
	}
	return false, nil
}

// After reads up to limit records after seq, oldest first.
func After(ctx context.Context, tx db.Tx, seq int64, limit int) ([]Record, error) {
	return page(ctx, tx, seq, limit)
}
