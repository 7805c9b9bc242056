package retention

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/object"
)

// EventPolicy tells that a hospital's studies are kept for another time.
const EventPolicy = "retention.policy"

const (
	lockPage   = 200 // events, or studies of a walk, in one transaction
	lockWorks  = 8   // objects of a study at once
	lockFirst  = time.Minute
	lockLast   = 6 * time.Hour // between two attempts
	problemMax = 500
)

// LockOptions of a Locker.
type LockOptions struct {
	Log   *slog.Logger  // discard
	Every time.Duration // between two looks; 10 s
	// Kinds are the events after which a study may have to be kept for longer.
	Kinds []string
}

// Locker lengthens the locks of objects when their study is to be kept for longer: an
// object is locked as it comes, for as long as its hospital keeps studies, and a
// signature, a late image or a longer policy moves the end. It reads the events, writes
// down until when each study is to be locked, and works through that.
//
// Doing anything twice has the effect of doing it once, and locks are never shortened;
// a study that cannot be locked is tried again at growing intervals, with the reason in
// its row, and holds up no other. What another place has locked is locked anew at this
// one. Objects that are missing are the scrub's.
type Locker struct {
	db      *db.DB
	objects object.Store
	opt     LockOptions
}

// NewLocker gives the Locker of a catalog and its objects.
func NewLocker(d *db.DB, objects object.Store, opt LockOptions) *Locker {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Every <= 0 {
		opt.Every = 10 * time.Second
	}
	return &Locker{d, objects, opt}
}

// Run works until ctx ends; for one node at a time. Where the store has no locks there
// is nothing to do. It returns nil.
func (l *Locker) Run(ctx context.Context) error {
	if object.Locks(l.objects) == "" {
		return nil
	}
	return repeat(ctx, l.opt.Log, l.opt.Every, "locks of the image store", nil, func(ctx context.Context) error {
		_, err := l.Pass(ctx)
		return err
	})
}

// Pass does what there is to be done and returns how many studies it has locked.
func (l *Locker) Pass(ctx context.Context) (locked int, err error) {
	for more := true; more; {
		if more, err = l.look(ctx); err != nil {
			return 0, err
		}
	}
	for {
		due, err := l.due(ctx)
		if err != nil || len(due) == 0 {
			return locked, err
		}
		for _, s := range due {
			ok, err := l.study(ctx, s)
			if err != nil {
				return locked, err
			}
			if ok {
				locked++
			}
		}
	}
}

// walk is a row of lock_walks.
type walk struct {
	seq     int64
	walking bool
	after   string
	anew    bool
}

// look reads one page of events and of studies; more says that there are others.
func (l *Locker) look(ctx context.Context) (more bool, err error) {
	if ok, err := l.news(ctx); err != nil || !ok {
		return false, err
	}
	err = l.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		w, err := l.walk(ctx, tx)
		if err != nil {
			return err
		}
		events, err := catalog.EventsAfter(ctx, tx, w.seq, lockPage)
		if err != nil {
			return err
		}
		studies := map[string]bool{} // true: whatever is known of it is of another place
		for _, e := range events {
			w.seq = e.Seq
			switch {
			case e.Kind == EventPolicy:
				w.walking, w.after = true, ""
			case slices.Contains(l.opt.Kinds, e.Kind):
				studies[e.StudyID] = false
			}
		}
		more = len(events) == lockPage
		if w.walking {
			page, err := ids(ctx, tx, `SELECT id FROM studies WHERE id > $1 ORDER BY id LIMIT $2`, w.after, lockPage)
			if err != nil {
				return err
			}
			for _, id := range page {
				w.after, studies[id] = id, w.anew
			}
			if w.walking = len(page) == lockPage; !w.walking {
				w.after, w.anew = "", false
			}
			more = more || w.walking
		}
		for _, id := range slices.Sorted(maps.Keys(studies)) {
			if err := want(ctx, tx, id, studies[id]); err != nil {
				return err
			}
		}
		return l.save(ctx, tx, w)
	})
	return more, err
}

// news reports whether there is anything to look at, without keeping a writer waiting.
func (l *Locker) news(ctx context.Context) (bool, error) {
	w, err := l.walk(ctx, l.db.Read(ctx))
	if err != nil || w.walking {
		return true, err
	}
	last, err := catalog.LastEvent(ctx, l.db.Read(ctx))
	return last > w.seq, err
}

