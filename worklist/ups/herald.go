package ups

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Herald tells watchers of changes of steps and of wishes that one be canceled, and that
// we are back or are going (PS3.4 CC.2.4), on associations of ours. It follows the
// outbox of events, so a change made by any process is told; a watcher that does not
// answer is tried again at growing intervals and holds up no other. What is told is the
// state as it is then.
type Herald struct {
	DB  *db.DB
	Log *slog.Logger
	// Secure is for watchers that are called over TLS.
	Secure bcp195.Caller
	// Look is how often the outbox is looked at while there are watchers: 1 s.
	Look time.Duration
	// Shortest and Longest bound the wait after an attempt in vain: 5 s, 10 min.
	Shortest, Longest time.Duration
	// Farewell is how long an end waits for watchers to hear of it: 2 s.
	Farewell time.Duration
	// Dialer opens connections; nil is that of ul.Dial.
	Dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	}

	mu   sync.Mutex
	busy map[string]bool
}

// Run tells until ctx ends, and returns nil then.
func (h *Herald) Run(ctx context.Context) error {
	for d, v := range map[*time.Duration]time.Duration{&h.Look: time.Second, &h.Shortest: 5 * time.Second, &h.Longest: 10 * time.Minute, &h.Farewell: 2 * time.Second} {
		if *d <= 0 {
			*d = v
		}
	}
	h.busy = map[string]bool{}
	var running sync.WaitGroup
	defer func() {
		running.Wait()
		farewell, end := context.WithTimeout(context.WithoutCancel(ctx), h.Farewell)
		defer end()
		h.announce(farewell, goingDown)
	}()
	running.Go(func() { h.announce(ctx, restarted) })
	tick := time.NewTicker(h.Look)
	defer tick.Stop()
	for {
		list, err := watchers(ctx, h.DB.Read(ctx), db.Now())
		if err != nil && ctx.Err() == nil {
			h.Log.ErrorContext(ctx, "procedure steps: watchers", "err", err)
		}
		for _, w := range list {
			if h.mark(w, true) {
				running.Go(func() {
					defer h.mark(w, false)
					h.tell(ctx, w)
				})
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// mark says that a watcher is being told, or not any more; false: it is already.
func (h *Herald) mark(w watcher, busy bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := w.FacilityID + "\\" + w.AETitle
	if busy && h.busy[key] {
		return false
	}
	h.busy[key] = busy
	return true
}

// tell brings a watcher up to date, as far as it goes.
func (h *Herald) tell(ctx context.Context, w watcher) {
	// What listed it may have read it before it was told the last time.
	w, found, err := reload(ctx, h.DB.Read(ctx), w)
	var n tidings
	if err == nil {
		if !found {
			return
		}
		n, err = news(ctx, h.DB.Read(ctx), w)
	}
	// That others were busy is written down now and then: what is read again is little.
	if err == nil && len(n.reports) == 0 && n.changes == 0 && n.after-w.After < 10*eventsAtATime {
		return
	}
	if err == nil && len(n.reports) > 0 {
		var list []Report
		if list, err = n.named(ctx); err == nil {
			err = h.report(ctx, w, list)
		}
	}
	if ctx.Err() != nil {
		return
	}
	write := h.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err != nil {
			wait := h.Shortest << min(w.Attempts, 20)
			if wait > h.Longest || wait <= 0 {
				wait = h.Longest
			}
			return run(ctx, tx, statement{
				`UPDATE step_watchers SET attempts = attempts + 1, next_at = $1, last_error = $2 WHERE facility_id = $3 AND receiving_ae = $4`,
				[]any{db.Micros(db.Now().Add(wait)), err.Error(), w.FacilityID, w.AETitle},
			})
		}
		done := []statement{{
			`UPDATE step_watchers SET attempts = 0, last_error = '', after_seq = $1 WHERE facility_id = $2 AND receiving_ae = $3`,
			[]any{n.after, w.FacilityID, w.AETitle},
		}}
		for _, r := range n.reports {
			done = append(done, statement{
				`UPDATE step_subscriptions SET told = 1 WHERE facility_id = $1 AND receiving_ae = $2 AND step_uid = $3`,
				[]any{w.FacilityID, w.AETitle, r.SOPInstanceUID},
			})
		}
		for _, step := range n.adopted {
			done = append(done, w.adopt(step))
		}
		return run(ctx, tx, done...)
	})
	if err = errors.Join(err, write); err != nil {
		h.Log.WarnContext(ctx, "procedure steps: watcher not told", "facility", w.FacilityID, "receiving_ae", w.AETitle, "err", err)
	}
}

// announce tells all watchers that we are back, or are going. Who cannot be told is not
// called again for it, as CC.2.4.3 has it.
func (h *Herald) announce(ctx context.Context, status string) {
	list, err := watchers(ctx, h.DB.Read(ctx), time.Time{})
	if err != nil && ctx.Err() == nil {
		h.Log.ErrorContext(ctx, "procedure steps: watchers", "err", err)
	}
	var calls sync.WaitGroup
	defer calls.Wait()
	for _, w := range list {
		calls.Go(func() {
			if err := h.report(ctx, w, []Report{statusChange(status)}); err != nil {
				h.Log.InfoContext(ctx, "procedure steps: watcher not told that the service is "+status, "facility", w.FacilityID, "receiving_ae", w.AETitle, "err", err)
			}
		})
	}
}

// report sends reports on one association.
func (h *Herald) report(ctx context.Context, w watcher, list []Report) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	to, found, err := destination(ctx, h.DB.Read(ctx), w)
	if err != nil {
		return err
	}
	if !found {
		return errors.New("the hospital has no destination with this AE title any more")
	}
	secure, err := h.Secure.Config(to.TLS)
	if err != nil {
		return err
	}
	client, err := service.Dial(ctx, to.Address(), service.DialOptions{
		CallingAE: w.CalledAE, CalledAE: w.AETitle, TLS: secure, Dialer: h.Dialer, Log: h.Log, Connect: 10 * time.Second, Response: 30 * time.Second,
		Contexts: []service.Context{{AbstractSyntax: uid.UPSEvent, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian}}},
		Roles:    []pdu.RoleSelection{service.SCPRole(uid.UPSEvent)},
	})
	if err != nil {
		return err
	}
	defer client.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the answers are what counts
	for _, r := range list {
		status, err := client.ReportAs(ctx, uid.UPSEvent, service.EventReport{
			SOPClassUID: uid.UPSPush, SOPInstanceUID: r.SOPInstanceUID, EventTypeID: r.EventTypeID, Information: r.Information,
		})
		if err != nil {
			return err
		}
		if c := status.Class(); c != dimse.ClassSuccess && c != dimse.ClassWarning {
			return fmt.Errorf("the report was refused: %s", status)
		}
	}
	return nil
}

