package send

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/transcode"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
)

// Report is what became of the files.
type Report struct {
	Found    int   // DICOM instances among the paths
	Sent     int   // acknowledged by the peer in this run
	Skipped  int   // acknowledged in an earlier run, by the journal
	Unsent   int   // not tried because the run ended early
	Bytes    int64 // of the files sent
	Duration time.Duration

	Failed  []Problem // DICOM instances, or paths, that did not arrive
	Ignored []Problem // files that are no DICOM instances
	// Committed and Uncommitted are instances the receiver was asked to commit.
	Committed   int
	Uncommitted []Problem
	// Warnings counts instances the peer kept with a warning status.
	Warnings int
}

// Problem is a file and what is wrong with it.
type Problem struct {
	Path   string
	Reason string // what happened
	Next   string // what to do about it
	Err    error
	Status dimse.Status // when the peer answered, else Success
}

func (p Problem) String() string { return p.Path + ": " + p.Reason + ". " + p.Next }

// StatusError is a response other than success or warning.
type StatusError struct{ Status dimse.Status }

func (e *StatusError) Error() string { return "the receiver answered " + e.Status.String() }

// explain turns an error into words for the person at the keyboard.
func explain(path string, err error) Problem {
	p := Problem{Path: path, Reason: err.Error(), Err: err, Next: "Run the same command again: what was acknowledged is not sent twice."}
	var (
		status  *StatusError
		context *service.NoContextError
		source  *ul.SourceError
		reject  *ul.RejectError
		abort   *ul.AbortError
		network net.Error
	)
	switch {
	case errors.As(err, &status):
		p.Status, p.Next = status.Status, nextForStatus(status.Status)
	case errors.As(err, &context):
		p.Next = nextForContext(context)
	case errors.Is(err, transcode.ErrEncapsulated):
		p.Next = "The receiver does not take this compression and no decoder for it is at hand: enable it at the receiver or decompress the file first."
	case errors.Is(err, fs.ErrNotExist):
		p.Reason, p.Next = "the file is not there", "Check the medium: a DICOMDIR may name files that were not copied with it."
	case errors.Is(err, fs.ErrPermission):
		p.Reason, p.Next = "the file may not be read", "Give yourself read permission or run the command as its owner."
	case errors.As(err, &source), errors.Is(err, service.ErrOdd), errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, ul.ErrClosed):
		p.Next = "The file is damaged or unreadable: copy it again from where it came from and check it with `dokuei dump FILE`."
	case errors.As(err, &reject):
		p.Next = nextForReject(reject)
	case errors.Is(err, ul.ErrARTIM):
		p.Reason, p.Next = "the receiver does not answer in DICOM", "Check that address and port are those of its DICOM service."
	case errors.Is(err, ul.ErrIdle), errors.Is(err, ul.ErrStalled):
		p.Reason = "the receiver stopped answering"
	case errors.As(err, &abort):
		p.Reason = "the receiver broke off: " + abort.Error()
	case errors.As(err, &network) && network.Timeout():
		p.Reason, p.Next = "the receiver does not answer", "Check address, port and firewall, then run the same command again."
	case errors.Is(err, ul.ErrClosed):
		p.Reason = "the connection was lost"
	case errors.As(err, &network):
		p.Reason, p.Next = fmt.Sprintf("no connection: %v", err), "Check that the receiver runs and that address and port are right, then run the same command again."
	}
	return p
}

func nextForStatus(s dimse.Status) string {
	switch {
	case s.Temporary():
		return "The receiver is out of space or busy: tell its operator, then run the same command again."
	case s == dimse.NotAuthorized:
		return "The receiver does not allow this sender to store: ask its operator to register your AE title."
	case s == dimse.SOPClassNotSupported:
		return "The receiver does not keep this kind of object: ask its operator whether it should."
	case s == dimse.InvalidSOPInstance:
		return "The object's SOP Instance UID is not a valid UID: it has to be corrected where the object was made."
	case s == dimse.DuplicateSOPInstance:
		return "The receiver has an object of this UID already: compare the two before sending again."
	case s>>8 == 0xA9:
		return "The object's header contradicts itself: check it with `dokuei dump FILE`."
	case s>>12 == 0xC:
		return "The receiver cannot read the object, it may be damaged: check it with `dokuei dump FILE`."
	}
	return "Look into the receiver's log for the reason."
}

func nextForContext(e *service.NoContextError) string {
	if e.Result == pdu.ContextAbstractSyntaxNotSupported {
		return "The receiver does not take objects of this SOP class: enable it there."
	}
	if ts, ok := uid.LookupTransferSyntax(e.TransferSyntaxUID); ok && ts.Encapsulated {
		return "The receiver does not take this compression and no decoder for it is at hand: enable it at the receiver or decompress the file first."
	}
	return "The receiver takes no transfer syntax this object could be sent in: enable Implicit VR Little Endian there."
}

func nextForReject(e *ul.RejectError) string {
	switch {
	case e.Source == pdu.SourceServiceUser && e.Reason == 3:
		return "The receiver does not know your AE title: register it there, or give the right one with --aet."
	case e.Source == pdu.SourceServiceUser && e.Reason == 7:
		return "The receiver is not called that: give its AE title with --aec."
	case e.Temporary():
		return "The receiver has no room for another association: wait, or use fewer associations, and run the same command again."
	}
	return "The receiver refuses the association: ask its operator why."
}
