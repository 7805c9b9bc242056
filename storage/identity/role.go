package identity

// Role is what a principal does here.
type Role string

// The roles. Their rights are the matrix in rights.go.
const (
	Technologist   Role = "technologist"    // at a hospital: takes and sends the images, orders, keeps deliveries going
	OrderingDoctor Role = "ordering_doctor" // at a hospital: asks for a reading and answers for the patient
	WardStaff      Role = "ward"            // at a hospital: nurses and clerks who receive the report
	Pharmacist     Role = "pharmacist"      // at a hospital: sees reports, no images
	Hospital       Role = "hospital"        // at a hospital too small to divide the three first of these
	Reader         Role = "reader"          // reads and signs what is granted to them or their panel
	Trainee        Role = "trainee"         // reads as a reader does; what they sign is preliminary until another verifies it
	Coordinator    Role = "coordinator"     // sees all studies, moves work, keeps the people
	Admin          Role = "admin"           // sets up facilities, users, rules, machines
	Auditor        Role = "auditor"         // reads the trail, and no patient's data
	Service        Role = "service"         // a machine client bound to a facility
)

// roles in the order in which people expect them.
var roles = []Role{Technologist, OrderingDoctor, WardStaff, Pharmacist, Hospital, Reader, Trainee, Coordinator, Admin, Auditor, Service}

// Roles are all roles.
func Roles() []Role { return append([]Role(nil), roles...) }

// ParseRole gives the role of a name as people write it: a Role, or
// "administrator". ok is false for anything else.
func ParseRole(name string) (r Role, ok bool) {
	if name == "administrator" {
		return Admin, true
	}
	r = Role(name)
	return r, r.Valid()
}

// Valid reports whether r is one of Roles.
func (r Role) Valid() bool {
	_, ok := rights[r]
	return ok
}

// AtFacility reports whether who has the role belongs to one facility and sees
// its studies alone.
func (r Role) AtFacility() bool {
	switch r {
	case Technologist, OrderingDoctor, WardStaff, Pharmacist, Hospital, Service:
		return true
	}
	return false
}

// Reads reports whether who has the role reads for panels.
func (r Role) Reads() bool { return r == Reader || r == Trainee }

// Human reports whether a person may have the role.
func (r Role) Human() bool { return r.Valid() && r != Service }

// Desks of the pages: which of the three kinds of work a role sees first.
const (
	DeskReading      = "reading"
	DeskHospital     = "hospital"
	DeskCoordination = "coordination"
)

// Desk is where the pages take who has the role.
func (r Role) Desk() string {
	switch {
	case r.Reads():
		return DeskReading
	case r.AtFacility():
		return DeskHospital
	}
	return DeskCoordination
}
