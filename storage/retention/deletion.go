package retention

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// State is where a deletion stands.
type State string

// The states.
const (
	Requested State = "requested"
	Refused   State = "refused"
	Trashed   State = "trashed"
	Restored  State = "restored"
	Sweeping  State = "sweeping"
	Swept     State = "swept"
)

// Deletion is one attempt to delete a study. It outlives the study.
type Deletion struct {
	ID               string
	StudyID          string
	FacilityID       string
	StudyInstanceUID string
	Reason           string
	State            State
	RequestedBy      string
	RequestedAt      time.Time
	DecidedBy        string
	DecidedAt        time.Time
	SweepAt          time.Time // end of the grace time; in the trash: not before, and when it has been waited for
	EndedBy          string    // who took it out of the trash, or ByRetention; empty: its hospital sent it again
	EndedAt          time.Time
	Objects          int // that went with it
	Bytes            int64
}

var (
	// ErrNotFound: there is no such deletion, or none within the scope.
	ErrNotFound = errors.New("retention: no such deletion")
	// ErrOpen: a deletion of the study is under way.
	ErrOpen = errors.New("retention: a deletion of the study is under way")
	// ErrSamePerson: who asked does not decide.
	ErrSamePerson = errors.New("retention: somebody else decides on a deletion")
	// ErrState: the deletion is not, or no longer, in a state for that.
	ErrState = errors.New("retention: the deletion is past that")
)

