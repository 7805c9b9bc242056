package deliver

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Parked counts what a receiver has refused, and since when the oldest waits for
// somebody to look.
func Parked(ctx context.Context, tx db.Tx) (n int, since time.Time, err error) {
	var at int64
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MIN(created_at), 0) FROM deliveries WHERE state = 'failed'`).Scan(&n, &at); err != nil {
		return 0, since, fmt.Errorf("deliver: parked: %w", err)
	}
	return n, db.FromMicros(at), nil
}

// Shelf is what of the parked deliveries is asked for. Zero values ask for all.
type Shelf struct {
	DestinationID string
	GivenUp       bool   // those that were given up instead of those that wait
	After         string // the ID of the last one of the page before
	Limit         int    // at most 200; 0: 100
}

func (s Shelf) state() State {
	if s.GivenUp {
		return GivenUp
	}
	return Failed
}

// List gives a page of the deliveries in scope that are parked, the oldest first,
// whatever study and destination they are of.
func (s Shelf) List(ctx context.Context, tx db.Tx, scope identity.Scope) (page []Delivery, more bool, err error) {
	limit := s.Limit
	if limit <= 0 {
		limit = 100
	}
	limit = min(limit, 200)
	cond, args := scope.StudyFilter(5)
	page, err = list(ctx, tx, `SELECT `+columns+` FROM `+tables+` JOIN studies ON studies.id = d.study_id
 WHERE d.state = $1 AND ($2 = '' OR d.destination_id = $2) AND ($3 = '' OR (d.created_at, d.id) > (SELECT e.created_at, e.id FROM deliveries e WHERE e.id = $3))
 AND `+cond+` ORDER BY d.created_at, d.id LIMIT $4`, append([]any{s.state(), s.DestinationID, s.After, limit + 1}, args...)...)
	if err == nil && len(page) > limit {
		page, more = page[:limit], true
	}
	return page, more, err
}

// Pile is how much waits for one destination.
type Pile struct {
	DestinationID, Destination, FacilityID string
	Way                                    string // dicom, mllp, https, … : how it is reached
	Active                                 bool   // false: taken out of the directory
	N                                      int
	Since                                  time.Time // of the oldest
	Reason                                 string    // of one of them
}

// Piles counts what is parked in scope by destination, the oldest first.
func (s Shelf) Piles(ctx context.Context, tx db.Tx, scope identity.Scope) ([]Pile, error) {
	cond, args := scope.StudyFilter(2)
	rows, err := tx.QueryContext(ctx, `SELECT t.id, t.name, t.facility_id, t.route, t.active, COUNT(*), MIN(d.created_at), MAX(d.last_error) FROM `+tables+` JOIN studies ON studies.id = d.study_id
 WHERE d.state = $1 AND `+cond+` GROUP BY t.id, t.name, t.facility_id, t.route, t.active ORDER BY MIN(d.created_at), t.id`, append([]any{s.state()}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("deliver: parked: %w", err)
	}
	defer rows.Close()
	var out []Pile
	for rows.Next() {
		var p Pile
		var route string
		var active int
		var since int64
		if err := rows.Scan(&p.DestinationID, &p.Destination, &p.FacilityID, &route, &active, &p.N, &since, &p.Reason); err != nil {
			return nil, fmt.Errorf("deliver: parked: %w", err)
		}
		scheme, _, routed := strings.Cut(route, ":")
		p.Way, p.Active, p.Since = "dicom", active == 1, db.FromMicros(since)
		if routed {
			p.Way = scheme
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// RetryAll asks for everything in scope that is parked for a destination, "" for
// every one, to be tried now, and says how much it is. After the commit the caller
// calls [Courier.Wake].
func RetryAll(ctx context.Context, tx db.Tx, scope identity.Scope, destinationID, actor string) (int, error) {
	piles, err := Shelf{}.Piles(ctx, tx, scope)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, p := range piles {
		if destinationID != "" && p.DestinationID != destinationID {
			continue
		}
		cond, args := scope.StudyFilter(3)
		res, err := tx.ExecContext(ctx, `UPDATE deliveries SET next_at = $1, updated_at = $1 WHERE destination_id = $2 AND state IN ('pending', 'failed')
 AND study_id IN (SELECT id FROM studies WHERE `+cond+`)`, append([]any{db.Micros(db.Now()), p.DestinationID}, args...)...)
		if err != nil {
			return 0, fmt.Errorf("deliver: retry: %w", err)
		}
		if _, err := res.RowsAffected(); err != nil {
			return 0, fmt.Errorf("deliver: retry: %w", err)
		}
		n += p.N
		err = audit.Append(ctx, tx, audit.Record{Actor: actor, Action: EventRetried, Object: p.DestinationID, FacilityID: p.FacilityID, Detail: fmt.Sprintf("all %d parked", p.N)})
		if err != nil {
			return 0, fmt.Errorf("deliver: retry: %w", err)
		}
	}
	return n, nil
}

// maxReason bounds the reason for giving up, in characters.
const maxReason = 500

// GiveUp ends the attempts of a delivery that is parked: somebody says why the
// hospital does not get it this way. What comes after it is sent as before, and
// [Retry] takes it up again.
func GiveUp(ctx context.Context, tx db.Tx, scope identity.Scope, id, actor, why string) (Delivery, error) {
	why = strings.TrimSpace(why)
	d, err := ByID(ctx, tx, scope, id)
	if err != nil {
		return Delivery{}, err
	}
	if why == "" || utf8.RuneCountInString(why) > maxReason {
		return Delivery{}, ErrReason
	}
	res, err := tx.ExecContext(ctx, `UPDATE deliveries SET state = 'given-up', given_up_by = $1, given_up_why = $2, updated_at = $3 WHERE id = $4 AND state = 'failed'`,
		actor, why, db.Micros(db.Now()), id)
	if err != nil {
		return Delivery{}, fmt.Errorf("deliver: give up: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		if err == nil {
			err = ErrNotParked
		}
		return Delivery{}, err
	}
	// What was written is for those who look at the page: the trail says that it was.
	err = audit.Append(ctx, tx, audit.Record{Actor: actor, Action: EventGivenUp, Object: d.ID, FacilityID: d.FacilityID, Detail: "instance " + d.InstanceID + " to destination " + d.DestinationID})
	if err != nil {
		return Delivery{}, fmt.Errorf("deliver: give up: %w", err)
	}
	if err := event(ctx, tx, d, EventGivenUp); err != nil {
		return Delivery{}, err
	}
	return ByID(ctx, tx, scope, id)
}
