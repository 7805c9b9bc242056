package prior

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Reason is why earlier studies were not fetched.
type Reason string

// The reasons.
const (
	NoSource    Reason = "no-source"   // the hospital has no such destination
	NoPatient   Reason = "no-patient"  // the study has no Patient ID that could be asked for
	TooMany     Reason = "too-many"    // too many studies of the hospital wait already
	Unreachable Reason = "unreachable" // nobody answers, or not in time
	Refused     Reason = "refused"     // the archive takes no queries, or failed over this one
	Stranger    Reason = "stranger"    // the archive does not know our AE title as a destination
	Incomplete  Reason = "incomplete"  // the archive could not send every study
)

// State of a fetch.
type State string

// The states.
const (
	Waiting State = "waiting"
	Done    State = "done"
	Failed  State = "failed"
)

// maxWaiting is how many studies of a hospital wait at most.
const maxWaiting = 500

// Enqueue has earlier studies fetched for a study, in the caller's transaction; a second
// time only when that has failed. The reason, if any, is why they are not. After the
// commit the caller calls [Fetcher.Wake].
func Enqueue(ctx context.Context, tx db.Tx, s catalog.Study, p rule.Priors) (Reason, error) {
	destination, reason, err := source(ctx, tx, s, p)
	if err != nil {
		return "", err
	}
	state := Waiting
	if reason != "" {
		state = Failed
	}
	now := db.Micros(db.Now())
	_, err = tx.ExecContext(ctx, `INSERT INTO prior_fetches (id, study_id, facility_id, source, destination_id, most, months, state, reason, next_at, created_at, updated_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $10)
 ON CONFLICT (study_id) DO UPDATE SET source = excluded.source, destination_id = excluded.destination_id, most = excluded.most, months = excluded.months,
 state = excluded.state, reason = excluded.reason, attempts = 0, next_at = excluded.next_at, updated_at = excluded.updated_at WHERE prior_fetches.state = 'failed'`,
		db.NewID(), s.ID, s.FacilityID, p.From, destination, p.Most, p.Months, string(state), string(reason), now)
	if err != nil {
		return "", fmt.Errorf("prior: enqueue: %w", err)
	}
	return reason, nil
}

func source(ctx context.Context, tx db.Tx, s catalog.Study, p rule.Priors) (destination string, reason Reason, err error) {
	list, err := worklist.DestinationsOf(ctx, tx, s.FacilityID)
	if err != nil {
		return "", "", fmt.Errorf("prior: %w", err)
	}
	for _, d := range list {
		if d.Name == p.From && d.Route == "" { // a route is for reports
			destination = d.ID
		}
	}
	if destination == "" {
		return "", NoSource, nil
	}
	if !askable(s.Patient.PatientID) {
		return destination, NoPatient, nil
	}
	var waiting int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM prior_fetches WHERE facility_id = $1 AND state = 'waiting'`, s.FacilityID).Scan(&waiting); err != nil {
		return "", "", fmt.Errorf("prior: waiting: %w", err)
	}
	if waiting >= maxWaiting {
		reason = TooMany
	}
	return destination, reason, nil
}

// askable reports whether a Patient ID means one patient as a key: a wild card or a list
// would match others (PS3.4 C.2.2.2.4).
func askable(patientID string) bool {
	return strings.TrimSpace(patientID) != "" && !strings.ContainsAny(patientID, `*?\`)
}

// Only reports whether a study is here to compare with alone: it was asked for, nothing
// of it came after that, and nobody has it to read or wants it read.
func Only(ctx context.Context, tx db.Tx, s catalog.Study) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM studies WHERE id = $1 AND `+Asked+`
 AND NOT EXISTS (SELECT 1 FROM workitems w WHERE w.study_id = studies.id)`, s.ID).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("prior: only: %w", err)
	}
	if n == 0 {
		return false, nil
	}
	request, err := worklist.WaitingRequest(ctx, tx, s.FacilityID, s.StudyInstanceUID, s.AccessionNumber)
	return request == nil && err == nil, err
}

// Asked is the condition that a row of studies was asked for and that nothing of it came
// unasked. A minute is given to the clocks of several nodes.
const Asked = `EXISTS (SELECT 1 FROM prior_studies p WHERE p.study_instance_uid = studies.study_instance_uid AND p.facility_id = studies.facility_id
 AND p.state <> 'here' AND (p.settled_at = 0 OR studies.last_arrival <= p.settled_at + 60000000))`

// fetch is a row of prior_fetches.
type fetch struct {
	ID, StudyID, FacilityID, DestinationID string
	Most, Months, Attempts                 int
}

// lease is how long a fetch belongs to who took it; it is prolonged while images come.
const lease = 5 * time.Minute

