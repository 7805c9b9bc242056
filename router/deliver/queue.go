package deliver

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Object is an instance to deliver.
type Object struct {
	InstanceID string // catalog
	Kind       string // one of the kinds
}

// Parcel is what one signature gives to deliver, in order.
type Parcel struct {
	FacilityID string
	StudyID    string
	ReportID   string
	Objects    []Object
}

// Enqueue makes a delivery of each object to each active destination of the
// facility that takes its kind, in the caller's transaction. Enqueuing an
// instance twice changes nothing. After the commit the caller calls
// [Courier.Wake].
func Enqueue(ctx context.Context, tx db.Tx, p Parcel) ([]Delivery, error) {
	destinations, err := worklist.DestinationsOf(ctx, tx, p.FacilityID)
	if err != nil {
		return nil, fmt.Errorf("deliver: enqueue: %w", err)
	}
	var made []Delivery
	for _, t := range destinations {
		for _, o := range objectsFor(t, p.Objects) {
			d, fresh, err := enqueue(ctx, tx, p, t, o)
			if err != nil {
				return nil, err
			}
			if fresh {
				made = append(made, d)
			}
		}
	}
	return made, nil
}

// objectsFor are the objects of a parcel that a destination takes, in order. What
// a route carries beside the stored objects is made from the report, and goes
// under its first one.
func objectsFor(t worklist.Destination, stored []Object) []Object {
	var out []Object
	for _, o := range stored {
		if t.Wants(o.Kind) {
			out = append(out, o)
		}
	}
	for _, kind := range []string{ORU, FHIR, Text, Notice} {
		if t.Route != "" && t.Wants(kind) && len(stored) > 0 {
			out = append(out, Object{InstanceID: stored[0].InstanceID, Kind: kind})
		}
	}
	return out
}

