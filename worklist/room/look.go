package room

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Bounds of looking together.
const (
	MaxSeats = 12 // people at one time

	// Away is after how long a page that is not heard of counts as gone. Pages are
	// heard of several times as often.
	Away = time.Minute
)

// Kinds of the events about looks. Where the leader goes is no event: it is read
// from the look itself, many times a second.
const (
	EventLookStarted = "room.look_started"
	EventLookJoined  = "room.look_joined"
	EventLookLed     = "room.look_led"
	EventLookLeft    = "room.look_left"
	EventLookEnded   = "room.look_ended"
)

// Errors about looks.
var (
	// ErrNoLook says that nobody looks at images together in the room.
	ErrNoLook = errors.New("room: nobody looks together here")
	// ErrNotLeader says that somebody else leads.
	ErrNotLeader = errors.New("room: somebody else leads")
	// ErrFull says that MaxSeats people look already.
	ErrFull = errors.New("room: no seat is left")
	// ErrState says that a state is none.
	ErrState = errors.New("room: not a place in a study")
)

// Look is a study looked at together, in its room.
type Look struct {
	ID, RoomID, StudyID string
	Leader, StartedBy   string // users
	StartedAt           time.Time
	Revision            int64
	Place               Place
	Seats               []Seat // who is there, in the order of coming
}

// Seat is somebody who looks along.
type Seat struct {
	User     string
	JoinedAt time.Time
}

// Place is where the leader is: random IDs and numbers, nothing about a patient.
// What is shown is asked for by each page itself, with the rights of who sits there.
type Place struct {
	Series   string      `json:"series"`
	Instance string      `json:"instance"`
	Frame    int         `json:"frame"`  // from 1
	Window   *[2]float64 `json:"window"` // center, width; nil: that of the file
	// View is zoom (1: the image fills the pane), column and row of the image in the
	// middle, quarter turns, and whether it is flipped across, down, inverted (0, 1).
	View    [7]float64  `json:"view"`
	Pointer *[2]float64 `json:"pointer"` // column and row; nil: not over the image
	// State is the presentation state that the image is under; nil: none.
	State *PlaceState `json:"state,omitempty"`
}

// PlaceState names a presentation state by its instance, and the layers of it that are
// hidden by their place in its list, from 0: their names are texts of the hospital.
type PlaceState struct {
	ID     string `json:"id"`
	Hidden []int  `json:"hidden,omitempty"`
}

const maxHidden = 256 // layers

func (s *PlaceState) valid() bool {
	return s == nil || db.ValidID(s.ID) && len(s.Hidden) <= maxHidden && !slices.ContainsFunc(s.Hidden, func(n int) bool { return n < 0 || n > farthest })
}

const farthest = 1 << 20 // a coordinate, a Hounsfield number, a frame

// valid tells whether s is a place in a study, which may be another's: a page that
// may not see it does not find it.
func (s Place) valid() bool {
	if !db.ValidID(s.Series) || !db.ValidID(s.Instance) || s.Frame < 1 || s.Frame > farthest || !s.State.valid() {
		return false
	}
	numbers := s.View[:]
	for _, pair := range []*[2]float64{s.Window, s.Pointer} {
		if pair != nil {
			numbers = append(slices.Clip(numbers), pair[:]...)
		}
	}
	return !slices.ContainsFunc(numbers, func(v float64) bool { return math.IsNaN(v) || math.Abs(v) > farthest })
}

// Together gives the look that goes on in a room of p's.
func Together(ctx context.Context, tx db.Tx, p identity.Principal, roomID string) (Look, error) {
	r, err := Find(ctx, tx, p, roomID)
	if err != nil {
		return Look{}, err
	}
	return look(ctx, tx, r)
}

