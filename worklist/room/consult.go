package room

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// State is how far one who was asked, or a whole consult, has come.
type State string

// The states. A consult is open, accepted, declined (by all) or withdrawn.
const (
	Open      State = "asked"
	Accepted  State = "accepted"
	Declined  State = "declined"
	Closed    State = "closed" // another was first, or the question was withdrawn
	Waiting   State = "open"
	Withdrawn State = "withdrawn"
)

// Transfer is what was decided about moving the patient.
type Transfer string

// The decisions.
const (
	TransferNow   Transfer = "now"
	TransferLater Transfer = "later"
	TransferStay  Transfer = "stay"
)

// Asked is one candidate of a consult and the private room with them.
type Asked struct {
	RoomID, ConsultID, Candidate string
	State                        State
	AnsweredAt                   time.Time
}

// Consult is a question to several at once.
type Consult struct {
	ID, StudyID, AskedBy string
	Question             string
	State                State
	AcceptedBy           string
	Transfer             Transfer
	TransferNote         string
	TransferBy           string
	TransferAt           time.Time
	CreatedAt            time.Time
	Asked                []Asked
}

// Ask puts a question about the study of a room to candidates, each in a private
// room that begins with it.
func Ask(ctx context.Context, tx db.Tx, p identity.Principal, roomID, question string, candidates []string) (string, error) {
	r, err := Find(ctx, tx, p, roomID)
	if err != nil {
		return "", err
	}
	if question, err = clean(question, false); err != nil {
		return "", err
	}
	slices.Sort(candidates)
	candidates = slices.Compact(candidates)
	if r.Private != nil || len(candidates) == 0 || len(candidates) > MaxAsked || slices.Contains(candidates, p.UserID) {
		return "", ErrInvitee
	}
	id, now := db.NewID(), db.Now()
	_, err = tx.ExecContext(ctx, `INSERT INTO consults (id, study_id, asked_by, question, state, accepted_by, transfer, transfer_note, transfer_by, transfer_at, created_at)
 VALUES ($1, $2, $3, $4, 'open', '', '', '', '', 0, $5)`, id, r.StudyID, p.UserID, question, db.Micros(now))
	if err != nil {
		return "", fmt.Errorf("room: ask: %w", err)
	}
	for _, c := range candidates {
		granted, err := open(ctx, tx, r, c)
		if err != nil {
			return "", err
		}
		private := db.NewID()
		_, err = tx.ExecContext(ctx, `INSERT INTO consult_rooms (id, consult_id, candidate, state, granted, answered_at) VALUES ($1, $2, $3, 'asked', $4, 0)`,
			private, id, c, bit(granted))
		if err != nil {
			return "", fmt.Errorf("room: ask: %w", err)
		}
		first := Message{ID: db.NewID(), RoomID: private, StudyID: r.StudyID, Author: p.UserID, At: now, Body: question, Mentions: []string{c}}
		if err := insert(ctx, tx, first); err != nil {
			return "", err
		}
	}
	return id, record(ctx, tx, r, EventConsult, p.UserID, "asked "+id)
}

