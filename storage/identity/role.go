package identity

// Role is what a principal does here.
type Role string

// The roles.
const (
	Reader      Role = "reader"      // reads and reports studies granted to them or their panel
	Coordinator Role = "coordinator" // sees all studies, moves work between panels
	Hospital    Role = "hospital"    // staff of a facility: sends studies, receives reports
	Admin       Role = "admin"       // sets up facilities, users, rules
	Service     Role = "service"     // a machine client bound to a facility
)

// Roles are all roles.
func Roles() []Role { return []Role{Reader, Coordinator, Hospital, Admin, Service} }

// Valid reports whether r is one of Roles.
func (r Role) Valid() bool {
	_, ok := allowed[r]
	return ok
}

// Action is something a principal asks to do. Which rows it may be done to is
// the matter of Scope.
type Action string

// The actions.
const (
	ViewStudy        Action = "study.view"      // lists, images, reports within the scope
	ExportStudy      Action = "study.export"    // original files
	SendStudy        Action = "study.send"      // store instances for the own facility
	AcknowledgeStudy Action = "study.received"  // confirm that the report has arrived
	ReadWorklist     Action = "worklist.read"   // see work items
	ClaimWork        Action = "workitem.claim"  // claim, release, draft
	SignReport       Action = "report.sign"     // sign an own draft
	ReassignWork     Action = "workitem.assign" // move work to another panel or priority
	RetryDelivery    Action = "delivery.retry"  // send again
	ViewDirectory    Action = "directory.view"  // facilities, panels, readers, rules
	ChangeDirectory  Action = "directory.write" // change them
	ManageUsers      Action = "user.manage"     // users, tokens, sessions of others
	ViewAudit        Action = "audit.view"
	ManageOrders     Action = "order.manage" // put on and take off the modality worklist
)

// allowed is the whole policy: role by action.
var allowed = map[Role]map[Action]bool{
	Reader:      set(ViewStudy, ExportStudy, ReadWorklist, ClaimWork, SignReport),
	Coordinator: set(ViewStudy, ExportStudy, ReadWorklist, ReassignWork, RetryDelivery, ViewDirectory, ManageOrders),
	Hospital:    set(ViewStudy, ExportStudy, SendStudy, AcknowledgeStudy, RetryDelivery, ManageOrders),
	Admin:       set(ViewStudy, ReadWorklist, ReassignWork, RetryDelivery, ViewDirectory, ChangeDirectory, ManageUsers, ViewAudit),
	Service:     set(ViewStudy, ExportStudy, SendStudy, ManageOrders),
}

func set(actions ...Action) map[Action]bool {
	m := make(map[Action]bool, len(actions))
	for _, a := range actions {
		m[a] = true
	}
	return m
}

// Decide says whether p may ask for a, and if not, why.
func Decide(p Principal, a Action) (ok bool, reason string) {
	switch {
	case p.Role == "":
		return false, "not signed in"
	case !allowed[p.Role][a]:
		return false, "role " + string(p.Role) + " has no right to " + string(a)
	case (p.Role == Hospital || p.Role == Service) && p.FacilityID == "":
		return false, "role " + string(p.Role) + " needs a facility"
	}
	return true, ""
}
