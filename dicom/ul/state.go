package ul

import "strconv"

// State is a state of the protocol machine, PS3.8 Tables 9-1 to 9-5.
type State uint8

// The states of PS3.8 clause 9.2.2.
const (
	Sta1  State = 1 + iota // Idle
	Sta2                   // Transport connection open (awaiting A-ASSOCIATE-RQ)
	Sta3                   // Awaiting local A-ASSOCIATE response primitive
	Sta4                   // Awaiting transport connection opening to complete
	Sta5                   // Awaiting A-ASSOCIATE-AC or A-ASSOCIATE-RJ
	Sta6                   // Association established and ready for data transfer
	Sta7                   // Awaiting A-RELEASE-RP
	Sta8                   // Awaiting local A-RELEASE response primitive
	Sta9                   // Release collision requestor: awaiting A-RELEASE response primitive
	Sta10                  // Release collision acceptor: awaiting A-RELEASE-RP
	Sta11                  // Release collision requestor: awaiting A-RELEASE-RP
	Sta12                  // Release collision acceptor: awaiting A-RELEASE response primitive
	Sta13                  // Awaiting transport connection close indication
	states
)

func (s State) String() string { return "Sta" + strconv.Itoa(int(s)) }

// Event is an event of PS3.8 Table 9-10.
type Event uint8

// The events of PS3.8 Table 9-10.
const (
	Evt1  Event = 1 + iota // A-ASSOCIATE request (local user)
	Evt2                   // Transport connection confirmation
	Evt3                   // A-ASSOCIATE-AC received
	Evt4                   // A-ASSOCIATE-RJ received
	Evt5                   // Transport connection indication
	Evt6                   // A-ASSOCIATE-RQ received
	Evt7                   // A-ASSOCIATE response primitive (accept)
	Evt8                   // A-ASSOCIATE response primitive (reject)
	Evt9                   // P-DATA request primitive
	Evt10                  // P-DATA-TF received
	Evt11                  // A-RELEASE request primitive
	Evt12                  // A-RELEASE-RQ received
	Evt13                  // A-RELEASE-RP received
	Evt14                  // A-RELEASE response primitive
	Evt15                  // A-ABORT request primitive
	Evt16                  // A-ABORT received
	Evt17                  // Transport connection closed indication
	Evt18                  // ARTIM timer expired
	Evt19                  // Unrecognized or invalid PDU received
	events
)

func (e Event) String() string { return "Evt" + strconv.Itoa(int(e)) }

// Action is an action of PS3.8 Tables 9-6 to 9-9.
type Action uint8

// The actions of PS3.8 clause 9.2.3.
const (
	_    Action = iota
	AE1         // Issue TRANSPORT CONNECT request
	AE2         // Send A-ASSOCIATE-RQ
	AE3         // Issue A-ASSOCIATE confirmation (accept)
	AE4         // Issue A-ASSOCIATE confirmation (reject), close transport connection
	AE5         // Issue transport connection response; start ARTIM
	AE6         // Stop ARTIM; indicate the A-ASSOCIATE-RQ, or send A-ASSOCIATE-RJ and start ARTIM
	AE7         // Send A-ASSOCIATE-AC
	AE8         // Send A-ASSOCIATE-RJ, start ARTIM
	DT1         // Send P-DATA-TF
	DT2         // Issue P-DATA indication
	AR1         // Send A-RELEASE-RQ
	AR2         // Issue A-RELEASE indication
	AR3         // Issue A-RELEASE confirmation, close transport connection
	AR4         // Send A-RELEASE-RP, start ARTIM
	AR5         // Stop ARTIM
	AR6         // Issue P-DATA indication
	AR7         // Send P-DATA-TF
	AR8         // Issue A-RELEASE indication (release collision)
	AR9         // Send A-RELEASE-RP
	AR10        // Issue A-RELEASE confirmation
	AA1         // Send A-ABORT (service user), start or restart ARTIM
	AA2         // Stop ARTIM, close transport connection
	AA3         // Indicate A-ABORT or A-P-ABORT, close transport connection
	AA4         // Indicate A-P-ABORT
	AA5         // Stop ARTIM
	AA6         // Ignore PDU
	AA7         // Send A-ABORT
	AA8         // Send A-ABORT (service provider), indicate A-P-ABORT, start ARTIM
	actions
)

var actionNames = [actions]string{
	"", "AE-1", "AE-2", "AE-3", "AE-4", "AE-5", "AE-6", "AE-7", "AE-8", "DT-1", "DT-2",
	"AR-1", "AR-2", "AR-3", "AR-4", "AR-5", "AR-6", "AR-7", "AR-8", "AR-9", "AR-10",
	"AA-1", "AA-2", "AA-3", "AA-4", "AA-5", "AA-6", "AA-7", "AA-8",
}

func (a Action) String() string { return actionNames[a] }
