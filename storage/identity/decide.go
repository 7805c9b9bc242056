package identity

import (
	"slices"
	"time"
)

// Resource is what an action is to be done to. The zero Resource stands for
// nothing in particular: the question is then whether the role has the right at
// all.
type Resource struct {
	// FacilityID is the hospital whose study, order or patient it is.
	FacilityID string
	// Users and Panels it was granted to.
	Users, Panels []string
	// Patient is the catalog's patient (patients.id), for emergency access.
	Patient string
	// Currents are studies being read whose patients may be this one, Consent what
	// the patient has said of showing it to their facilities, At when it is asked.
	Currents []Current
	Consent  Consent
	At       time.Time
	// Account is the role of the account that is to be changed, Self whether it
	// is the asker's own.
	Account Role
	Self    bool
}

// nothing reports whether no resource was named.
func (r Resource) nothing() bool {
	return r.FacilityID == "" && r.Account == "" && r.Patient == "" && len(r.Users) == 0 && len(r.Panels) == 0 && !r.Self
}

// Decision is an answer with its reason, which is for the log and the trail, never
// for who was refused.
type Decision struct {
	Allowed bool
	Reason  string
}

func deny(reason string) Decision { return Decision{Reason: reason} }

// Decide says whether p may do a to r, and why. It is a pure function: what it
// needs to know is in its arguments. A refusal because of the resource is answered
// to the asker as if there were no such thing.
func Decide(p Principal, a Action, r Resource) Decision {
	switch {
	case p.Role == "":
		return deny("not signed in")
	case len(p.Needs) > 0:
		return deny("sign-in is not complete: " + string(p.Needs[0]))
	case !rights[p.Role][a]:
		return deny("role " + string(p.Role) + " has no right to " + string(a))
	case p.Role.AtFacility() && p.FacilityID == "":
		return deny("role " + string(p.Role) + " needs a facility")
	case r.nothing():
		return Decision{true, "role " + string(p.Role) + " has the right to " + string(a)}
	case r.Account != "" || r.Self:
		return decideAccount(p, r)
	}
	return decideData(p, a, r)
}

// decideAccount: nobody raises themselves, and a coordinator does not make those
// who stand above.
func decideAccount(p Principal, r Resource) Decision {
	switch {
	case r.Self:
		return deny("nobody changes the rights of their own account")
	case p.Role != Admin && (r.Account == Admin || r.Account == Auditor):
		return deny("only an administrator changes accounts of role " + string(r.Account))
	}
	return Decision{true, "accounts of role " + string(r.Account)}
}

// decideData is Scope.SharedFilter for one study.
func decideData(p Principal, a Action, r Resource) Decision {
	s := p.Scope()
	switch {
	case s.All:
		return Decision{true, "sees every study"}
	case s.FacilityID != "" && s.FacilityID == r.FacilityID:
		return Decision{true, "of the own facility"}
	case s.UserID != "" && slices.Contains(r.Users, s.UserID):
		return Decision{true, "granted by name"}
	case slices.ContainsFunc(r.Panels, func(id string) bool { return slices.Contains(s.PanelIDs, id) }):
		return Decision{true, "granted to a panel of theirs"}
	case r.Patient != "" && slices.Contains(s.Patients, r.Patient):
		return Decision{true, "emergency access"}
	}
	return decidePrior(p, a, r)
}
