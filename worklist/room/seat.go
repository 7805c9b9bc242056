package room

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// args collects the arguments of a statement.
type args []any

func (a *args) add(v any) string {
	*a = append(*a, v)
	return "$" + strconv.Itoa(len(*a))
}

func (a *args) scope(s identity.Scope) string {
	cond, more := s.StudyFilter(len(*a) + 1)
	*a = append(*a, more...)
	return cond
}

// staff are the roles at a hospital that sit in the rooms of its studies.
var staff = []identity.Role{identity.Technologist, identity.OrderingDoctor, identity.WardStaff, identity.Hospital}

// assigned asks that a Workitem of table studies is in the hands of a user: claimed
// or signed by them, or offered to them by name.
const assigned = `EXISTS (SELECT 1 FROM workitems w WHERE w.study_id = studies.id AND (
 w.claimed_by = %[1]s AND w.state IN ('IN PROGRESS', 'COMPLETED')
 OR w.state = 'SCHEDULED' AND (w.main_reader = %[1]s AND w.offer_state = '' OR w.deputy = %[1]s AND w.offer_state = 'deputy')))`

// seat is the condition that p sits in the room of table studies.
func seat(p identity.Principal, a *args) string {
	var ways []string
	user := a.add(p.UserID)
	switch {
	case p.Role == identity.Coordinator:
		ways = append(ways, "1 = 1")
	case p.Role.AtFacility():
		own := "studies.facility_id = " + a.add(p.FacilityID)
		for _, r := range staff {
			if r == p.Role {
				ways = append(ways, own)
			}
		}
		ways = append(ways, own+` AND EXISTS (SELECT 1 FROM room_invitations i WHERE i.study_id = studies.id AND i.kind = 'role' AND i.grantee = `+a.add(string(p.Role))+")")
	case p.Role.Reads():
		ways = append(ways, fmt.Sprintf(assigned, user))
	}
	ways = append(ways, `EXISTS (SELECT 1 FROM room_invitations i WHERE i.study_id = studies.id AND i.kind = 'user' AND i.grantee = `+user+")")
	return "(" + a.scope(p.Scope()) + " AND EXISTS (SELECT 1 FROM workitems o WHERE o.study_id = studies.id) AND (" + strings.Join(ways, " OR ") + "))"
}

// privateSeat is the condition that p sits in the private room of tables
// consult_rooms r and consults c, of table studies.
func privateSeat(p identity.Principal, a *args) string {
	cond := "1 = 1"
	if p.Role != identity.Coordinator {
		user := a.add(p.UserID)
		cond = "c.asked_by = " + user + " OR r.candidate = " + user + " AND r.state IN ('asked', 'accepted')"
	}
	return "(" + a.scope(p.Scope()) + " AND (" + cond + "))"
}

// messageSeat is the condition that p sits in the room of table room_messages m.
func messageSeat(p identity.Principal, a *args) string {
	return `(m.room_id = m.study_id AND EXISTS (SELECT 1 FROM studies WHERE studies.id = m.study_id AND ` + seat(p, a) + `)
 OR EXISTS (SELECT 1 FROM consult_rooms r JOIN consults c ON c.id = r.consult_id JOIN studies ON studies.id = c.study_id WHERE r.id = m.room_id AND ` + privateSeat(p, a) + `))`
}

// Find gives a room of p's, or ErrNotFound.
func Find(ctx context.Context, tx db.Tx, p identity.Principal, id string) (Room, error) {
	r := Room{ID: id, StudyID: id}
	var a args
	q := `SELECT studies.facility_id FROM studies WHERE studies.id = ` + a.add(id) + ` AND ` + seat(p, &a)
	err := tx.QueryRowContext(ctx, q, a...).Scan(&r.FacilityID)
	if err == nil {
		return r, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return Room{}, fmt.Errorf("room: find: %w", err)
	}
	a = nil
	var asked Asked
	q = `SELECT studies.id, studies.facility_id, r.consult_id, r.candidate, r.state FROM consult_rooms r
 JOIN consults c ON c.id = r.consult_id JOIN studies ON studies.id = c.study_id WHERE r.id = ` + a.add(id) + ` AND ` + privateSeat(p, &a)
	err = tx.QueryRowContext(ctx, q, a...).Scan(&r.StudyID, &r.FacilityID, &asked.ConsultID, &asked.Candidate, &asked.State)
	if errors.Is(err, sql.ErrNoRows) {
		return Room{}, ErrNotFound
	}
	if err != nil {
		return Room{}, fmt.Errorf("room: find: %w", err)
	}
	asked.RoomID = id
	r.Private = &asked
	return r, nil
}

// Members are the people of a room, at most 200.
func Members(ctx context.Context, tx db.Tx, r Room) ([]Member, error) {
	var a args
	cond := ""
	if r.Private != nil {
		cond = `u.role = 'coordinator' OR u.id = ` + a.add(r.Private.Candidate) + ` OR u.id = (SELECT asked_by FROM consults WHERE id = ` + a.add(r.Private.ConsultID) + ")"
	} else {
		roles := make([]string, len(staff))
		for i, s := range staff {
			roles[i] = a.add(string(s))
		}
		cond = `u.role = 'coordinator'
 OR u.facility_id = studies.facility_id AND u.role IN (` + strings.Join(roles, ", ") + `)
 OR u.role IN ('reader', 'trainee') AND ` + fmt.Sprintf(assigned, "u.id") + `
 OR EXISTS (SELECT 1 FROM room_invitations i WHERE i.study_id = studies.id AND (i.kind = 'user' AND i.grantee = u.id
  OR i.kind = 'role' AND i.grantee = u.role AND u.facility_id = studies.facility_id))`
	}
	q := `SELECT u.id, u.name, u.name_en, u.role, u.facility_id FROM studies, users u WHERE studies.id = ` + a.add(r.StudyID) + ` AND u.disabled = 0 AND (` + cond + `) ORDER BY u.role, u.login LIMIT 200`
	return members(ctx, tx, q, a)
}

func members(ctx context.Context, tx db.Tx, q string, a args) ([]Member, error) {
	return collect(ctx, tx, q, a, func(rows *sql.Rows) (m Member, err error) {
		err = rows.Scan(&m.ID, &m.Name, &m.NameEn, &m.Role, &m.FacilityID)
		return m, err
	})
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, tx db.Tx, q string, a args, scan func(*sql.Rows) (T, error)) ([]T, error) {
	rows, err := tx.QueryContext(ctx, q, a...)
	if err != nil {
		return nil, fmt.Errorf("room: %w", err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("room: %w", err)
		}
		out = append(out, v)
	}
	return out, rows.Err()
}
