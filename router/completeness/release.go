package completeness

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/notify"
	"github.com/dokuei/dokuei/router/prior"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// EventComplete is the event of a released study; Event.Ref is its Workitem.
const EventComplete = "study.complete"

// Release makes a study complete and gives it its task, in the caller's
// transaction. ok is false when the study is not due: an instance came
// meanwhile, or another process was first.
func Release(ctx context.Context, tx db.Tx, studyID string) (res assign.Result, ok bool, err error) {
	s, ok, err := catalog.CompleteStudy(ctx, tx, studyID, db.NowIn(ctx))
	if err != nil || !ok {
		return assign.Result{}, false, err
	}
	if as, err := prior.Only(ctx, tx, s); err != nil || as {
		return assign.Result{}, as, asPrior(ctx, tx, s, err)
	}
	if res, err = assign.Study(ctx, tx, s); err != nil {
		return assign.Result{}, false, err
	}
	if err := notify.Enqueue(ctx, tx, s.FacilityID, s.ID); err != nil {
		return assign.Result{}, false, err
	}
	err = catalog.AppendEvent(ctx, tx, catalog.Event{
		Kind: EventComplete, FacilityID: s.FacilityID, StudyID: s.ID, Ref: res.Workitem.ID, Panel: res.Workitem.PanelID,
	})
	if err != nil {
		return assign.Result{}, false, fmt.Errorf("completeness: event: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Record{
		Actor: worklist.ActorRouter, Action: EventComplete, Object: s.ID, FacilityID: s.FacilityID,
		Detail: fmt.Sprintf("%d instances, %s item %s", s.Instances, res.Outcome, res.Workitem.ID),
	})
	if err != nil {
		return assign.Result{}, false, fmt.Errorf("completeness: audit: %w", err)
	}
	return res, true, nil
}

// asPrior ends the arrival of a study that was asked for to be compared with: it is
// whole, and nobody's task.
func asPrior(ctx context.Context, tx db.Tx, s catalog.Study, err error) error {
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE studies SET as_prior = 1 WHERE id = $1`, s.ID); err != nil {
		return fmt.Errorf("completeness: prior: %w", err)
	}
	if err := catalog.AppendEvent(ctx, tx, catalog.Event{Kind: EventComplete, FacilityID: s.FacilityID, StudyID: s.ID}); err != nil {
		return fmt.Errorf("completeness: event: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Record{
		Actor: worklist.ActorRouter, Action: EventComplete, Object: s.ID, FacilityID: s.FacilityID,
		Detail: fmt.Sprintf("%d instances, fetched to be compared with: no item", s.Instances),
	})
	if err != nil {
		return fmt.Errorf("completeness: audit: %w", err)
	}
	return nil
}

// reopened lists the studies that are receiving again while their open item
// still says READY.
func reopened(ctx context.Context, tx db.Tx, limit int) ([]string, error) {
	return ids(ctx, tx, `SELECT studies.id FROM studies WHERE studies.state = 'receiving' AND studies.reopened > 0
 AND EXISTS (SELECT 1 FROM workitems w WHERE w.study_id = studies.id AND w.state IN ('SCHEDULED', 'IN PROGRESS') AND w.readiness = 'READY') LIMIT $1`, limit)
}

// orphans lists complete studies that have no item at all. Release writes both
// together, so there are none unless rows came from elsewhere, a restored copy
// of an older database for one. One with a report of ours and no item comes from a
// rebuilt catalog: it has been read.
func orphans(ctx context.Context, tx db.Tx, limit int) ([]string, error) {
	return ids(ctx, tx, `SELECT studies.id FROM studies WHERE studies.state = 'complete' AND studies.instance_count > 0 AND studies.own_count = 0 AND studies.as_prior = 0
 AND NOT EXISTS (SELECT 1 FROM workitems w WHERE w.study_id = studies.id) LIMIT $1`, limit)
}

// ahead lists receiving studies whose last arrival, and with it their release,
// lies in the future: the clock was set back since. (A study that got an image
// after that has a release_at before its last_arrival and needs no help.)
func ahead(ctx context.Context, tx db.Tx, nowMicros int64, limit int) ([]string, error) {
	return ids(ctx, tx, `SELECT id FROM studies WHERE state = 'receiving' AND last_arrival > $1 AND release_at >= last_arrival LIMIT $2`, nowMicros, limit)
}

// rebase gives a study its quiet time from now on.
func rebase(ctx context.Context, tx db.Tx, studyID string, nowMicros int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE studies SET release_at = $1 + (release_at - last_arrival), last_arrival = $1
 WHERE id = $2 AND state = 'receiving' AND last_arrival > $1 AND release_at >= last_arrival`, nowMicros, studyID)
	if err != nil {
		return fmt.Errorf("completeness: clock set back: %w", err)
	}
	return nil
}

func ids(ctx context.Context, tx db.Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("completeness: look: %w", err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("completeness: look: %w", err)
		}
		list = append(list, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("completeness: look: %w", err)
	}
	return list, nil
}
