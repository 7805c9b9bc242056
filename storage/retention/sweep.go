package retention

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Options of a Sweeper.
type Options struct {
	Log   *slog.Logger  // discard
	Every time.Duration // between two looks; a minute
	// Drop deletes an object that no row names any more; false: not yet.
	Drop func(ctx context.Context, key string) (gone bool, err error)
	// Forget deletes what this node has made of a series.
	Forget func(seriesID string) error
}

// leftovers of series stay for nodes that are down.
const forgotten = 90 * 24 * time.Hour

// Sweeper deletes what has been in the trash for its time.
type Sweeper struct {
	db     *db.DB
	opt    Options
	swept  chan struct{} // wakes RunForget of this node
	looked time.Time     // when it looked last, with a reading of the clock that nobody sets; zero: not yet
}

// New gives the Sweeper of a database.
func New(d *db.DB, opt Options) *Sweeper {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Every <= 0 {
		opt.Every = time.Minute
	}
	return &Sweeper{db: d, opt: opt, swept: make(chan struct{}, 1)}
}

// Run sweeps until ctx ends; for one node at a time. It returns nil.
func (s *Sweeper) Run(ctx context.Context) error {
	s.looked = time.Time{} // it was another node's since
	return repeat(ctx, s.opt.Log, s.opt.Every, "sweep of the trash", nil, func(ctx context.Context) error {
		n, err := s.Sweep(ctx)
		if n > 0 {
			s.opt.Log.InfoContext(ctx, "studies deleted at the end of their time in the trash", "studies", n)
			select {
			case s.swept <- struct{}{}:
			default:
			}
		}
		return err
	})
}

// RunForget forgets, until ctx ends, what this node has made of studies that are gone;
// for every node. It returns nil.
func (s *Sweeper) RunForget(ctx context.Context) error {
	var seen time.Time
	return repeat(ctx, s.opt.Log, s.opt.Every, "pictures of deleted studies", s.swept, func(ctx context.Context) (err error) {
		seen, err = s.forget(ctx, seen)
		return err
	})
}

// repeat does something over and over until ctx ends.
func repeat(ctx context.Context, log *slog.Logger, every time.Duration, what string, wake <-chan struct{}, do func(context.Context) error) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := do(ctx); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, what+" failed; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case <-tick.C:
		}
	}
}

// looksMost is how many looks the time between two of them counts for at most.
const looksMost = 3

// passed is the time since the look before. The clock of the machine takes no part in it,
// nor does a time in which the service stood still: nobody could take a study back then.
func (s *Sweeper) passed() time.Duration {
	before := s.looked
	s.looked = time.Now()
	if before.IsZero() {
		return 0
	}
	return min(s.looked.Sub(before), looksMost*s.opt.Every)
}

// Sweep deletes the studies whose time in the trash is over, and what an earlier Sweep
// has left. It returns how many studies it deleted.
func (s *Sweeper) Sweep(ctx context.Context) (n int, err error) {
	now, passed := db.Now(), s.passed()
	err = s.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE deletions SET waited = waited + $1 WHERE state = 'trashed'`, passed.Microseconds())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("retention: time in the trash: %w", err)
	}
	due, err := ids(ctx, s.db.Read(ctx), `SELECT d.id FROM deletions d WHERE d.state = 'trashed' AND d.sweep_at <= $1 AND d.waited >= d.sweep_at - d.decided_at
		AND NOT EXISTS (SELECT 1 FROM legal_holds h WHERE h.study_id = d.study_id AND h.released_at = 0) ORDER BY d.sweep_at LIMIT 100`, db.Micros(now))
	if err != nil {
		return 0, err
	}
	// One that cannot be deleted holds up no other.
	var failed []error
	for _, id := range due {
		gone, err := s.rows(ctx, id, now)
		if err != nil {
			failed = append(failed, fmt.Errorf("deletion %s: %w", id, err))
		}
		if gone {
			n++
		}
	}
	for after := ""; ctx.Err() == nil; {
		begun, err := ids(ctx, s.db.Read(ctx), `SELECT id FROM deletions WHERE state = 'sweeping' AND id > $1 ORDER BY id LIMIT 100`, after)
		if err != nil || len(begun) == 0 {
			failed = append(failed, err)
			break
		}
		for _, id := range begun {
			if err := s.objects(ctx, id); err != nil {
				failed = append(failed, fmt.Errorf("deletion %s: %w", id, err))
			}
			after = id
		}
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM deletion_leftovers WHERE deletion_id IN (SELECT id FROM deletions WHERE state = 'swept' AND ended_at < $1)`, db.Micros(now.Add(-forgotten)))
		return err
	})
	return n, errors.Join(append(failed, err)...)
}

