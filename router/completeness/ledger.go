package completeness

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/dokuei/dokuei/router/assign"
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
}

// Ledger releases studies when they are due.
type Ledger struct {
	db   *db.DB
	opts Options
	wake chan struct{}
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
	return &Ledger{db: d, opts: opts, wake: make(chan struct{}, 1)}
}

// Wake tells Run that an instance has arrived. It never blocks.
func (l *Ledger) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// mostPause is the longest wait after a failure.
const mostPause = 5 * time.Second

// Run releases due studies until ctx ends, and returns nil then. A database
// that fails is tried again with growing pauses; nothing is lost meanwhile,
// because the ledger is on the disk.
func (l *Ledger) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	failures := 0
	if err := l.adopt(ctx); err != nil && ctx.Err() == nil {
		l.opts.Log.ErrorContext(ctx, "completeness: studies without an item could not be looked for", "err", err)
	}
	for {
		sleep, err := l.Look(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			failures++
			sleep = min(l.opts.Pause<<min(failures, 10), mostPause)
			l.opts.Log.ErrorContext(ctx, "completeness: look failed", "err", err, "again_in", sleep)
		default:
			failures = 0
		}
		if !l.rest(ctx, timer, sleep, failures == 0) {
			return nil
		}
	}
}

// rest waits Pause, then until sleep has passed or a wake-up came. It reports
// whether to go on.
func (l *Ledger) rest(ctx context.Context, timer *time.Timer, sleep time.Duration, listen bool) bool {
	pause := min(l.opts.Pause, sleep)
	timer.Reset(pause)
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	}
	wake := l.wake
	if !listen {
		wake = nil
	}
	timer.Reset(sleep - pause)
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-wake:
	}
	return true
}

// batch is how many studies one look takes on before it looks again.
const batch = 64

// Look does what is due now and returns how long nothing more will be.
func (l *Ledger) Look(ctx context.Context) (time.Duration, error) {
	read := l.db.Read(ctx)
	now := db.Now()
	future, err := ahead(ctx, read, db.Micros(now.Add(time.Second)), batch)
	if err != nil {
		return 0, err
	}
	for _, id := range future {
		l.opts.Log.WarnContext(ctx, "completeness: the clock was set back; the quiet time starts again", "study", id)
		err := l.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return rebase(ctx, tx, id, db.Micros(db.Now())) })
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
	due, err := catalog.Due(ctx, read, now, batch)
	if err != nil {
		return 0, err
	}
	if err := l.releaseAll(ctx, due); err != nil {
		return 0, err
	}
	if len(due) == batch || len(late) == batch || len(future) == batch {
		return 0, nil
	}
	next, ok, err := catalog.NextRelease(ctx, read)
	if err != nil {
		return 0, err
	}
	if !ok {
		return l.opts.Longest, nil
	}
	return min(max(next.Sub(db.Now()), 0), l.opts.Longest), nil
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
