package completeness

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/prior"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// relook is how often a study that arrives is asked about again: an order that makes
// it a STAT may come after its first images.
const relook = 5 * time.Second

// early lists the studies whose first images arrive, that are not due themselves, have
// no item yet and were not asked about since a series came, or for some time.
func early(ctx context.Context, tx db.Tx, now time.Time, limit int) ([]string, error) {
	return ids(ctx, tx, `SELECT studies.id FROM studies WHERE studies.state = 'receiving' AND studies.reopened = 0 AND studies.instance_count > 0 AND studies.trashed_at = 0 AND studies.release_at > $1
 AND (studies.early_series <> studies.series_count OR studies.early_at <= $2)
 AND NOT EXISTS (SELECT 1 FROM workitems w WHERE w.study_id = studies.id) AND NOT `+prior.Asked+` LIMIT $3`, db.Micros(now), db.Micros(now.Add(-relook)), limit)
}

// Early gives a study that is still arriving its task if it is a STAT, in the
// caller's transaction: readers on call see it from its first image, with what has
// come of it, and may take it before it is whole. ok is false when it is none, or has
// a task. [Release] then finds the task and makes it ready.
func Early(ctx context.Context, tx db.Tx, studyID string) (res assign.Result, ok bool, err error) {
	s, err := catalog.StudyByID(ctx, tx, identity.Everything(), studyID)
	if err != nil {
		return assign.Result{}, false, err
	}
	if s.State != catalog.Receiving || s.Reopened > 0 {
		return assign.Result{}, false, nil // whole by now
	}
	_, err = tx.ExecContext(ctx, `UPDATE studies SET early_at = $1, early_series = series_count WHERE id = $2`, db.Micros(db.NowIn(ctx)), studyID)
	if err != nil {
		return assign.Result{}, false, fmt.Errorf("completeness: early look: %w", err)
	}
	return assign.Early(ctx, tx, s)
}

// lookEarly asks about the studies that arrive. One that fails holds up no other, and
// none of them holds up what is due.
func (l *Ledger) lookEarly(ctx context.Context, now time.Time) (full bool) {
	list, err := early(ctx, l.db.Read(ctx), now, batch)
	if err != nil {
		l.opts.Log.ErrorContext(ctx, "completeness: arriving studies could not be looked for", "err", err)
		return false
	}
	for _, id := range list {
		var res assign.Result
		var ok bool
		err := l.db.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
			res, ok, err = Early(ctx, tx, id)
			return err
		})
		if err != nil {
			l.opts.Log.ErrorContext(ctx, "completeness: an arriving study could not be looked at", "study", id, "err", err)
			continue
		}
		if !ok {
			continue
		}
		l.opts.Log.InfoContext(ctx, "STAT offered while its images arrive", "study", id, "workitem", res.Workitem.ID, "rule", res.Decision.Rule.Name, "panel", res.Workitem.PanelID)
		if l.opts.OnEarly != nil {
			l.opts.OnEarly(res)
		}
	}
	return len(list) == batch && err == nil
}