// rows deletes the rows of a study and notes what they named. gone is false when it
// was taken out of the trash, or held, in the meantime, or is to be kept.
func (s *Sweeper) rows(ctx context.Context, id string, now time.Time) (gone bool, err error) {
	err = s.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		gone = false
		d, err := scan(tx.QueryRowContext(ctx, `SELECT `+columns+` FROM deletions d WHERE d.id = $1`, id))
		if err != nil || d.State != Trashed || now.Before(d.SweepAt) {
			return err
		}
		var patient string
		if err := tx.QueryRowContext(ctx, `SELECT patient_ref FROM studies WHERE id = $1 AND trashed_at <> 0`, d.StudyID).Scan(&patient); err != nil {
			return fmt.Errorf("retention: study in the trash: %w", err)
		}
		if kept, err := keptAfterAll(ctx, tx, d, now); err != nil || kept {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE deletions SET state = 'sweeping' WHERE id = $1`, id); err != nil {
			return fmt.Errorf("retention: sweep: %w", err)
		}
		if err := s.note(ctx, tx, d); err != nil {
			return err
		}
		// Orders and performed steps name the study by its UID and hold the patient.
		for _, table := range []string{"performed_steps", "orders"} {
			if err := s.db.DeleteTree(ctx, tx, table, `facility_id = $1 AND study_instance_uid = $2`, d.FacilityID, d.StudyInstanceUID); err != nil {
				return err
			}
		}
		if err := s.db.DeleteTree(ctx, tx, "studies", `id = $1`, d.StudyID); err != nil {
			return err
		}
		if err := nobody(ctx, tx, patient); err != nil {
			return err
		}
		gone = true
		return audit.Append(ctx, tx, audit.Record{At: now, Actor: "retention", Action: "study.swept", Object: d.StudyID, FacilityID: d.FacilityID, Detail: "deletion " + id})
	})
	return gone, err
}

// ByRetention is who takes a study out of the trash that is to be kept after all.
const ByRetention = "retention"

// keptAfterAll looks at the retention of a study once more, at the last moment: one that is
// held stays in the trash, and one that is to be kept (the policy has become longer, or
// the clock was wrong when two people agreed) comes out of it.
func keptAfterAll(ctx context.Context, tx db.Tx, d Deletion, now time.Time) (bool, error) {
	scope := identity.Everything()
	scope.Trash = true
	st, err := catalog.StudyByID(ctx, tx, scope, d.StudyID)
	if err != nil {
		return false, err
	}
	err = deletable(ctx, tx, st, now)
	var kept *RetainedError
	switch {
	case err == nil:
		return false, nil
	case errors.Is(err, ErrHeld):
		return true, nil
	case !errors.As(err, &kept):
		return false, err
	}
	if err := catalog.Untrash(ctx, tx, d.StudyID, ByRetention, now); err != nil {
		return false, err
	}
	return true, written(ctx, tx, st, d.ID, audit.Record{
		At: now, Actor: ByRetention, Action: catalog.EventStudyRestored, Detail: "deletion " + d.ID + ": kept until " + kept.Until.UTC().Format(time.DateOnly),
	})
}

// ownObjects are the objects that the rows of a study name.
const ownObjects = `SELECT object_key, size FROM instances WHERE study_id = $1
	UNION SELECT v.object_key, v.size FROM instance_versions v JOIN instances i ON i.id = v.instance_id WHERE i.study_id = $1
	UNION SELECT object_key, size FROM room_messages WHERE study_id = $1 AND object_key <> ''`

// note writes down what the rows of a study name outside of the database.
func (s *Sweeper) note(ctx context.Context, tx db.Tx, d Deletion) error {
	for _, q := range []string{
		`INSERT INTO deletion_leftovers (deletion_id, kind, name) SELECT DISTINCT CAST($2 AS TEXT), 'object', object_key FROM (` + ownObjects + `) AS o`,
		`INSERT INTO deletion_leftovers (deletion_id, kind, name) SELECT CAST($2 AS TEXT), 'series', id FROM series WHERE study_id = $1`,
		`UPDATE deletions SET objects = (SELECT COUNT(*) FROM (` + ownObjects + `) AS o), bytes = (SELECT COALESCE(SUM(size), 0) FROM (` + ownObjects + `) AS o) WHERE id = $2`,
	} {
		if _, err := tx.ExecContext(ctx, q, d.StudyID, d.ID); err != nil {
			return fmt.Errorf("retention: note what is left: %w", err)
		}
	}
	return nil
}

// nobody forgets a patient who has no study left. Where the glass was broken for them
// the row stays, for the review, and names nobody.
func nobody(ctx context.Context, tx db.Tx, patient string) error {
	for _, q := range []string{
		`DELETE FROM patients WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM studies WHERE patient_ref = $1) AND NOT EXISTS (SELECT 1 FROM emergencies WHERE patient_ref = $1)`,
		`UPDATE patients SET patient_id = id, issuer = '', study_key = id, name = '', birth_date = '', sex = ''
			WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM studies WHERE patient_ref = $1)`,
	} {
		if _, err := tx.ExecContext(ctx, q, patient); err != nil {
			return fmt.Errorf("retention: patient: %w", err)
		}
	}
	return nil
}

// objects deletes what the rows have named; the last one ends the deletion.
func (s *Sweeper) objects(ctx context.Context, id string) error {
	keys, err := ids(ctx, s.db.Read(ctx), `SELECT name FROM deletion_leftovers WHERE deletion_id = $1 AND kind = 'object' ORDER BY name`, id)
	if err != nil {
		return err
	}
	left := 0
	for _, key := range keys {
		gone, err := s.opt.Drop(ctx, key)
		if err != nil {
			return fmt.Errorf("retention: delete an object: %w", err)
		}
		if !gone {
			left++
		}
	}
	if left > 0 {
		return nil
	}
	return s.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		for _, q := range []string{
			`DELETE FROM deletion_leftovers WHERE deletion_id = $1 AND kind = 'object'`,
			`UPDATE deletions SET state = 'swept', ended_at = ` + fmt.Sprint(db.Micros(db.Now())) + ` WHERE id = $1 AND state = 'sweeping'`,
		} {
			if _, err := tx.ExecContext(ctx, q, id); err != nil {
				return fmt.Errorf("retention: end of a deletion: %w", err)
			}
		}
		return nil
	})
}

// forget forgets what was swept since a time, and gives the time up to which.
func (s *Sweeper) forget(ctx context.Context, seen time.Time) (time.Time, error) {
	now := db.Now()
	list, err := ids(ctx, s.db.Read(ctx), `SELECT id FROM deletions WHERE state IN ('sweeping', 'swept') AND (ended_at = 0 OR ended_at >= $1) ORDER BY id`, db.Micros(seen))
	if err != nil {
		return seen, err
	}
	var failed []error
	for _, id := range list {
		series, err := ids(ctx, s.db.Read(ctx), `SELECT name FROM deletion_leftovers WHERE deletion_id = $1 AND kind = 'series'`, id)
		if err != nil {
			return seen, err
		}
		for _, id := range series {
			if err := s.opt.Forget(id); err != nil {
				failed = append(failed, fmt.Errorf("retention: forget pictures: %w", err))
			}
		}
	}
	if len(failed) > 0 {
		return seen, errors.Join(failed...)
	}
	return now.Add(-time.Minute), nil // clocks of nodes differ a little
}

func ids(ctx context.Context, tx db.Tx, q string, args ...any) (list []string, err error) {
	rows, err := tx.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("retention: look: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("retention: look: %w", err)
		}
		list = append(list, id)
	}
	return list, rows.Err()
}