// watchers lists those that are due at a time; at none, all of them.
func watchers(ctx context.Context, tx db.Tx, due time.Time) ([]watcher, error) {
	rows, err := tx.QueryContext(ctx, `SELECT facility_id, receiving_ae, called_ae, after_seq, attempts FROM step_watchers WHERE next_at <= $1 OR $1 = 0`, db.Micros(due))
	if err != nil {
		return nil, fmt.Errorf("ups: watchers: %w", err)
	}
	defer rows.Close()
	var list []watcher
	for rows.Next() {
		var w watcher
		if err := rows.Scan(&w.FacilityID, &w.AETitle, &w.CalledAE, &w.After, &w.Attempts); err != nil {
			return nil, fmt.Errorf("ups: watchers: %w", err)
		}
		list = append(list, w)
	}
	return list, rows.Err()
}

func reload(ctx context.Context, tx db.Tx, w watcher) (watcher, bool, error) {
	err := tx.QueryRowContext(ctx, `SELECT called_ae, after_seq, attempts FROM step_watchers WHERE facility_id = $1 AND receiving_ae = $2 AND next_at <= $3`,
		w.FacilityID, w.AETitle, db.Micros(db.Now())).Scan(&w.CalledAE, &w.After, &w.Attempts)
	if errors.Is(err, sql.ErrNoRows) {
		return w, false, nil
	}
	if err != nil {
		return w, false, fmt.Errorf("ups: watcher: %w", err)
	}
	return w, true, nil
}

// tidings is what a watcher does not know, and the event up to which that is all.
type tidings struct {
	*gazette
	after   int64
	changes int // of its hospital's items, wanted or not
}

// news looks at most this many events on.
const eventsAtATime = 200

func news(ctx context.Context, tx db.Tx, w watcher) (n tidings, err error) {
	subscribed, untold, err := subscriptions(ctx, tx, w)
	if err != nil {
		return n, err
	}
	n.gazette = newGazette(tx, identity.Scope{FacilityID: w.FacilityID}, subscribed)
	changes, after, err := changedSince(ctx, tx, w.FacilityID, w.After)
	if err != nil {
		return n, err
	}
	n.after, n.changes = after, len(changes)
	for _, step := range untold {
		e, err := worklist.GetByUID(ctx, tx, n.scope, step)
		switch {
		case err == nil:
			n.state(e)
		case !errors.Is(err, worklist.ErrNotFound):
			return n, err
		}
	}
	for _, c := range changes {
		if err := n.change(ctx, c); err != nil {
			return n, err
		}
	}
	return n, nil
}

func subscriptions(ctx context.Context, tx db.Tx, w watcher) (t topics, untold []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT step_uid, filter, told FROM step_subscriptions WHERE facility_id = $1 AND receiving_ae = $2 ORDER BY step_uid`, w.FacilityID, w.AETitle)
	if err != nil {
		return t, nil, fmt.Errorf("ups: subscriptions: %w", err)
	}
	defer rows.Close()
	t.steps = map[string]bool{}
	for rows.Next() {
		var step, filter string
		var told bool
		if err := rows.Scan(&step, &filter, &told); err != nil {
			return t, nil, fmt.Errorf("ups: subscriptions: %w", err)
		}
		if err := t.add(step, filter); err != nil {
			return t, nil, err
		}
		if !told {
			untold = append(untold, step)
		}
	}
	return t, untold, rows.Err()
}
