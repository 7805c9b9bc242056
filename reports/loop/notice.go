package loop

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Notice is a word to somebody outside: that a version waits for their
// acknowledgement, or that a critical finding is past its deadline. Nothing in it is
// of a patient. Its ID is the same when it is sent again.
type Notice struct {
	ID          string
	Escalation  bool
	Step        int // the how manieth reminder
	ReportID    string
	StudyID     string
	Hospital    string // its name, and that in English where there is one
	HospitalEn  string
	Importance  int
	Email       string               // to a person, or
	Destination worklist.Destination // by a route of the hospital
	userID      string
	facilityID  string
}

// EventReminded is appended when a notice was taken; Event.Ref is the report.
const EventReminded = "report.reminded"

// enqueue writes the notices of one step, in its transaction.
func enqueue(ctx context.Context, tx db.Tx, v Item, kind string, step int, now time.Time) error {
	put := func(user, destination string, at time.Time) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO loop_notices (id, report_id, facility_id, kind, step, user_id, destination_id, created_at, next_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (report_id, kind, step, user_id, destination_id) DO NOTHING`,
			db.NewID(), v.ReportID, v.FacilityID, kind, step, user, destination, db.Micros(now), db.Micros(at))
		if err != nil {
			return fmt.Errorf("loop: notice: %w", err)
		}
		return nil
	}
	if kind == "escalation" {
		coordinators, err := identity.Users(ctx, tx, identity.Coordinator)
		if err != nil {
			return fmt.Errorf("loop: coordinators: %w", err)
		}
		for _, u := range coordinators {
			if u.Email == "" || u.Disabled {
				continue
			}
			if err := put(u.ID, "", now); err != nil {
				return err
			}
		}
	}
	how, err := RemindingOf(ctx, tx, v.FacilityID)
	if err != nil {
		return err
	}
	at := now
	if v.Importance > 0 {
		at = how.speaks(now)
	}
	if how.Doctor {
		u, ok, err := Orderer(ctx, tx, v.StudyID)
		if err != nil {
			return err
		}
		if ok && u.Email != "" {
			if err := put(u.ID, "", at); err != nil {
				return err
			}
		}
	}
	ways, err := Ways(ctx, tx, v.FacilityID)
	if err != nil {
		return err
	}
	for _, d := range ways {
		if strings.Contains(","+strings.Join(how.Silent, ",")+",", ","+d.ID+",") {
			continue
		}
		if err := put("", d.ID, at); err != nil {
			return err
		}
	}
	return nil
}

// lease is how long a process may try to send before another may.
const lease = 2 * time.Minute

// atOnce is how many notices a process sends at a time: a relay counts its callers.
const atOnce = 16

// stop ends the notices that are about nothing any more: the version was acknowledged
// or taken over by another, the critical finding was closed.
func stop(ctx context.Context, tx db.Tx, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE loop_notices SET stopped_at = $1 WHERE sent_at = 0 AND stopped_at = 0 AND (
 kind = 'reminder' AND NOT EXISTS (SELECT 1 FROM loop_versions v WHERE v.report_id = loop_notices.report_id AND `+waiting+`)
 OR kind = 'escalation' AND NOT EXISTS (SELECT 1 FROM criticals c WHERE c.report_id = loop_notices.report_id AND c.closed_at IS NULL))`, db.Micros(now))
	if err != nil {
		return fmt.Errorf("loop: stop notices: %w", err)
	}
	return nil
}

// take leases the notices that are to be sent now.
func take(ctx context.Context, tx db.Tx, now time.Time) ([]Notice, error) {
	if err := stop(ctx, tx, now); err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, `UPDATE loop_notices SET lease_until = $1, attempts = attempts + 1 WHERE id IN (
 SELECT id FROM loop_notices WHERE sent_at = 0 AND stopped_at = 0 AND next_at <= $2 AND lease_until <= $2 ORDER BY next_at, id LIMIT $3)
 RETURNING id, report_id, facility_id, kind, step, user_id, destination_id`, db.Micros(now.Add(lease)), db.Micros(now), atOnce)
	if err != nil {
		return nil, fmt.Errorf("loop: notices: %w", err)
	}
	var list []Notice
	for rows.Next() {
		var n Notice
		var kind string
		if err := rows.Scan(&n.ID, &n.ReportID, &n.facilityID, &kind, &n.Step, &n.userID, &n.Destination.ID); err != nil {
			_ = rows.Close()
			return nil, fmt.Errorf("loop: notices: %w", err)
		}
		n.Escalation = kind == "escalation"
		list = append(list, n)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("loop: notices: %w", err)
	}
	for i := range list {
		if err := address(ctx, tx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// address fills in to whom a notice goes. Who is gone leaves it without an address.
func address(ctx context.Context, tx db.Tx, n *Notice) error {
	v, err := byReport(ctx, tx, identity.Everything(), n.ReportID)
	if err != nil {
		return err
	}
	n.StudyID, n.Importance = v.StudyID, v.Importance
	f, err := worklist.FacilityByID(ctx, tx, n.facilityID)
	if err != nil {
		return fmt.Errorf("loop: notice: %w", err)
	}
	n.Hospital, n.HospitalEn = f.Name, cmp.Or(f.NameEn, f.Name)
	if n.userID != "" {
		u, err := identity.UserByID(ctx, tx, n.userID)
		if err == nil && !u.Disabled {
			n.Email = u.Email
		}
		if err != nil && !errors.Is(err, identity.ErrNotFound) {
			return fmt.Errorf("loop: notice: %w", err)
		}
		return nil
	}
	d, err := worklist.DestinationByID(ctx, tx, n.Destination.ID)
	if err != nil && !errors.Is(err, worklist.ErrNotFound) {
		return fmt.Errorf("loop: notice: %w", err)
	}
	if d.Active && d.FacilityID == n.facilityID {
		n.Destination = d
	}
	return nil
}

// ErrNoWay is a notice to a person without e-mail, to a destination that is gone, or
// by a way the service does not have: it is not tried again.
var ErrNoWay = errors.New("loop: there is no way to whom it is for")

// send sends what waits, as much as is possible until it is time to look again.
func (w *Watch) send(ctx context.Context, now time.Time) error {
	if w.Send == nil {
		return nil
	}
	for began := time.Now(); time.Since(began) < w.every(); {
		n, err := w.sendSome(ctx, now.Add(time.Since(began)))
		if err != nil || n < atOnce {
			return err
		}
	}
	return nil
}

// sendSome sends the next of what waits and says how many those were. Attempts are made
// outside of a transaction, under a lease.
func (w *Watch) sendSome(ctx context.Context, now time.Time) (int, error) {
	var list []Notice
	err := w.DB.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		list, err = take(ctx, tx, now)
		return err
	})
	if err != nil {
		return 0, err
	}
	// At once: one after the other a relay that hangs would use up the leases of those
	// behind it, and keep Look from what comes due meanwhile.
	var all errgroup.Group
	for _, n := range list {
		all.Go(func() error {
			failed := ErrNoWay
			if n.Email != "" || n.Destination.Route != "" {
				attempt, cancel := context.WithTimeout(ctx, lease/2)
				failed = w.Send(attempt, n)
				cancel()
			}
			if failed != nil {
				w.Log.WarnContext(ctx, "loop: notice not sent; it is tried again", "notice", n.ID, "err", failed)
			}
			return w.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error { return settle(ctx, tx, n, failed, now) })
		})
	}
	return len(list), all.Wait()
}