// due lists what is to be asked now, the longest overdue first.
func due(ctx context.Context, tx db.Tx, now time.Time, limit int) ([]fetch, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, study_id, facility_id, destination_id, most, months, attempts FROM prior_fetches
 WHERE state = 'waiting' AND next_at <= $1 ORDER BY next_at, id LIMIT $2`, db.Micros(now), limit)
	if err != nil {
		return nil, fmt.Errorf("prior: due: %w", err)
	}
	defer rows.Close()
	var list []fetch
	for rows.Next() {
		var f fetch
		if err := rows.Scan(&f.ID, &f.StudyID, &f.FacilityID, &f.DestinationID, &f.Most, &f.Months, &f.Attempts); err != nil {
			return nil, fmt.Errorf("prior: due: %w", err)
		}
		list = append(list, f)
	}
	return list, rows.Err()
}

// next is when something that is not due now will be; zero: never.
func next(ctx context.Context, tx db.Tx, now time.Time) (time.Time, error) {
	var us sql.NullInt64
	err := tx.QueryRowContext(ctx, `SELECT MIN(next_at) FROM prior_fetches WHERE state = 'waiting' AND next_at > $1`, db.Micros(now)).Scan(&us)
	if err != nil || !us.Valid {
		return time.Time{}, err
	}
	return db.FromMicros(us.Int64), nil
}

// claim takes a fetch that is still due; false: another was first.
func claim(ctx context.Context, tx db.Tx, id string, now time.Time) (bool, error) {
	res, err := tx.ExecContext(ctx, `UPDATE prior_fetches SET attempts = attempts + 1, next_at = $1, updated_at = $2 WHERE id = $3 AND state = 'waiting' AND next_at <= $2`,
		db.Micros(now.Add(lease)), db.Micros(now), id)
	if err != nil {
		return false, fmt.Errorf("prior: claim: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

func prolong(ctx context.Context, tx db.Tx, id string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE prior_fetches SET next_at = $1 WHERE id = $2 AND state = 'waiting'`, db.Micros(now.Add(lease)), id)
	if err != nil {
		return fmt.Errorf("prior: prolong: %w", err)
	}
	return nil
}

// end writes what became of an attempt: waiting until at for the next one, or ended. The
// panels of the study see what has come.
func end(ctx context.Context, tx db.Tx, f fetch, state State, reason Reason, at time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE prior_fetches SET state = $1, reason = $2, next_at = $3, updated_at = $4 WHERE id = $5 AND state = 'waiting'`,
		string(state), string(reason), db.Micros(at), db.Micros(db.Now()), f.ID)
	if err == nil { // what was being asked for when the attempt broke off
		_, err = tx.ExecContext(ctx, `UPDATE prior_studies SET state = 'failed', settled_at = $1 WHERE fetch_id = $2 AND state = 'asked'`, db.Micros(db.Now()), f.ID)
	}
	if err != nil {
		return fmt.Errorf("prior: end: %w", err)
	}
	if err := worklist.ShowPriors(ctx, tx, f.StudyID); err != nil {
		return err
	}
	open, err := worklist.OpenOfStudy(ctx, tx, f.StudyID)
	if err != nil {
		return fmt.Errorf("prior: end: %w", err)
	}
	e := catalog.Event{Kind: EventFetched, FacilityID: f.FacilityID, StudyID: f.StudyID, Ref: f.ID}
	if open != nil {
		e.Ref, e.Panel = open.ID, open.PanelID
	}
	return catalog.AppendEvent(ctx, tx, e)
}

// EventFetched tells that an attempt to fetch earlier studies has ended.
const EventFetched = "study.priors"

// choose writes down the studies that are to be asked for, and gives those that are not
// here. One that an earlier attempt has fetched stays fetched.
func choose(ctx context.Context, tx db.Tx, f fetch, uids []string) (missing []string, err error) {
	for n, one := range uids {
		state := "asked"
		_, err := catalog.StudyByUID(ctx, tx, identity.Everything(), f.FacilityID, one)
		switch {
		case err == nil:
			state = "here"
		case !errors.Is(err, catalog.ErrNotFound):
			return nil, fmt.Errorf("prior: choose: %w", err)
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO prior_studies (fetch_id, facility_id, study_instance_uid, position, state) VALUES ($1, $2, $3, $4, $5)
 ON CONFLICT (fetch_id, study_instance_uid) DO UPDATE SET state = 'asked', settled_at = 0 WHERE prior_studies.state = 'failed'`, f.ID, f.FacilityID, one, n, state)
		if err != nil {
			return nil, fmt.Errorf("prior: choose: %w", err)
		}
	}
	rows, err := tx.QueryContext(ctx, `SELECT study_instance_uid FROM prior_studies WHERE fetch_id = $1 AND state = 'asked' ORDER BY position`, f.ID)
	if err != nil {
		return nil, fmt.Errorf("prior: choose: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, fmt.Errorf("prior: choose: %w", err)
		}
		missing = append(missing, one)
	}
	return missing, rows.Err()
}

// settle writes what came of a study: from now on nothing more of it is asked for.
func settle(ctx context.Context, tx db.Tx, f fetch, studyUID string, kept, failed int) error {
	state := "fetched"
	if kept == 0 {
		state = "failed"
	}
	_, err := tx.ExecContext(ctx, `UPDATE prior_studies SET state = $1, instances = $2, failed = $3, settled_at = $4 WHERE fetch_id = $5 AND study_instance_uid = $6`,
		state, kept, failed, db.Micros(db.Now()), f.ID, studyUID)
	if err != nil {
		return fmt.Errorf("prior: settle: %w", err)
	}
	return nil
}