// Answer is a candidate's yes or no, in their private room. The first yes closes
// the rooms of the others; when all have said no the consult is declined.
func Answer(ctx context.Context, tx db.Tx, p identity.Principal, roomID string, yes bool) error {
	r, err := Find(ctx, tx, p, roomID)
	if err != nil {
		return err
	}
	if r.Private == nil || r.Private.Candidate != p.UserID {
		return ErrNotAsked
	}
	c := r.Private.ConsultID
	if yes {
		// The state in the condition is what makes the first acceptance the only one.
		if err := move(ctx, tx, `UPDATE consults SET state = 'accepted', accepted_by = $1 WHERE id = $2 AND state = 'open'`, p.UserID, c); err != nil {
			return err
		}
		if err := settle(ctx, tx, roomID, Accepted); err != nil {
			return err
		}
		if err := closeOthers(ctx, tx, c, r.StudyID); err != nil {
			return err
		}
		return record(ctx, tx, r, EventConsult, p.UserID, "accepted "+c)
	}
	if err := settle(ctx, tx, roomID, Declined); err != nil {
		return err
	}
	if err := shutRoom(ctx, tx, roomID, r.StudyID, p.UserID); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE consults SET state = 'declined' WHERE id = $1 AND state = 'open'
 AND NOT EXISTS (SELECT 1 FROM consult_rooms r WHERE r.consult_id = consults.id AND r.state = 'asked')`, c)
	if err != nil {
		return fmt.Errorf("room: answer: %w", err)
	}
	return record(ctx, tx, r, EventConsult, p.UserID, "declined "+c)
}

// Withdraw takes a question back that nobody has accepted; its asker and
// coordinators may.
func Withdraw(ctx context.Context, tx db.Tx, p identity.Principal, roomID, consultID string) error {
	r, c, err := deciding(ctx, tx, p, roomID, consultID)
	if err != nil {
		return err
	}
	if err := move(ctx, tx, `UPDATE consults SET state = 'withdrawn' WHERE id = $1 AND state = 'open'`, c.ID); err != nil {
		return err
	}
	if err := closeOthers(ctx, tx, c.ID, r.StudyID); err != nil {
		return err
	}
	return record(ctx, tx, r, EventConsult, p.UserID, "withdrawn "+c.ID)
}

// Decide records what becomes of the patient after an accepted consult. It may be
// said again: the last word stands, each is in the trail.
func Decide(ctx context.Context, tx db.Tx, p identity.Principal, roomID, consultID string, t Transfer, note string) error {
	r, c, err := deciding(ctx, tx, p, roomID, consultID)
	if err != nil {
		return err
	}
	if note, err = clean(note, true); err != nil {
		return err
	}
	switch {
	case c.State != Accepted:
		return ErrClosed
	case t != TransferNow && t != TransferLater && t != TransferStay:
		return ErrText
	}
	_, err = tx.ExecContext(ctx, `UPDATE consults SET transfer = $1, transfer_note = $2, transfer_by = $3, transfer_at = $4 WHERE id = $5`,
		string(t), note, p.UserID, db.Micros(db.Now()), c.ID)
	if err != nil {
		return fmt.Errorf("room: transfer: %w", err)
	}
	return record(ctx, tx, r, EventConsult, p.UserID, "transfer "+string(t)+" "+c.ID)
}

// deciding finds a consult of a study's room for one who may decide about it: who
// asked, who accepted, and coordinators.
func deciding(ctx context.Context, tx db.Tx, p identity.Principal, roomID, consultID string) (Room, Consult, error) {
	r, err := Find(ctx, tx, p, roomID)
	if err != nil {
		return r, Consult{}, err
	}
	all, err := Consults(ctx, tx, p, r)
	if err != nil {
		return r, Consult{}, err
	}
	i := slices.IndexFunc(all, func(c Consult) bool { return c.ID == consultID })
	if i < 0 {
		return r, Consult{}, ErrNotAsked
	}
	if p.UserID != all[i].AskedBy && p.UserID != all[i].AcceptedBy && p.Role != identity.Coordinator {
		return r, Consult{}, ErrNotAsked
	}
	return r, all[i], nil
}

// Consults are those about the study of a room that concern p: members of the
// study's room see each and who took it, candidates their own; the private rooms
// are named to who sits in them only.
func Consults(ctx context.Context, tx db.Tx, p identity.Principal, r Room) ([]Consult, error) {
	var a args
	cond := `c.study_id = ` + a.add(r.StudyID)
	if r.Private != nil {
		cond = `c.id = ` + a.add(r.Private.ConsultID)
	}
	list, err := collect(ctx, tx, `SELECT c.id, c.study_id, c.asked_by, c.question, c.state, c.accepted_by, c.transfer, c.transfer_note, c.transfer_by, c.transfer_at, c.created_at
 FROM consults c WHERE `+cond+` ORDER BY c.created_at, c.id LIMIT 100`, a, func(rows *sql.Rows) (c Consult, err error) {
		var decided, made int64
		err = rows.Scan(&c.ID, &c.StudyID, &c.AskedBy, &c.Question, &c.State, &c.AcceptedBy, &c.Transfer, &c.TransferNote, &c.TransferBy, &decided, &made)
		c.TransferAt, c.CreatedAt = db.FromMicros(decided), db.FromMicros(made)
		return c, err
	})
	if err != nil {
		return nil, err
	}
	for i := range list {
		var a args
		own := `1 = 1`
		if p.UserID != list[i].AskedBy && p.Role != identity.Coordinator {
			own = `candidate = ` + a.add(p.UserID) // whom else was asked is between them
		}
		list[i].Asked, err = collect(ctx, tx, `SELECT id, consult_id, candidate, state, answered_at FROM consult_rooms WHERE `+own+` AND consult_id = `+a.add(list[i].ID)+` ORDER BY id`, a,
			func(rows *sql.Rows) (x Asked, err error) {
				var at int64
				err = rows.Scan(&x.RoomID, &x.ConsultID, &x.Candidate, &x.State, &at)
				x.AnsweredAt = db.FromMicros(at)
				return x, err
			})
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// settle writes the answer of one candidate who had not answered.
func settle(ctx context.Context, tx db.Tx, roomID string, s State) error {
	return move(ctx, tx, `UPDATE consult_rooms SET state = $1, answered_at = $2 WHERE id = $3 AND state = 'asked'`, string(s), db.Micros(db.Now()), roomID)
}

// closeOthers closes the rooms of a consult in which nobody has answered.
func closeOthers(ctx context.Context, tx db.Tx, consultID, studyID string) error {
	var a args
	open, err := collect(ctx, tx, `SELECT id, candidate FROM consult_rooms WHERE state = 'asked' AND consult_id = `+a.add(consultID), a,
		func(rows *sql.Rows) (x Asked, err error) { return x, rows.Scan(&x.RoomID, &x.Candidate) })
	if err != nil {
		return err
	}
	for _, x := range open {
		if err := settle(ctx, tx, x.RoomID, Closed); err != nil {
			return err
		}
		if err := shutRoom(ctx, tx, x.RoomID, studyID, x.Candidate); err != nil {
			return err
		}
	}
	return nil
}

// shutRoom takes the study back from a candidate to whom it was opened for the room.
func shutRoom(ctx context.Context, tx db.Tx, roomID, studyID, candidate string) error {
	var granted int
	if err := tx.QueryRowContext(ctx, `SELECT granted FROM consult_rooms WHERE id = $1`, roomID).Scan(&granted); err != nil {
		return fmt.Errorf("room: close: %w", err)
	}
	if granted == 0 {
		return nil
	}
	return shut(ctx, tx, studyID, candidate)
}

// move is a change of state that has to meet its condition.
func move(ctx context.Context, tx db.Tx, q string, a ...any) error {
	res, err := tx.ExecContext(ctx, q, a...)
	if err != nil {
		return fmt.Errorf("room: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return ErrClosed
	}
	return nil
}

// Candidates are the people who may be asked about the study of a room: readers and
// ordering doctors who do not sit in it, by name.
func Candidates(ctx context.Context, tx db.Tx, r Room) ([]Member, error) {
	there, err := Members(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	list, err := members(ctx, tx, `SELECT u.id, u.name, u.name_en, u.role, u.facility_id FROM users u
 WHERE u.disabled = 0 AND u.role IN ('reader', 'ordering_doctor') ORDER BY u.name, u.id LIMIT 500`, nil)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(m Member) bool {
		return slices.ContainsFunc(there, func(t Member) bool { return t.ID == m.ID })
	}), nil
}