// Join sits p down at the look of a room, and starts one, at the place s, when there
// is none. Whoever starts it leads.
func Join(ctx context.Context, tx db.Tx, p identity.Principal, roomID string, s Place) (Look, error) {
	r, err := Find(ctx, tx, p, roomID)
	if err != nil {
		return Look{}, err
	}
	l, err := look(ctx, tx, r)
	if errors.Is(err, ErrNoLook) {
		l, err = begin(ctx, tx, r, p.UserID, s)
	}
	if err != nil {
		return Look{}, err
	}
	there := slices.ContainsFunc(l.Seats, func(s Seat) bool { return s.User == p.UserID })
	if !there && len(l.Seats) >= MaxSeats {
		return Look{}, ErrFull
	}
	now := db.Micros(db.Now())
	if _, err := tx.ExecContext(ctx, `INSERT INTO look_seats (look_id, user_id, joined_at, seen_at, left_at) VALUES ($1, $2, $3, $3, 0)
 ON CONFLICT (look_id, user_id) DO UPDATE SET seen_at = excluded.seen_at, left_at = 0`, l.ID, p.UserID, now); err != nil {
		return Look{}, fmt.Errorf("room: join: %w", err)
	}
	if !there { // else a page that was loaded again
		if err := touch(ctx, tx, l.ID); err != nil {
			return Look{}, err
		}
		if err := record(ctx, tx, r, EventLookJoined, p.UserID, l.ID); err != nil {
			return Look{}, err
		}
	}
	return look(ctx, tx, r)
}

func begin(ctx context.Context, tx db.Tx, r Room, user string, s Place) (Look, error) {
	if !s.valid() {
		return Look{}, ErrState
	}
	state, err := json.Marshal(s)
	if err != nil {
		return Look{}, err
	}
	now := db.Micros(db.Now())
	// One that everybody has walked away from is over.
	if _, err := tx.ExecContext(ctx, `UPDATE looks SET ended_at = $1, changed_at = $1, revision = revision + 1 WHERE room_id = $2 AND ended_at = 0`, now, r.ID); err != nil {
		return Look{}, fmt.Errorf("room: begin: %w", err)
	}
	l := Look{ID: db.NewID()}
	if _, err := tx.ExecContext(ctx, `INSERT INTO looks (id, room_id, study_id, leader, started_by, started_at, revision, state, changed_at, ended_at)
 VALUES ($1, $2, $3, $4, $4, $5, 1, $6, $5, 0)`, l.ID, r.ID, r.StudyID, user, now, string(state)); err != nil {
		return Look{}, fmt.Errorf("room: begin: %w", err)
	}
	return l, record(ctx, tx, r, EventLookStarted, user, l.ID)
}

// Show says where the leader is now.
func Show(ctx context.Context, tx db.Tx, p identity.Principal, roomID string, s Place) error {
	l, err := Together(ctx, tx, p, roomID)
	if err != nil {
		return err
	}
	if !s.valid() {
		return ErrState
	}
	if l.Leader != p.UserID {
		return ErrNotLeader
	}
	state, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE looks SET state = $1, revision = revision + 1, changed_at = $2 WHERE id = $3`, string(state), db.Micros(db.Now()), l.ID); err != nil {
		return fmt.Errorf("room: show: %w", err)
	}
	return nil
}

// Lead hands the lead over to somebody who looks along: the leader to anybody, each
// to themselves.
func Lead(ctx context.Context, tx db.Tx, p identity.Principal, roomID, user string) (Look, error) {
	r, err := Find(ctx, tx, p, roomID)
	if err != nil {
		return Look{}, err
	}
	l, err := look(ctx, tx, r)
	if err != nil {
		return Look{}, err
	}
	sits := func(u string) bool { return slices.ContainsFunc(l.Seats, func(s Seat) bool { return s.User == u }) }
	if !sits(p.UserID) || !sits(user) {
		return Look{}, ErrNoMember
	}
	if user != p.UserID && l.Leader != p.UserID {
		return Look{}, ErrNotLeader
	}
	if err := lead(ctx, tx, l.ID, user); err != nil {
		return Look{}, err
	}
	if err := record(ctx, tx, r, EventLookLed, p.UserID, user); err != nil {
		return Look{}, err
	}
	return look(ctx, tx, r)
}

func lead(ctx context.Context, tx db.Tx, id, user string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE looks SET leader = $1, revision = revision + 1, changed_at = $2 WHERE id = $3`, user, db.Micros(db.Now()), id); err != nil {
		return fmt.Errorf("room: lead: %w", err)
	}
	return nil
}

