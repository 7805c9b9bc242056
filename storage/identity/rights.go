package identity

// Action is something a principal asks to do.
type Action string

// The actions.
const (
	ViewStudy        Action = "study.view"       // lists and descriptions within the scope
	ViewImages       Action = "image.view"       // pictures, frames
	ViewReport       Action = "report.view"      // signed reports
	ExportStudy      Action = "study.export"     // original files
	SendStudy        Action = "study.send"       // store instances for the own facility
	AcknowledgeStudy Action = "study.received"   // confirm that the report has arrived
	ReadWorklist     Action = "worklist.read"    // see work items
	ClaimWork        Action = "workitem.claim"   // claim, release, draft
	SignReport       Action = "report.sign"      // sign an own draft; a trainee's is preliminary
	AmendReport      Action = "report.amend"     // add to, correct, retract a signed report
	ReassignWork     Action = "workitem.assign"  // move work to another panel or priority
	RetryDelivery    Action = "delivery.retry"   // send again
	GiveUpDelivery   Action = "delivery.giveup"  // end the attempts of what is parked
	SetReminding     Action = "reminding.set"    // who at a hospital is reminded of what is unread, and when
	RecordContact    Action = "critical.contact" // write down who was told of a critical finding
	ReviewReports    Action = "report.review"    // look at a signed report of another reader again
	ViewQuality      Action = "quality.view"     // one's own numbers; the coordinator's, all
	ExportResearch   Action = "report.research"  // reports without who they are of
	RecordOutcome    Action = "outcome.record"   // tell a reader what became of the patient
	ManageOrders     Action = "order.manage"     // put on and take off the modality worklist
	JoinRooms        Action = "room.join"        // read and speak in the rooms one sits in
	InviteToRooms    Action = "room.invite"      // ask others in, consult, decide on a transfer
	AskDeletion      Action = "deletion.request" // have a study deleted, with a reason
	DecideDeletion   Action = "deletion.decide"  // agree to it, refuse it, take a study out of the trash
	PlaceHold        Action = "study.hold"       // keep a study whatever its retention
	BreakGlass       Action = "emergency.open"   // open a patient's studies for a stated emergency
	ReviewEmergency  Action = "emergency.review"
	RecordConsent    Action = "consent.record"  // the register of consents of the own facility
	LinkPatients     Action = "patient.link"    // say that patients of two hospitals are one person; another confirms
	ViewDirectory    Action = "directory.view"  // facilities, panels, readers, rules
	ChangeDirectory  Action = "directory.write" // change them
	ManageUsers      Action = "user.manage"     // accounts of others
	ManageTokens     Action = "token.manage"    // credentials of machines
	ViewAudit        Action = "audit.view"
)

// actions in the order of the printed matrix.
var actions = []Action{
	ViewStudy, ViewImages, ViewReport, ExportStudy, SendStudy, AcknowledgeStudy, RecordContact, SetReminding, RecordOutcome, ManageOrders, RetryDelivery, GiveUpDelivery, RecordConsent,
	AskDeletion, DecideDeletion, PlaceHold, ReadWorklist, ClaimWork, SignReport, AmendReport, ReviewReports, ViewQuality, ExportResearch, ReassignWork, JoinRooms, InviteToRooms, BreakGlass, ReviewEmergency, LinkPatients,
	ViewDirectory, ChangeDirectory, ManageUsers, ManageTokens, ViewAudit,
}

// Actions are all actions.
func Actions() []Action { return append([]Action(nil), actions...) }

// Valid reports whether a is one of Actions.
func (a Action) Valid() bool {
	for _, known := range actions {
		if a == known {
			return true
		}
	}
	return false
}

// NeedsProof reports whether a page left open is not enough for a change by this
// action: who asks has proved lately who they are.
func (a Action) NeedsProof() bool {
	switch a {
	case SignReport, AmendReport, AskDeletion, DecideDeletion, PlaceHold, ChangeDirectory, ManageUsers, ManageTokens, BreakGlass, LinkPatients, RecordConsent:
		return true
	}
	return false
}

// rights is the whole policy: role by action. docs/RIGHTS.md prints it.
var rights = map[Role]map[Action]bool{
	Technologist:   set(ViewStudy, ViewImages, ViewReport, JoinRooms, ExportStudy, SendStudy, AcknowledgeStudy, ManageOrders, RetryDelivery),
	OrderingDoctor: set(RecordOutcome, ViewStudy, ViewImages, ViewReport, JoinRooms, InviteToRooms, ExportStudy, AcknowledgeStudy, ManageOrders, RecordConsent, RecordContact, AskDeletion, BreakGlass),
	WardStaff:      set(ViewStudy, ViewImages, ViewReport, JoinRooms, AcknowledgeStudy, RecordConsent),
	Pharmacist:     set(ViewStudy, ViewReport, JoinRooms),
	Hospital:       set(RecordOutcome, ViewStudy, ViewImages, ViewReport, JoinRooms, InviteToRooms, ExportStudy, SendStudy, AcknowledgeStudy, ManageOrders, RetryDelivery, RecordConsent, RecordContact, SetReminding, AskDeletion),
	Reader:         set(ReviewReports, ViewQuality, ViewStudy, ViewImages, ViewReport, JoinRooms, InviteToRooms, ExportStudy, ReadWorklist, ClaimWork, SignReport, AmendReport, RecordContact, BreakGlass),
	Trainee:        set(ViewQuality, ViewStudy, ViewImages, ViewReport, JoinRooms, ReadWorklist, ClaimWork, SignReport),
	Coordinator: set(ViewQuality, ExportResearch, ViewStudy, ViewImages, ViewReport, JoinRooms, InviteToRooms, ExportStudy, ReadWorklist, ReassignWork, RetryDelivery, GiveUpDelivery, ManageOrders, RecordContact, SetReminding, ViewDirectory,
		ChangeDirectory, ManageUsers, ReviewEmergency, LinkPatients, ViewAudit, AskDeletion, DecideDeletion, PlaceHold),
	Admin: set(ViewStudy, ViewImages, ViewReport, ReadWorklist, ReassignWork, RetryDelivery, GiveUpDelivery, SetReminding, ViewDirectory, ChangeDirectory, ManageUsers,
		ManageTokens, ReviewEmergency, LinkPatients, ViewAudit, AskDeletion, DecideDeletion, PlaceHold),
	Auditor: set(ViewDirectory, ReviewEmergency, ViewAudit),
	Service: set(ViewStudy, ViewImages, ViewReport, ExportStudy, SendStudy, ManageOrders),
}

func set(actions ...Action) map[Action]bool {
	m := make(map[Action]bool, len(actions))
	for _, a := range actions {
		m[a] = true
	}
	return m
}

// RightsOf lists what a role may ask for, in the order of Actions.
func RightsOf(r Role) []Action {
	var out []Action
	for _, a := range actions {
		if rights[r][a] {
			out = append(out, a)
		}
	}
	return out
}
