package audit

import (
	"context"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/storage/db"
)

// Search asks the trail. Empty fields ask for everything.
type Search struct {
	Actor string // user or token ID
	// Facility and PatientID ask who has seen a patient: every record about the
	// patient, or a study, image, report or task of theirs.
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
	UNION SELECT id FROM reports WHERE study_id IN (SELECT id FROM theirs)`

// Find reads the records that a search asks for, newest first.
func Find(ctx context.Context, tx db.Tx, s Search) ([]Record, error) {
	var where []string
	var args []any
	next := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if s.PatientID != "" {
		next(s.Facility)
		next(s.PatientID)
		where = append(where, "object IN ("+ofPatient+")")
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

// After reads up to limit records after seq, oldest first.
func After(ctx context.Context, tx db.Tx, seq int64, limit int) ([]Record, error) {
	return page(ctx, tx, seq, limit)
}
