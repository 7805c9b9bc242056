package identity

import (
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// Kinds of credential a Principal came with.
const (
	KindSession = "session"
	KindToken   = "token"
	KindMachine = "machine" // a client certificate
)

// Principal is who asks.
type Principal struct {
	UserID     string // the token's ID for a machine
	Login      string
	Name       string
	NameEn     string
	Role       Role
	FacilityID string // of hospital staff and machines
	PanelIDs   []string
	License    string // medical licence number of a reader
	Kind       string // KindSession, KindToken or KindMachine
	// Needs are what is still missing before a session is of any use.
	Needs []Need
	// Proven is when the session was last shown who sits there.
	Proven time.Time
	// Emergencies are the patients opened by breaking the glass, for now.
	Emergencies []string
	// Veils hide from a reader who the patients of some hospitals are.
	Veils Veils
}

// Need is a step between the first credential and a session that opens anything.
type Need string

// The needs, in the order in which they are asked for.
const (
	NeedFactor   Need = "second_factor" // show the second factor of the account
	NeedPassword Need = "password"      // choose an own password
	NeedEnrol    Need = "enrol"         // set up a passkey or a code generator
)

// LogValue names the account and nothing personal.
func (p Principal) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", p.UserID), slog.String("role", string(p.Role)))
}

// Scope is the part of the studies that p may see.
func (p Principal) Scope() Scope {
	switch p.Role {
	case Coordinator, Admin:
		return Scope{All: true, UserID: p.UserID}
	case Reader, Trainee:
		return Scope{UserID: p.UserID, PanelIDs: p.PanelIDs, Patients: p.Emergencies, veils: p.Veils}
	}
	if p.Role.AtFacility() && p.FacilityID != "" {
		return Scope{FacilityID: p.FacilityID, UserID: p.UserID, Patients: p.Emergencies}
	}
	return Scope{}
}

// Scope bounds every read of the catalog. The zero Scope sees nothing.
type Scope struct {
	All        bool
	FacilityID string   // studies of this facility
	UserID     string   // studies granted to this user
	PanelIDs   []string // studies granted to one of these panels
	Patients   []string // studies of these patients (patients.id), opened in an emergency
	Trash      bool     // also what is in the trash

	priorsAt time.Time // WithPriors
	veils    Veils
}

// Everything is the scope of the program's own work (router, preview, delivery).
func Everything() Scope { return Scope{All: true, Trash: true} }

// StudyFilter is an SQL condition on the table studies, under that name, and its
// arguments; the first placeholder is $argStart.
func (s Scope) StudyFilter(argStart int) (cond string, args []any) {
	const there = "studies.trashed_at = 0"
	switch {
	case s.All && s.Trash:
		return "1 = 1", nil
	case s.All:
		return there, nil
	}
	next := numbered(argStart, &args)
	cond = "1 = 0"
	if s.FacilityID != "" {
		cond = "studies.facility_id = " + next(s.FacilityID)
	}
	if grants := s.grants(next); grants != "" {
		cond += " OR EXISTS (SELECT 1 FROM study_grants g WHERE g.study_id = studies.id AND (" + grants + "))"
	}
	if len(s.Patients) > 0 {
		cond += " OR studies.patient_ref IN " + list(s.Patients, next)
	}
	if !s.Trash {
		return "(" + there + " AND (" + cond + "))", args
	}
	return "(" + cond + ")", args
}

// numbered makes placeholders, each with its argument.
func numbered(argStart int, args *[]any) func(any) string {
	return func(v any) string {
		*args = append(*args, v)
		return "$" + strconv.Itoa(argStart+len(*args)-1)
	}
}

// grants is the condition on the table study_grants, named g; "" for a scope that is
// granted nothing.
func (s Scope) grants(next func(any) string) string {
	var of []string
	if s.UserID != "" {
		of = append(of, "g.grantee_kind = 'user' AND g.grantee = "+next(s.UserID))
	}
	if len(s.PanelIDs) > 0 {
		of = append(of, "g.grantee_kind = 'panel' AND g.grantee IN "+list(s.PanelIDs, next))
	}
	return strings.Join(of, " OR ")
}

func list(ids []string, next func(any) string) string {
	in := make([]string, len(ids))
	for i, id := range ids {
		in[i] = next(id)
	}
	return "(" + strings.Join(in, ", ") + ")"
}
