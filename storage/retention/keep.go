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

// Keeping says until when a study is kept, and why.
type Keeping struct {
	Until time.Time
	// Reason is "images" or "report", whichever Until comes from; "receiving" while
	// images come in for the first time: the period has not begun, and Until is zero.
	Reason string
	Hold   *Hold // open; nil: none
}

// Hold is a legal hold on a study.
type Hold struct {
	ID         string
	StudyID    string
	Reason     string
	PlacedBy   string
	PlacedAt   time.Time
	ReleasedBy string
	ReleasedAt time.Time // zero: it stands
}

var (
	// ErrHeld: the study is under legal hold.
	ErrHeld = errors.New("retention: the study is under legal hold")
	// ErrNotHeld: it is not.
	ErrNotHeld = errors.New("retention: the study is under no legal hold")
	// ErrReceiving: images of the study are coming in.
	ErrReceiving = errors.New("retention: images of the study are coming in")
)

// RetainedError: the study is to be kept.
type RetainedError struct{ Until time.Time }

func (e *RetainedError) Error() string {
	return "retention: the study is kept until " + e.Until.UTC().Format(time.DateOnly)
}

// Of tells until when a study is kept.
func Of(ctx context.Context, tx db.Tx, st catalog.Study) (k Keeping, err error) {
	p, err := PolicyOf(ctx, tx, st.FacilityID)
	if err != nil {
		return k, err
	}
	k.Reason = "receiving"
	if !st.CompletedAt.IsZero() {
		k.Until, k.Reason = p.Images.After(st.LastArrival), "images"
	}
	var signed int64
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(signed_at), 0) FROM reports WHERE study_id = $1`, st.ID).Scan(&signed); err != nil {
		return k, fmt.Errorf("retention: last signature: %w", err)
	}
	if at := db.FromMicros(signed); signed != 0 && !p.Reports.After(at).Before(k.Until) {
		k.Until, k.Reason = p.Reports.After(at), "report"
	}
	k.Hold, err = holdOf(ctx, tx, st.ID)
	return k, err
}

// deletable is nil when nothing stands against the deletion of a study.
func deletable(ctx context.Context, tx db.Tx, st catalog.Study, now time.Time) error {
	k, err := Of(ctx, tx, st)
	switch {
	case err != nil:
		return err
	case st.State == catalog.Receiving:
		return ErrReceiving
	case k.Hold != nil:
		return ErrHeld
	case now.Before(k.Until):
		return &RetainedError{k.Until}
	}
	return nil
}

func holdOf(ctx context.Context, tx db.Tx, studyID string) (*Hold, error) {
	h := Hold{StudyID: studyID}
	var placed int64
	err := tx.QueryRowContext(ctx, `SELECT id, reason, placed_by, placed_at FROM legal_holds WHERE study_id = $1 AND released_at = 0`, studyID).Scan(&h.ID, &h.Reason, &h.PlacedBy, &placed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil //nolint:nilnil // none stands
	}
	if err != nil {
		return nil, fmt.Errorf("retention: hold: %w", err)
	}
	h.PlacedAt = db.FromMicros(placed)
	return &h, nil
}

// PlaceHold puts a study under legal hold; one that is in the trash comes out of it.
func PlaceHold(ctx context.Context, tx db.Tx, scope identity.Scope, actor, studyID, reason string) error {
	scope.Trash = true
	st, err := catalog.StudyByID(ctx, tx, scope, studyID)
	if err != nil {
		return err
	}
	if err := identity.CheckReason(reason); err != nil {
		return err
	}
	h, err := holdOf(ctx, tx, studyID)
	if err != nil {
		return err
	}
	if h != nil {
		return ErrHeld
	}
	now := db.Now()
	if !st.TrashedAt.IsZero() {
		if err := catalog.Untrash(ctx, tx, studyID, actor, now); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO legal_holds (id, study_id, reason, placed_by, placed_at, released_by, released_at) VALUES ($1, $2, $3, $4, $5, '', 0)`,
		db.NewID(), studyID, reason, actor, db.Micros(now))
	if err != nil {
		return fmt.Errorf("retention: place hold: %w", err)
	}
	return written(ctx, tx, st, "", audit.Record{At: now, Actor: actor, Action: "study.held"})
}

// ReleaseHold ends the legal hold of a study.
func ReleaseHold(ctx context.Context, tx db.Tx, scope identity.Scope, actor, studyID string) error {
	st, err := catalog.StudyByID(ctx, tx, scope, studyID)
	if err != nil {
		return err
	}
	h, err := holdOf(ctx, tx, studyID)
	if err != nil {
		return err
	}
	if h == nil {
		return ErrNotHeld
	}
	now := db.Now()
	if _, err := tx.ExecContext(ctx, `UPDATE legal_holds SET released_by = $1, released_at = $2 WHERE id = $3`, actor, db.Micros(now), h.ID); err != nil {
		return fmt.Errorf("retention: release hold: %w", err)
	}
	return written(ctx, tx, st, "", audit.Record{At: now, Actor: actor, Action: "study.hold-released"})
}

// EventDeletion tells that something has changed about a study's deletion or hold.
const EventDeletion = "study.deletion"

// written adds the audit record and the event of a change.
func written(ctx context.Context, tx db.Tx, st catalog.Study, ref string, r audit.Record) error {
	r.Object, r.FacilityID = st.ID, st.FacilityID
	if err := audit.Append(ctx, tx, r); err != nil {
		return err
	}
	return catalog.AppendEvent(ctx, tx, catalog.Event{At: r.At, Kind: EventDeletion, FacilityID: st.FacilityID, StudyID: st.ID, Ref: ref})
}