// walk reads how far it is. At a new place it begins with all the studies there are.
func (l *Locker) walk(ctx context.Context, tx db.Tx) (w walk, err error) {
	err = tx.QueryRowContext(ctx, `SELECT seq, walking, after, anew FROM lock_walks WHERE place = $1`, object.Locks(l.objects)).Scan(&w.seq, &w.walking, &w.after, &w.anew)
	if errors.Is(err, sql.ErrNoRows) {
		w.walking, w.anew = true, true
		w.seq, err = catalog.LastEvent(ctx, tx)
	}
	if err != nil {
		return w, fmt.Errorf("retention: locks: %w", err)
	}
	return w, nil
}

func (l *Locker) save(ctx context.Context, tx db.Tx, w walk) error {
	number := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO lock_walks (place, seq, walking, after, anew) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (place) DO UPDATE SET seq = excluded.seq, walking = excluded.walking, after = excluded.after, anew = excluded.anew`,
		object.Locks(l.objects), w.seq, number(w.walking), w.after, number(w.anew))
	if err == nil {
		_, err = tx.ExecContext(ctx, `DELETE FROM lock_walks WHERE place <> $1`, object.Locks(l.objects))
	}
	if err != nil {
		return fmt.Errorf("retention: locks: %w", err)
	}
	return nil
}

// want writes down until when a study is to be locked: the end of the day at which it
// need no longer be kept.
func want(ctx context.Context, tx db.Tx, studyID string, anew bool) error {
	scope := identity.Everything()
	scope.Trash = true
	st, err := catalog.StudyByID(ctx, tx, scope, studyID)
	if errors.Is(err, catalog.ErrNotFound) {
		return nil // swept since
	}
	if err != nil {
		return err
	}
	k, err := Of(ctx, tx, st)
	if err != nil || k.Until.IsZero() {
		return err
	}
	const day = 24 * time.Hour
	until := db.Micros(k.Until.UTC().Truncate(day).Add(day))
	change := `wanted = excluded.wanted, next_at = 0, attempts = 0 WHERE study_locks.wanted < excluded.wanted`
	if anew {
		change = `wanted = excluded.wanted, until = 0, next_at = 0, attempts = 0`
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO study_locks (study_id, wanted, until, next_at, attempts, problem) VALUES ($1, $2, 0, 0, 0, '')
		ON CONFLICT (study_id) DO UPDATE SET `+change, studyID, until)
	if err != nil {
		return fmt.Errorf("retention: locks: %w", err)
	}
	return nil
}

// wanted is a study that is to be locked.
type wanted struct {
	id       string
	until    int64
	attempts int
}

func (l *Locker) due(ctx context.Context) (list []wanted, err error) {
	rows, err := l.db.Read(ctx).QueryContext(ctx, `SELECT study_id, wanted, attempts FROM study_locks WHERE wanted > until AND next_at <= $1 ORDER BY next_at LIMIT 20`, db.Micros(db.Now()))
	if err != nil {
		return nil, fmt.Errorf("retention: locks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var w wanted
		if err := rows.Scan(&w.id, &w.until, &w.attempts); err != nil {
			return nil, fmt.Errorf("retention: locks: %w", err)
		}
		list = append(list, w)
	}
	return list, rows.Err()
}

// study locks the objects of a study and writes down how that went.
func (l *Locker) study(ctx context.Context, w wanted) (ok bool, err error) {
	keys, err := ids(ctx, l.db.Read(ctx), `SELECT object_key FROM (`+ownObjects+`) AS o`, w.id)
	if err != nil {
		return false, err
	}
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(lockWorks)
	for _, key := range keys {
		g.Go(func() error {
			if err := object.Lock(inner, l.objects, key, db.FromMicros(w.until)); err != nil && !errors.Is(err, object.ErrNotFound) {
				return err
			}
			return nil
		})
	}
	failed := g.Wait()
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	q, args := `UPDATE study_locks SET until = $1, attempts = 0, problem = '' WHERE study_id = $2 AND until < $1`, []any{w.until, w.id}
	if failed != nil {
		l.opt.Log.WarnContext(ctx, "objects of a study are not locked for as long as they are to be kept; it is tried again", "study", w.id, "attempt", w.attempts+1, "error", failed)
		problem := failed.Error()
		problem = strings.ToValidUTF8(problem[:min(len(problem), problemMax)], "") // PostgreSQL takes no half character
		next := db.Now().Add(min(lockFirst<<min(w.attempts, 16), lockLast))
		q, args = `UPDATE study_locks SET attempts = attempts + 1, next_at = $1, problem = $2 WHERE study_id = $3`, []any{db.Micros(next), problem, w.id}
	}
	err = l.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, q, args...)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("retention: locks: %w", err)
	}
	return failed == nil, nil
}
