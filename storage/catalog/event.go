package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Kinds of events written by storage. Rooms above add theirs.
const (
	EventInstanceStored   = "instance.stored"
	EventInstanceConflict = "instance.conflict"
	EventStudyReopened    = "study.reopened"
	EventStudyReceived    = "study.received" // the facility confirmed the report
)

// Event is something that happened, told to whoever listens.
type Event struct {
	Seq        int64     // set by AppendEvent: order of commit
	At         time.Time // set by AppendEvent when zero
	Kind       string
	FacilityID string
	StudyID    string
	Ref        string // instance, workitem, report or delivery ID
	Panel      string
}

// AppendEvent writes e in the caller's transaction.
func AppendEvent(ctx context.Context, tx db.Tx, e Event) error {
	if e.At.IsZero() {
		e.At = db.NowIn(ctx)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO events (at, kind, facility_id, study_id, ref, panel) VALUES ($1, $2, $3, $4, $5, $6)`,
		db.Micros(e.At), e.Kind, e.FacilityID, e.StudyID, e.Ref, e.Panel)
	if err != nil {
		return fmt.Errorf("catalog: append event: %w", err)
	}
	return nil
}

// EventsAfter reads up to limit events with Seq above seq, in order.
func EventsAfter(ctx context.Context, tx db.Tx, seq int64, limit int) ([]Event, error) {
	return events(ctx, tx, `SELECT seq, at, kind, facility_id, study_id, ref, panel FROM events
		WHERE seq > $1 ORDER BY seq LIMIT $2`, seq, limit)
}

// VisibleEventsAfter is EventsAfter for what scope may see: events of studies
// within it, and of work on its panels even when that work took the study away
// from them (a list must learn that an item has left it). next is the Seq up to which everything has been looked at; pass it
// as seq the next time.
func VisibleEventsAfter(ctx context.Context, tx db.Tx, scope identity.Scope, seq int64, limit int) (seen []Event, next int64, err error) {
	if next, err = LastEvent(ctx, tx); err != nil || next <= seq {
		return nil, seq, err
	}
	cond, args := scope.StudyFilter(4)
	panels := "1 = 0"
	for i, id := range scope.PanelIDs {
		if args = append(args, id); i == 0 {
			panels = ""
		} else {
			panels += " OR "
		}
		panels += "events.panel = $" + strconv.Itoa(3+len(args))
	}
	seen, err = events(ctx, tx, `SELECT seq, at, kind, facility_id, study_id, ref, panel FROM events
		WHERE seq > $1 AND seq <= $2 AND (EXISTS (SELECT 1 FROM studies WHERE studies.id = events.study_id AND `+cond+`)
			OR events.kind LIKE 'workitem.%' AND (`+panels+`))
		ORDER BY seq LIMIT $3`, append([]any{seq, next, limit}, args...)...)
	if err != nil {
		return nil, seq, err
	}
	if len(seen) == limit && limit > 0 {
		next = seen[limit-1].Seq
	}
	return seen, next, nil
}

// LastEvent is the Seq of the newest event, 0 when there is none.
func LastEvent(ctx context.Context, tx db.Tx) (int64, error) {
	var seq sql.NullInt64
	if err := tx.QueryRowContext(ctx, `SELECT MAX(seq) FROM events`).Scan(&seq); err != nil {
		return 0, fmt.Errorf("catalog: last event: %w", err)
	}
	return seq.Int64, nil
}

func events(ctx context.Context, tx db.Tx, q string, args ...any) ([]Event, error) {
	rows, err := tx.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("catalog: events: %w", err)
	}
	defer rows.Close()
	var out []Event
	for rows.Next() {
		var e Event
		var at int64
		if err := rows.Scan(&e.Seq, &at, &e.Kind, &e.FacilityID, &e.StudyID, &e.Ref, &e.Panel); err != nil {
			return nil, fmt.Errorf("catalog: events: %w", err)
		}
		e.At = db.FromMicros(at)
		out = append(out, e)
	}
	return out, rows.Err()
}