// Leave gives p's seat up. The lead goes to who came first of the others; after the
// last one the look is over.
func Leave(ctx context.Context, tx db.Tx, p identity.Principal, roomID string) error {
	r, err := Find(ctx, tx, p, roomID)
	if err != nil {
		return err
	}
	l, err := look(ctx, tx, r)
	if errors.Is(err, ErrNoLook) {
		return nil
	}
	if err != nil {
		return err
	}
	now := db.Micros(db.Now())
	res, err := tx.ExecContext(ctx, `UPDATE look_seats SET left_at = $1 WHERE look_id = $2 AND user_id = $3 AND left_at = 0`, now, l.ID, p.UserID)
	if err != nil {
		return fmt.Errorf("room: leave: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if err := record(ctx, tx, r, EventLookLeft, p.UserID, l.ID); err != nil {
		return err
	}
	rest := slices.DeleteFunc(l.Seats, func(s Seat) bool { return s.User == p.UserID })
	switch {
	case len(rest) == 0:
		if _, err := tx.ExecContext(ctx, `UPDATE looks SET ended_at = $1, changed_at = $1, revision = revision + 1 WHERE id = $2`, now, l.ID); err != nil {
			return fmt.Errorf("room: end: %w", err)
		}
		return record(ctx, tx, r, EventLookEnded, p.UserID, l.ID)
	case l.Leader == p.UserID:
		if err := lead(ctx, tx, l.ID, rest[0].User); err != nil {
			return err
		}
		return record(ctx, tx, r, EventLookLed, p.UserID, rest[0].User)
	}
	return touch(ctx, tx, l.ID)
}

// Seen notes that the page of a user who looks along is there.
func Seen(ctx context.Context, tx db.Tx, p identity.Principal, lookID string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE look_seats SET seen_at = $1 WHERE look_id = $2 AND user_id = $3 AND left_at = 0`, db.Micros(db.Now()), lookID, p.UserID); err != nil {
		return fmt.Errorf("room: seen: %w", err)
	}
	return nil
}

// LooksChanged is a number that is another after any change of any look of the last
// hour: what streams watch.
func LooksChanged(ctx context.Context, tx db.Tx) (n int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT COALESCE(SUM(revision), 0) FROM looks WHERE changed_at > $1`, db.Micros(db.Now().Add(-time.Hour))).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("room: looks: %w", err)
	}
	return n, nil
}

func touch(ctx context.Context, tx db.Tx, id string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE looks SET revision = revision + 1, changed_at = $1 WHERE id = $2`, db.Micros(db.Now()), id); err != nil {
		return fmt.Errorf("room: look: %w", err)
	}
	return nil
}

// look reads the look of a room that goes on: somebody is there.
func look(ctx context.Context, tx db.Tx, r Room) (Look, error) {
	l := Look{RoomID: r.ID, StudyID: r.StudyID}
	var state string
	var started int64
	err := tx.QueryRowContext(ctx, `SELECT id, leader, started_by, started_at, revision, state FROM looks WHERE room_id = $1 AND ended_at = 0`, r.ID).
		Scan(&l.ID, &l.Leader, &l.StartedBy, &started, &l.Revision, &state)
	if errors.Is(err, sql.ErrNoRows) {
		return Look{}, ErrNoLook
	}
	if err == nil {
		err = json.Unmarshal([]byte(state), &l.Place)
	}
	if err != nil {
		return Look{}, fmt.Errorf("room: look: %w", err)
	}
	l.StartedAt = db.FromMicros(started)
	l.Seats, err = collect(ctx, tx, `SELECT user_id, joined_at FROM look_seats WHERE look_id = $1 AND left_at = 0 AND seen_at > $2 ORDER BY joined_at, user_id`,
		args{l.ID, db.Micros(db.Now().Add(-Away))}, func(rows *sql.Rows) (s Seat, err error) {
			var at int64
			err = rows.Scan(&s.User, &at)
			s.JoinedAt = db.FromMicros(at)
			return s, err
		})
	if err != nil {
		return Look{}, err
	}
	if len(l.Seats) == 0 {
		// Just begun, or everybody's page is gone.
		if db.Now().Sub(l.StartedAt) > Away {
			return Look{}, ErrNoLook
		}
	}
	return l, nil
}
