package worklist

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// Duty is what a reader does at some time.
type Duty string

// The duties.
const (
	OffDuty Duty = ""
	Reading Duty = "reading"
	OnCall  Duty = "on-call" // reached for STAT only
	Absent  Duty = "absent"
)

// Shift is an exception to a reader's week.
type Shift struct {
	ID       string
	UserID   string
	Kind     Duty // Reading, OnCall or Absent
	From, To time.Time
}

// maxShift is the longest exception: a year's leave.
const maxShift = 366 * 24 * time.Hour

// ErrShift is a shift that cannot be.
var ErrShift = errors.New("worklist: a shift is reading, on-call or absent, ends after it begins and lasts at most a year")

// Shifts lists the exceptions that touch a time, of all readers, by their start.
func Shifts(ctx context.Context, tx db.Tx, from, to time.Time) ([]Shift, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, user_id, kind, starts_at, ends_at FROM shifts WHERE ends_at > $1 AND starts_at < $2 ORDER BY starts_at, id LIMIT 10000`,
		db.Micros(from), db.Micros(to))
	if err != nil {
		return nil, fmt.Errorf("worklist: shifts: %w", err)
	}
	return collect(rows, scanShift)
}

// AllShifts lists every exception, those that are over too, by their start.
func AllShifts(ctx context.Context, tx db.Tx) ([]Shift, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, user_id, kind, starts_at, ends_at FROM shifts ORDER BY starts_at, id`)
	if err != nil {
		return nil, fmt.Errorf("worklist: shifts: %w", err)
	}
	return collect(rows, scanShift)
}

func scanShift(rows *sql.Rows) (Shift, error) {
	var s Shift
	var from, to int64
	err := rows.Scan(&s.ID, &s.UserID, &s.Kind, &from, &to)
	s.From, s.To = db.FromMicros(from), db.FromMicros(to)
	return s, err
}

// Check reports whether it can be: [ErrShift].
func (s Shift) Check() error {
	if s.Kind != Reading && s.Kind != OnCall && s.Kind != Absent || !s.To.After(s.From) || s.To.Sub(s.From) > maxShift {
		return ErrShift
	}
	return nil
}

// AddShift plans an exception.
func AddShift(ctx context.Context, tx db.Tx, s Shift, actor string) (Shift, error) {
	if err := s.Check(); err != nil {
		return Shift{}, err
	}
	s.ID = db.NewID()
	res, err := tx.ExecContext(ctx, `INSERT INTO shifts (id, user_id, kind, starts_at, ends_at) SELECT $1, id, $3, $4, $5 FROM users WHERE id = $2 AND role IN ('reader', 'trainee') AND disabled = 0`,
		s.ID, s.UserID, s.Kind, db.Micros(s.From), db.Micros(s.To))
	if err != nil {
		return Shift{}, fmt.Errorf("worklist: add shift: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return Shift{}, errors.Join(err, ErrNotFound)
	}
	return s, audit.Append(ctx, tx, audit.Record{Actor: actor, Action: "shift.added", Object: s.UserID, Detail: fmt.Sprintf("%s %s to %s", s.Kind, s.From, s.To)})
}

// DeleteShift takes an exception back.
func DeleteShift(ctx context.Context, tx db.Tx, id, actor string) error {
	res, err := tx.ExecContext(ctx, `DELETE FROM shifts WHERE id = $1`, id)
	if err != nil {
		return fmt.Errorf("worklist: delete shift: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrNotFound)
	}
	return audit.Append(ctx, tx, audit.Record{Actor: actor, Action: "shift.deleted", Object: id})
}

// Presence is what a reader has said of being there.
type Presence struct {
	State string // present, away
	Until time.Time
}

// SetPresence says it until a time; who says nothing is where the shift says.
func SetPresence(ctx context.Context, tx db.Tx, userID string, p Presence) error {
	now := db.NowIn(ctx)
	if p.State == "" {
		_, err := tx.ExecContext(ctx, `DELETE FROM presence WHERE user_id = $1`, userID)
		return err
	}
	if p.State != "present" && p.State != "away" || !p.Until.After(now) || p.Until.Sub(now) > 24*time.Hour {
		return ErrShift
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO presence (user_id, state, since, until) VALUES ($1, $2, $3, $4)
 ON CONFLICT (user_id) DO UPDATE SET state = excluded.state, since = excluded.since, until = excluded.until`, userID, p.State, db.Micros(now), db.Micros(p.Until))
	if err != nil {
		return fmt.Errorf("worklist: presence: %w", err)
	}
	return nil
}

// Presences reads what holds at a time, by user.
func Presences(ctx context.Context, tx db.Tx, at time.Time) (map[string]Presence, error) {
	rows, err := tx.QueryContext(ctx, `SELECT user_id, state, until FROM presence WHERE until > $1`, db.Micros(at))
	if err != nil {
		return nil, fmt.Errorf("worklist: presence: %w", err)
	}
	out := map[string]Presence{}
	_, err = collect(rows, func(rows *sql.Rows) (struct{}, error) {
		var id string
		var p Presence
		var until int64
		err := rows.Scan(&id, &p.State, &until)
		p.Until = db.FromMicros(until)
		out[id] = p
		return struct{}{}, err
	})
	return out, err
}

// DutyAt is what a reader does at a time: what they say of themselves, else an
// exception, else the week. The latest exception that covers the time counts.
func (p ReaderProfile) DutyAt(c calendar.Calendar, at time.Time, exceptions []Shift, said Presence) Duty {
	if said.Until.After(at) {
		if said.State == "away" {
			return Absent
		}
		return Reading
	}
	duty, found := OffDuty, false
	for _, s := range exceptions {
		if !at.Before(s.From) && at.Before(s.To) {
			duty, found = s.Kind, true
		}
	}
	if found {
		return duty
	}
	if within(c, p.Hours, at, true) {
		return Reading
	}
	if within(c, p.OnCall, at, false) {
		return OnCall
	}
	return OffDuty
}

// Week is the hours of reading in a week without holidays; zero: not limited.
func (p ReaderProfile) Week() int {
	h, err := calendar.ParseHours(p.Hours)
	if err != nil || len(h) == 0 {
		return 0
	}
	monday := time.Date(2026, 6, 1, 0, 0, 0, 0, calendar.Tokyo) // a week without a holiday
	return int(h.Between(calendar.Calendar{}, monday, monday.AddDate(0, 0, 7)) / time.Hour)
}

// Quiet reports whether a reader wants no word of what is not STAT.
func (p ReaderProfile) Quiet(c calendar.Calendar, at time.Time) bool {
	return within(c, p.QuietHours, at, false)
}

// QuietUntil is when a reader may be told of what is not STAT: at once, or when their
// quiet hours end. ok is false for hours that do not end within a week.
func (p ReaderProfile) QuietUntil(c calendar.Calendar, at time.Time) (end time.Time, ok bool) {
	if !p.Quiet(c, at) {
		return at, true
	}
	h, err := calendar.ParseHours(p.QuietHours)
	if err != nil {
		return at, true
	}
	last := at.AddDate(0, 0, 8)
	end = h.Spans(c, at, last)[0][1] // the first begins now: they are quiet
	return end, end.Before(last)
}

// within reports whether a time lies in hours; none means otherwise.
func within(c calendar.Calendar, lines []string, at time.Time, otherwise bool) bool {
	if len(lines) == 0 {
		return otherwise
	}
	h, err := calendar.ParseHours(lines)
	return err == nil && h.Open(c, at) // what does not parse was never written: site checks
}