// settle writes what became of a notice: taken, or when it is tried again.
func settle(ctx context.Context, tx db.Tx, n Notice, failed error, now time.Time) error {
	if failed != nil {
		reason := failed.Error()
		reason = strings.ToValidUTF8(reason[:min(len(reason), 300)], "") // PostgreSQL takes no half character
		if errors.Is(failed, ErrNoWay) {
			_, err := tx.ExecContext(ctx, `UPDATE loop_notices SET stopped_at = $1, reason = $2 WHERE id = $3`, db.Micros(now), reason, n.ID)
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE loop_notices SET lease_until = 0, reason = $1, next_at = $2 + CASE WHEN attempts > 8 THEN 3600000000 ELSE attempts * attempts * 15000000 END WHERE id = $3`,
			reason, db.Micros(now), n.ID)
		return err
	}
	res, err := tx.ExecContext(ctx, `UPDATE loop_notices SET sent_at = $1, reason = '' WHERE id = $2 AND sent_at = 0`, db.Micros(now), n.ID)
	if err != nil {
		return fmt.Errorf("loop: notice: %w", err)
	}
	if changed, err := res.RowsAffected(); err != nil || changed == 0 {
		return err
	}
	to := "user " + n.userID
	if n.userID == "" {
		to = "destination " + n.Destination.ID
	}
	what := fmt.Sprintf("reminder %d", n.Step)
	if n.Escalation {
		what = "escalation"
	}
	err = audit.Append(ctx, tx, audit.Record{Actor: worklist.ActorRouter, Action: EventReminded, Object: n.ReportID, FacilityID: n.facilityID, Detail: what + " to " + to})
	if err != nil {
		return fmt.Errorf("loop: audit: %w", err)
	}
	return nil
}

// Told is one notice as a page shows it.
type Told struct {
	Escalation bool
	Step       int
	User       string // ID; "": a destination
	Way        string // name of the destination
	At         time.Time
	SentAt     time.Time // zero: not yet
	StoppedAt  time.Time // zero: not
	Attempts   int
	Reason     string
}

// ToldOf lists the notices about a version, in order; the caller has made sure that
// it is in scope.
func ToldOf(ctx context.Context, tx db.Tx, reportID string) ([]Told, error) {
	rows, err := tx.QueryContext(ctx, `SELECT n.kind, n.step, n.user_id, COALESCE(t.name, ''), n.next_at, n.sent_at, n.stopped_at, n.attempts, n.reason
 FROM loop_notices n LEFT JOIN destinations t ON t.id = n.destination_id WHERE n.report_id = $1 ORDER BY n.created_at, n.id LIMIT 200`, reportID)
	if err != nil {
		return nil, fmt.Errorf("loop: notices: %w", err)
	}
	defer rows.Close()
	var out []Told
	for rows.Next() {
		var n Told
		var kind string
		var at, sent, stopped int64
		if err := rows.Scan(&kind, &n.Step, &n.User, &n.Way, &at, &sent, &stopped, &n.Attempts, &n.Reason); err != nil {
			return nil, fmt.Errorf("loop: notices: %w", err)
		}
		n.Escalation, n.At = kind == "escalation", db.FromMicros(at)
		n.SentAt, n.StoppedAt = moment(sql.NullInt64{Int64: sent, Valid: sent > 0}), moment(sql.NullInt64{Int64: stopped, Valid: stopped > 0})
		out = append(out, n)
	}
	return out, rows.Err()
}