func enqueue(ctx context.Context, tx db.Tx, p Parcel, t worklist.Destination, o Object) (d Delivery, fresh bool, err error) {
	now := db.Now()
	d = Delivery{
		ID: db.NewID(), DestinationID: t.ID, DestinationName: t.Name, FacilityID: p.FacilityID, StudyID: p.StudyID, ReportID: p.ReportID,
		InstanceID: o.InstanceID, Object: o.Kind, State: Pending, NextAt: now, CreatedAt: now,
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO deliveries
 (id, destination_id, facility_id, study_id, report_id, instance_id, object, seq, state, next_at, created_at, updated_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7,
 (SELECT COALESCE(MAX(e.seq), 0) + 1 FROM deliveries e WHERE e.destination_id = $2 AND e.study_id = $4), 'pending', $8, $8, $8)
 ON CONFLICT (destination_id, instance_id, object) DO NOTHING`,
		d.ID, d.DestinationID, d.FacilityID, d.StudyID, d.ReportID, d.InstanceID, d.Object, db.Micros(now))
	if err != nil {
		return Delivery{}, false, fmt.Errorf("deliver: enqueue: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return Delivery{}, false, fmt.Errorf("deliver: enqueue: %w", err)
	}
	if n == 0 {
		return Delivery{}, false, nil
	}
	return d, true, event(ctx, tx, d, EventQueued)
}

// Retry asks for a delivery to be tried now, with what has to go before it.
// After the commit the caller calls [Courier.Wake].
func Retry(ctx context.Context, tx db.Tx, scope identity.Scope, id, actor string) (Delivery, error) {
	d, err := ByID(ctx, tx, scope, id)
	if err != nil {
		return Delivery{}, err
	}
	if d.State == Delivered {
		return d, ErrDelivered
	}
	now := db.Now()
	if _, err := tx.ExecContext(ctx, `UPDATE deliveries SET state = 'failed', given_up_by = '', given_up_why = '' WHERE id = $1 AND state = 'given-up'`, id); err != nil {
		return Delivery{}, fmt.Errorf("deliver: retry: %w", err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE deliveries SET next_at = $1, updated_at = $1
 WHERE destination_id = $2 AND study_id = $3 AND state IN ('pending', 'failed')`, db.Micros(now), d.DestinationID, d.StudyID)
	if err != nil {
		return Delivery{}, fmt.Errorf("deliver: retry: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Record{Actor: actor, Action: EventRetried, Object: d.ID, FacilityID: d.FacilityID})
	if err != nil {
		return Delivery{}, fmt.Errorf("deliver: retry: %w", err)
	}
	if err := event(ctx, tx, d, EventRetried); err != nil {
		return Delivery{}, err
	}
	return ByID(ctx, tx, scope, id)
}

// Abandon marks what a destination has not got as failed, because it was taken
// out of the directory. When it comes back the rows are tried again.
func Abandon(ctx context.Context, tx db.Tx, facilityID, destination string) error {
	_, err := tx.ExecContext(ctx, `UPDATE deliveries SET state = 'failed', last_error = 'the destination was taken out of the directory', updated_at = $1
 WHERE state IN ('pending', 'sending', 'failed') AND destination_id IN (SELECT id FROM destinations WHERE facility_id = $2 AND name = $3)`,
		db.Micros(db.Now()), facilityID, destination)
	if err != nil {
		return fmt.Errorf("deliver: abandon: %w", err)
	}
	return nil
}

// Hasten lets everything a destination has not got be tried now: its address
// was changed, so what was wrong with the old one does not count.
func Hasten(ctx context.Context, tx db.Tx, facilityID, destination string) error {
	_, err := tx.ExecContext(ctx, `UPDATE deliveries SET next_at = $1, refused = 0, updated_at = $1
 WHERE state IN ('pending', 'failed') AND destination_id IN (SELECT id FROM destinations WHERE facility_id = $2 AND name = $3)`,
		db.Micros(db.Now()), facilityID, destination)
	if err != nil {
		return fmt.Errorf("deliver: hasten: %w", err)
	}
	return nil
}

// recoverSending takes back what was being sent when a process died, or when
// its result could not be written; destinationID "" means every destination.
func recoverSending(ctx context.Context, tx db.Tx, destinationID string) (int64, error) {
	res, err := tx.ExecContext(ctx, `UPDATE deliveries SET state = 'pending', next_at = $1, updated_at = $1
 WHERE state = 'sending' AND ($2 = '' OR destination_id = $2)`, db.Micros(db.Now()), destinationID)
	if err != nil {
		return 0, fmt.Errorf("deliver: recover: %w", err)
	}
	return res.RowsAffected()
}

// waiting lists the active destinations that have something to come.
func waiting(ctx context.Context, tx db.Tx) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT t.id FROM destinations t WHERE t.active = 1
 AND EXISTS (SELECT 1 FROM deliveries d WHERE d.destination_id = t.id AND d.state IN ('pending', 'sending', 'failed'))`)
	if err != nil {
		return nil, fmt.Errorf("deliver: destinations: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("deliver: destinations: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("deliver: destinations: %w", err)
	}
	return ids, nil
}

// eligible is the condition for a delivery to be sent: nothing of its study
// that goes before it is still to come, but for what the receiver refused.
const eligible = `d.destination_id = $1 AND d.state IN ('pending', 'failed') AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE ` + before + `)`

// before is the condition for e to hold up d.
const before = `e.destination_id = d.destination_id AND e.study_id = d.study_id AND e.seq < d.seq
 AND e.state IN ('pending', 'sending', 'failed') AND e.refused = 0`

// due reads what may go to a destination now, oldest first, together with what may
// follow it: nothing of its study that goes before it is still to wait.
func due(ctx context.Context, tx db.Tx, destinationID string, now time.Time) ([]Delivery, error) {
	return list(ctx, tx, `SELECT `+columns+` FROM `+tables+` WHERE d.destination_id = $1 AND d.state IN ('pending', 'failed') AND d.next_at <= $2
 AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE `+before+` AND e.next_at > $2)
 ORDER BY d.created_at, d.seq LIMIT $3`, destinationID, db.Micros(now), tripMost)
}

// next is when the next delivery to a destination may go; ok is false when
// nothing is to come.
func next(ctx context.Context, tx db.Tx, destinationID string) (at time.Time, ok bool, err error) {
	var us sql.NullInt64
	if err := tx.QueryRowContext(ctx, `SELECT MIN(d.next_at) FROM deliveries d WHERE `+eligible, destinationID).Scan(&us); err != nil {
		return time.Time{}, false, fmt.Errorf("deliver: next: %w", err)
	}
	return db.FromMicros(us.Int64), us.Valid, nil
}

// begin writes down that an attempt is being made; ok is false when the
// delivery changed since it was read, or may not go now.
func begin(ctx context.Context, tx db.Tx, d Delivery, now time.Time) (ok bool, err error) {
	res, err := tx.ExecContext(ctx, `UPDATE deliveries AS d SET state = 'sending', attempts = attempts + 1, updated_at = $1
 WHERE d.id = $2 AND d.state = $3 AND d.attempts = $4 AND d.next_at <= $1 AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE `+before+`)`,
		db.Micros(now), d.ID, d.State, d.Attempts)
	if err != nil {
		return false, fmt.Errorf("deliver: begin: %w", err)
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// finish writes down how an attempt ended.
func finish(ctx context.Context, tx db.Tx, d Delivery, o outcome) error {
	now := db.Now()
	refused, delivered := 0, any(nil)
	if o.refused {
		refused = 1
	}
	if o.state == Delivered {
		delivered = db.Micros(now)
	}
	res, err := tx.ExecContext(ctx, `UPDATE deliveries SET state = $1, refused = $2, next_at = $3, last_error = $4, last_status = $5,
 delivered_at = $6, updated_at = $7, receipt = $9 WHERE id = $8 AND state = 'sending'`,
		o.state, refused, db.Micros(o.next), o.reason, o.status, delivered, db.Micros(now), d.ID, o.receipt)
	if err != nil {
		return fmt.Errorf("deliver: finish: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err // abandoned meanwhile
	}
	if o.unreachable { // the others need not find that out one by one
		_, err := tx.ExecContext(ctx, `UPDATE deliveries SET next_at = $1, last_error = $2, updated_at = $3
 WHERE destination_id = $4 AND state IN ('pending', 'failed') AND next_at < $1 AND id <> $5`,
			db.Micros(o.next), o.reason, db.Micros(now), d.DestinationID, d.ID)
		if err != nil {
			return fmt.Errorf("deliver: finish: %w", err)
		}
	}
	kind := EventDelayed
	switch o.state {
	case Delivered:
		kind = EventDelivered
	case Failed:
		kind = EventFailed
	}
	if kind != EventDelayed && (kind != EventFailed || d.State != Failed) {
		outcome := audit.Success
		if kind == EventFailed {
			outcome = audit.Failure
		}
		err := audit.Append(ctx, tx, audit.Record{
			Actor: worklist.ActorRouter, Action: kind, Object: d.ID, FacilityID: d.FacilityID, Outcome: outcome,
			Detail: fmt.Sprintf("instance %s to destination %s, status %04X", d.InstanceID, d.DestinationID, o.status),
		})
		if err != nil {
			return fmt.Errorf("deliver: audit: %w", err)
		}
	}
	return event(ctx, tx, d, kind)
}

// payload finds the instance of a delivery in the catalog.
func payload(ctx context.Context, tx db.Tx, d Delivery) (catalog.Instance, error) {
	return catalog.InstanceByID(ctx, tx, identity.Everything(), d.InstanceID)
}
