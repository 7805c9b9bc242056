package completeness

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/runner"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Options of a Ledger; the zero value is usable.
type Options struct {
	Log *slog.Logger
	// Pause is the least time between two looks at the database; zero: 50 ms.
	Pause time.Duration
	// Longest is the longest sleep, a net under lost wake-ups; zero: 1 minute.
	Longest time.Duration
	// OnReleased is told, after the commit, of each study that was released.
	// It must not block, and may be called from several goroutines.
	OnReleased func(assign.Result)
	// OnEarly is told likewise of each STAT that was offered while its images arrive.
	OnEarly func(assign.Result)
}

// Ledger releases studies when they are due. It is woken when an instance has arrived.
type Ledger struct {
	*runner.Loop
	db   *db.DB
	opts Options
}

// New makes a Ledger on a database. Run does the work.
func New(d *db.DB, opts Options) *Ledger {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Pause <= 0 {
		opts.Pause = 50 * time.Millisecond
	}
	if opts.Longest <= 0 {
		opts.Longest = time.Minute
	}
	return &Ledger{runner.NewLoop("completeness", opts.Pause, opts.Log), d, opts}
}

// Run releases due studies until ctx ends, and returns nil then. A database
// that fails is tried again with growing pauses; nothing is lost meanwhile,
// because the ledger is on the disk.
func (l *Ledger) Run(ctx context.Context) error {
	if err := l.adopt(ctx); err != nil && ctx.Err() == nil {
		l.opts.Log.ErrorContext(ctx, "completeness: studies without an item could not be looked for", "err", err)
	}
	l.Loop.Run(ctx, l.Look)
	return nil
}

// batch is how many studies one look takes on before it looks again.
const batch = 64

// Look does what is due now and returns how long nothing more will be.
func (l *Ledger) Look(ctx context.Context) (time.Duration, error) {
	read := l.db.Read(ctx)
	now := db.NowIn(ctx)
	future, err := ahead(ctx, read, db.Micros(now.Add(time.Second)), batch)
	if err != nil {
		return 0, err
	}
	for _, id := range future {
		l.opts.Log.WarnContext(ctx, "completeness: the clock was set back; the quiet time starts again", "study", id)
		err := l.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return rebase(ctx, tx, id, db.Micros(db.NowIn(ctx))) })
		if err != nil {
			return 0, err
		}
	}
	late, err := reopened(ctx, read, batch)
	if err != nil {
		return 0, err
	}
	for _, id := range late {
		if err := l.markIncomplete(ctx, id); err != nil {
			return 0, err
		}
	}
	more := l.lookEarly(ctx, now)
	due, err := catalog.Due(ctx, read, now, batch)
	if err != nil {
		return 0, err
	}
	if err := l.releaseAll(ctx, due); err != nil {
		return 0, err
	}
	if more || len(due) == batch || len(late) == batch || len(future) == batch {
		return 0, nil
	}
	next, ok, err := catalog.NextRelease(ctx, read)
	if err != nil {
		return 0, err
	}
	if !ok {
		return l.opts.Longest, nil
	}
	return min(max(next.Sub(db.NowIn(ctx)), 0), l.opts.Longest), nil
}

// markIncomplete tells the reader of a study that images are arriving again,
// unless it became complete in between.
func (l *Ledger) markIncomplete(ctx context.Context, studyID string) error {
	return l.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		var state catalog.StudyState
		if err := tx.QueryRowContext(ctx, `SELECT state FROM studies WHERE id = $1`, studyID).Scan(&state); err != nil {
			return fmt.Errorf("completeness: state of study: %w", err)
		}
		if state != catalog.Receiving {
			return nil
		}
		_, _, err := worklist.SetReadiness(ctx, tx, studyID, worklist.Incomplete)
		return err
	})
}

// adopt gives an item to complete studies that have none.
func (l *Ledger) adopt(ctx context.Context) error {
	for {
		list, err := orphans(ctx, l.db.Read(ctx), batch)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, id := range list {
			err := l.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
				s, err := catalog.StudyByID(ctx, tx, identity.Everything(), id)
				if err != nil {
					return err
				}
				_, err = assign.Study(ctx, tx, s)
				return err
			})
			if err != nil {
				return fmt.Errorf("completeness: adopt study %s: %w", id, err)
			}
			l.opts.Log.WarnContext(ctx, "completeness: a complete study had no item; it has one now", "study", id)
		}
	}
}

// releaseAll releases each study in a transaction of its own. They wait in the
// queue of the database together and so share its commits (package db). One
// that fails holds up no other.
func (l *Ledger) releaseAll(ctx context.Context, studyIDs []string) error {
	errs := make([]error, len(studyIDs))
	var wait sync.WaitGroup
	for i, id := range studyIDs {
		wait.Go(func() { errs[i] = l.release(ctx, id) })
	}
	wait.Wait()
	return errors.Join(errs...)
}

func (l *Ledger) release(ctx context.Context, studyID string) error {
	var res assign.Result
	var ok bool
	err := l.db.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		res, ok, err = Release(ctx, tx, studyID)
		return err
	})
	if err != nil {
		return fmt.Errorf("completeness: release study %s: %w", studyID, err)
	}
	if !ok {
		return nil
	}
	l.opts.Log.InfoContext(ctx, "study complete", "study", studyID, "outcome", res.Outcome,
		"workitem", res.Workitem.ID, "rule", res.Decision.Rule.Name, "panel", res.Workitem.PanelID, "priority", res.Workitem.Priority)
	if l.opts.OnReleased != nil {
		l.opts.OnReleased(res)
	}
	return nil
}