// Request asks for the deletion of a study.
func Request(ctx context.Context, tx db.Tx, scope identity.Scope, actor, studyID, reason string) (Deletion, error) {
	st, err := catalog.StudyByID(ctx, tx, scope, studyID)
	if err != nil {
		return Deletion{}, err
	}
	if err := identity.CheckReason(reason); err != nil {
		return Deletion{}, err
	}
	now := db.Now()
	if err := deletable(ctx, tx, st, now); err != nil {
		return Deletion{}, err
	}
	d := Deletion{
		ID: db.NewID(), StudyID: studyID, FacilityID: st.FacilityID, StudyInstanceUID: st.StudyInstanceUID, Reason: reason, State: Requested, RequestedBy: actor, RequestedAt: now,
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO deletions (id, study_id, facility_id, study_instance_uid, reason, state, requested_by, requested_at, decided_by, decided_at,
		sweep_at, ended_by, ended_at, objects, bytes) VALUES ($1, $2, $3, $4, $5, 'requested', $6, $7, '', 0, 0, '', 0, 0, 0)
		ON CONFLICT (study_id) WHERE state IN ('requested', 'trashed', 'sweeping') DO NOTHING`,
		d.ID, studyID, d.FacilityID, d.StudyInstanceUID, reason, actor, db.Micros(now))
	if err := one(res, err, ErrOpen); err != nil {
		return Deletion{}, err
	}
	return d, written(ctx, tx, st, d.ID, audit.Record{At: now, Actor: actor, Action: "deletion.requested", Detail: "deletion " + d.ID})
}

// Approve puts the study of a request into the trash for the grace time of its
// hospital. Nobody approves what they have asked for.
func Approve(ctx context.Context, tx db.Tx, scope identity.Scope, actor, id string) (Deletion, error) {
	d, st, err := open(ctx, tx, scope, id, Requested)
	if err != nil {
		return d, err
	}
	if d.RequestedBy == actor {
		return d, ErrSamePerson
	}
	now := db.Now()
	if err := deletable(ctx, tx, st, now); err != nil {
		return d, err
	}
	p, err := PolicyOf(ctx, tx, st.FacilityID)
	if err != nil {
		return d, err
	}
	d.State, d.DecidedBy, d.DecidedAt, d.SweepAt = Trashed, actor, now, p.Trash.After(now)
	res, err := tx.ExecContext(ctx, `UPDATE deletions SET state = 'trashed', decided_by = $1, decided_at = $2, sweep_at = $3 WHERE id = $4 AND state = 'requested'`,
		actor, db.Micros(now), db.Micros(d.SweepAt), id)
	if err := one(res, err, ErrState); err != nil {
		return d, err
	}
	ok, err := catalog.Trash(ctx, tx, st.ID, now)
	if err != nil {
		return d, err
	}
	if !ok {
		return d, ErrState
	}
	e := catalog.Event{At: now, Kind: catalog.EventStudyTrashed, FacilityID: st.FacilityID, StudyID: st.ID, Ref: id}
	if err := catalog.AppendEvent(ctx, tx, e); err != nil {
		return d, err
	}
	return d, written(ctx, tx, st, id, audit.Record{At: now, Actor: actor, Action: catalog.EventStudyTrashed, Detail: "deletion " + id + " until " + d.SweepAt.UTC().Format(time.RFC3339)})
}

// Refuse ends a request; who asked may take it back this way.
func Refuse(ctx context.Context, tx db.Tx, scope identity.Scope, actor, id string) error {
	d, st, err := open(ctx, tx, scope, id, Requested)
	if err != nil {
		return err
	}
	now := db.Now()
	res, err := tx.ExecContext(ctx, `UPDATE deletions SET state = 'refused', decided_by = $1, decided_at = $2, ended_at = $2 WHERE id = $3 AND state = 'requested'`, actor, db.Micros(now), d.ID)
	if err := one(res, err, ErrState); err != nil {
		return err
	}
	return written(ctx, tx, st, id, audit.Record{At: now, Actor: actor, Action: "deletion.refused", Detail: "deletion " + id})
}

// Restore takes the study of a deletion out of the trash.
func Restore(ctx context.Context, tx db.Tx, scope identity.Scope, actor, id string) error {
	d, st, err := open(ctx, tx, scope, id, Trashed)
	if err != nil {
		return err
	}
	now := db.Now()
	if err := catalog.Untrash(ctx, tx, d.StudyID, actor, now); err != nil {
		return err
	}
	return written(ctx, tx, st, id, audit.Record{At: now, Actor: actor, Action: catalog.EventStudyRestored, Detail: "deletion " + id})
}

const columns = `d.id, d.study_id, d.facility_id, d.study_instance_uid, d.reason, d.state, d.requested_by, d.requested_at, d.decided_by, d.decided_at, d.sweep_at,
	d.ended_by, d.ended_at, d.objects, d.bytes, d.waited`

func scan(row catalog.Row) (d Deletion, err error) {
	var requested, decided, sweep, ended, waited int64
	err = row.Scan(&d.ID, &d.StudyID, &d.FacilityID, &d.StudyInstanceUID, &d.Reason, &d.State, &d.RequestedBy, &requested, &d.DecidedBy, &decided, &sweep,
		&d.EndedBy, &ended, &d.Objects, &d.Bytes, &waited)
	if errors.Is(err, sql.ErrNoRows) {
		return d, ErrNotFound
	}
	if err != nil {
		return d, fmt.Errorf("retention: read deletion: %w", err)
	}
	d.RequestedAt, d.DecidedAt, d.SweepAt, d.EndedAt = db.FromMicros(requested), db.FromMicros(decided), db.FromMicros(sweep), db.FromMicros(ended)
	if d.State == Trashed {
		if left := d.SweepAt.Sub(d.DecidedAt) - time.Duration(waited)*time.Microsecond; left > 0 {
			d.SweepAt = later(d.SweepAt, db.Now().Add(left))
		}
	}
	return d, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// open reads a deletion in the state it has to be in, with its study.
func open(ctx context.Context, tx db.Tx, scope identity.Scope, id string, want State) (Deletion, catalog.Study, error) {
	d, err := scan(tx.QueryRowContext(ctx, `SELECT `+columns+` FROM deletions d WHERE d.id = $1`, id))
	if err != nil {
		return d, catalog.Study{}, err
	}
	scope.Trash = true
	st, err := catalog.StudyByID(ctx, tx, scope, d.StudyID)
	switch {
	case errors.Is(err, catalog.ErrNotFound) && d.State != Swept:
		return d, st, ErrNotFound
	case errors.Is(err, catalog.ErrNotFound), err == nil && d.State != want:
		return d, st, ErrState
	}
	return d, st, err
}

// List gives deletions, those under way first and then the newest, at most limit. It
// is for who may decide on them.
func List(ctx context.Context, tx db.Tx, limit int) (list []Deletion, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+columns+` FROM deletions d ORDER BY CASE d.state WHEN 'requested' THEN 0 WHEN 'trashed' THEN 1 ELSE 2 END,
		d.requested_at DESC, d.id LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("retention: list: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		d, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

// OfStudy is the deletion of a study that is under way, nil when there is none.
func OfStudy(ctx context.Context, tx db.Tx, studyID string) (*Deletion, error) {
	d, err := scan(tx.QueryRowContext(ctx, `SELECT `+columns+` FROM deletions d WHERE d.study_id = $1 AND d.state IN ('requested', 'trashed', 'sweeping')`, studyID))
	if errors.Is(err, ErrNotFound) {
		return nil, nil //nolint:nilnil // none
	}
	return &d, err
}

// one turns a change that met no row into an error.
func one(res sql.Result, err, none error) error {
	if err != nil {
		return fmt.Errorf("retention: write: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(none, err)
	}
	return nil
}
