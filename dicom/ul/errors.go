package ul

import (
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/dicom/pdu"
)

// Why an association ended.
var (
	// ErrReleaseRequested is the A-RELEASE indication: the peer has nothing
	// more to send (Sta8).
	ErrReleaseRequested = errors.New("ul: release requested by peer")
	// ErrClosed is a transport connection that closed without A-RELEASE or
	// A-ABORT, or an association already ended.
	ErrClosed = errors.New("ul: connection closed")
	// ErrIdle is a peer silent for longer than Config.Idle.
	ErrIdle = errors.New("ul: peer idle for too long")
	// ErrTooLarge is a message of more than Config.MaxMessageBytes.
	ErrTooLarge = errors.New("ul: message too large")
	// ErrStalled is a peer slower than Config.MinBytesPerSecond.
	ErrStalled = errors.New("ul: peer too slow")
	// ErrARTIM is the expiry of the association request/reject/release timer.
	ErrARTIM = errors.New("ul: ARTIM timer expired")
	// ErrDraining is the server stopping, between two messages.
	ErrDraining = errors.New("ul: shutting down")
	// ErrCanceled is a context that ended while the association was in use.
	ErrCanceled = errors.New("ul: canceled")
)

// RejectError is an A-ASSOCIATE-RJ from the peer, PS3.8 Table 9-21.
type RejectError struct{ pdu.AssociateRJ }

func (e *RejectError) Error() string { return "association " + e.AssociateRJ.String() }

// Temporary says whether the peer invites another try.
func (e *RejectError) Temporary() bool { return e.Result == pdu.RejectedTransient }

// AbortError is an association ended by A-ABORT, from the peer or from here.
type AbortError struct {
	pdu.Abort
	Remote bool
	Cause  error // why we aborted, nil when the peer did
}

func (e *AbortError) Error() string {
	if e.Remote {
		return "association " + e.Abort.String() + " (peer)"
	}
	if e.Cause != nil {
		return "association aborted: " + e.Cause.Error()
	}
	return "association " + e.Abort.String()
}

func (e *AbortError) Unwrap() error { return e.Cause }

// StateError is a primitive that its state does not allow: an empty cell of
// PS3.8 Table 9-10.
type StateError struct {
	State State
	Event Event
}

func (e *StateError) Error() string {
	return fmt.Sprintf("ul: %v is not possible in %v", e.Event, e.State)
}

// UnexpectedPDUError is a PDU its state does not allow (action AA-8).
type UnexpectedPDUError struct {
	State State
	PDU   pdu.Type
}

func (e *UnexpectedPDUError) Error() string { return fmt.Sprintf("%v in %v", e.PDU, e.State) }

// Unwrap makes an association that is over recognisable as ErrClosed.
func (e *StateError) Unwrap() error {
	if e.State == Sta1 || e.State == Sta13 {
		return ErrClosed
	}
	return nil
}
