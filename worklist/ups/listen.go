package ups

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
)

// Listener is an account that is told by HTTP (PS3.18 11.10): it is who it says it is,
// so its AE title is a name of its own choice.
type Listener struct{ UserID, AETitle string }

// Errors of subscriptions by HTTP.
var (
	ErrNoStep    = errors.New("ups: no such step")
	ErrNotGlobal = errors.New("ups: not the global subscription")
	ErrTooMany   = errors.New("ups: too many subscriptions, or too long a filter")
)

// listenMost bounds the subscriptions of an account.
const listenMost = 5000

// Subscribe is Subscribe, PS3.18 11.10; filter are the matching keys of a filtered
// global subscription, or nil.
func (s *Steps) Subscribe(ctx context.Context, who Caller, l Listener, step string, filter *dataset.Dataset) error {
	step, err := s.topic(ctx, who, step)
	if err != nil {
		return err
	}
	narrow, known := "", []string(nil)
	if step == everyStep && filter != nil {
		if narrow, err = filterOf(filter); errors.Is(err, errSize) {
			return ErrTooMany
		}
		if err == nil {
			known, err = s.open(ctx, who, narrow)
		}
		if err != nil {
			return err
		}
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM step_listeners WHERE user_id = $1`, l.UserID).Scan(&n); err != nil {
			return fmt.Errorf("ups: subscription: %w", err)
		}
		if n+len(known) >= listenMost {
			return ErrTooMany
		}
		list := []statement{{`INSERT INTO step_listeners (user_id, ae_title, step_uid, filter) VALUES ($1, $2, $3, $4)
 ON CONFLICT (user_id, ae_title, step_uid) DO UPDATE SET filter = excluded.filter`, []any{l.UserID, l.AETitle, step, narrow}}}
		for _, k := range known {
			list = append(list, l.adopt(k))
		}
		return run(ctx, tx, list...)
	})
}

func (l Listener) adopt(step string) statement {
	return statement{`INSERT INTO step_listeners (user_id, ae_title, step_uid, filter) VALUES ($1, $2, $3, '')
 ON CONFLICT (user_id, ae_title, step_uid) DO NOTHING`, []any{l.UserID, l.AETitle, step}}
}

// topic is a step the caller may see, or all of them.
func (s *Steps) topic(ctx context.Context, who Caller, step string) (string, error) {
	if step == uid.UPSGlobalSubscription || step == uid.UPSFilteredGlobalSubscription {
		return everyStep, nil
	}
	e, err := s.look(ctx, s.DB.Read(ctx), who, step)
	if err != nil {
		return "", err
	}
	if e == nil {
		return "", ErrNoStep
	}
	return e.SOPInstanceUID, nil
}

// Unsubscribe is Unsubscribe, PS3.18 11.11: from a step, or with a global subscription
// from all.
func (s *Steps) Unsubscribe(ctx context.Context, who Caller, l Listener, step string) error {
	step, err := s.topic(ctx, who, step)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return run(ctx, tx, statement{`DELETE FROM step_listeners WHERE user_id = $1 AND ae_title = $2 AND (step_uid = $3 OR $3 = '')`, []any{l.UserID, l.AETitle, step}})
	})
}

// Suspend is Suspend Global Subscription, PS3.18 11.12: what is open now goes on being
// told of, what comes is not.
func (s *Steps) Suspend(ctx context.Context, who Caller, l Listener, step string) error {
	step, err := s.topic(ctx, who, step)
	if err == nil && step != everyStep {
		err = ErrNotGlobal
	}
	if err != nil {
		return err
	}
	t, err := l.topics(ctx, s.DB.Read(ctx))
	if err != nil {
		return err
	}
	var known []string
	if t.every && t.filter == nil {
		if known, err = s.open(ctx, who, ""); err != nil {
			return err
		}
	}
	return s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		list := []statement{{`DELETE FROM step_listeners WHERE user_id = $1 AND ae_title = $2 AND step_uid = ''`, []any{l.UserID, l.AETitle}}}
		for _, k := range known[:min(len(known), listenMost)] {
			list = append(list, l.adopt(k))
		}
		return run(ctx, tx, list...)
	})
}

func (l Listener) topics(ctx context.Context, tx db.Tx) (t topics, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT step_uid, filter FROM step_listeners WHERE user_id = $1 AND ae_title = $2 ORDER BY step_uid`, l.UserID, l.AETitle)
	if err != nil {
		return t, fmt.Errorf("ups: subscriptions: %w", err)
	}
	defer rows.Close()
	t.steps = map[string]bool{}
	for rows.Next() {
		var step, filter string
		if err := rows.Scan(&step, &filter); err != nil {
			return t, fmt.Errorf("ups: subscriptions: %w", err)
		}
		if err := t.add(step, filter); err != nil {
			return t, err
		}
	}
	return t, rows.Err()
}

// Opened is where a listener begins: with the state of every step it has subscribed
// to by itself, and the present.
func (s *Steps) Opened(ctx context.Context, who Caller, l Listener) (list []Report, seq int64, err error) {
	read := s.DB.Read(ctx)
	if seq, err = catalog.LastEvent(ctx, read); err != nil {
		return nil, 0, err
	}
	t, err := l.topics(ctx, read)
	if err != nil {
		return nil, 0, err
	}
	g := newGazette(read, who.Scope, t)
	for _, step := range slices.Sorted(maps.Keys(t.steps)) {
		e, err := s.find(ctx, read, who, step)
		if err != nil {
			return nil, 0, err
		}
		if e != nil {
			g.state(*e)
		}
	}
	list, err = g.named(ctx)
	return list, seq, err
}

// Since is what a listener is told of the events after seq. It sees what the caller may
// see now.
func (s *Steps) Since(ctx context.Context, who Caller, l Listener, seq int64) (list []Report, next int64, err error) {
	read := s.DB.Read(ctx)
	t, err := l.topics(ctx, read)
	if err != nil {
		return nil, seq, err
	}
	changes, next, err := changedSince(ctx, read, who.Scope.FacilityID, seq)
	if err != nil {
		return nil, seq, err
	}
	g := newGazette(read, who.Scope, t)
	for _, c := range changes {
		if err := g.change(ctx, c); err != nil {
			return nil, seq, err
		}
	}
	if len(g.adopted) > 0 {
		err = s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			var list []statement
			for _, step := range g.adopted {
				list = append(list, l.adopt(step))
			}
			return run(ctx, tx, list...)
		})
	}
	if err == nil {
		list, err = g.named(ctx)
	}
	return list, next, err
}
