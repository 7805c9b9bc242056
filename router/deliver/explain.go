package deliver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/internal/outbound"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/object"
)

// errSlow is the cause of an attempt that took longer than Options.Timeout.
var errSlow = errors.New("deliver: attempt took too long")

// finding is what an error of an attempt means.
type finding struct {
	reason      string // in plain words, for the coordinator and the hospital
	unreachable bool   // true of every object for this destination
	permanent   bool   // trying again changes nothing until somebody acts
	status      uint16
}

// explain puts an error into plain words. They hold no name of a patient: none
// of the errors carries a value of a data set.
func explain(err error) finding {
	if f, ok := explainAnswer(err); ok {
		return f
	}
	if f, ok := explainSource(err); ok {
		return f
	}
	return explainNetwork(err)
}

// explainAnswer: the receiver is there and said no.
func explainAnswer(err error) (finding, bool) {
	var status *statusError
	var refusal *RefusalError
	var context *service.NoContextError
	var reject *ul.RejectError
	var abort *ul.AbortError
	var uncommitted *commitmentError
	var refused *commitment.RefusedError
	switch {
	case errors.As(err, &refused):
		return finding{reason: "the receiver accepted the object and refuses to commit it to storage: " + refused.Status.String(), permanent: true}, true
	case errors.As(err, &uncommitted) && errors.As(err, &context):
		return finding{reason: "the receiver accepted the object and offers no storage commitment: take commit out of the site file, or enable it there", permanent: true}, true
	case errors.As(err, &uncommitted) && uncommitted.err == nil:
		return finding{reason: "the receiver accepted the object and does not commit it to storage: " + uncommitted.reason.String()}, true
	case errors.As(err, &uncommitted):
		return finding{reason: "the receiver accepted the object and has not reported that it is committed to storage"}, true
	case errors.As(err, &status):
		return finding{
			reason: "the receiver did not take the object: " + status.status.String(), status: uint16(status.status),
			permanent: !status.status.Temporary(),
		}, true
	case errors.As(err, &refusal):
		return finding{reason: refusal.Reason, permanent: refusal.Permanent}, true
	case errors.As(err, &context):
		return finding{
			reason:    fmt.Sprintf("the receiver does not accept objects of the kind %s", uid.Name(context.SOPClassUID)),
			permanent: true,
		}, true
	case errors.As(err, &reject):
		return finding{reason: "the receiver refused the association: " + reject.AssociateRJ.String(), unreachable: true}, true
	case errors.As(err, &abort) && abort.Remote:
		return finding{reason: "the receiver broke the association off"}, true
	}
	return finding{}, false
}

// explainSource: the fault is on this side.
func explainSource(err error) (finding, bool) {
	var source *sourceError
	var sent *ul.SourceError
	switch {
	case errors.Is(err, object.ErrNotFound), errors.Is(err, catalog.ErrNotFound):
		return finding{reason: "the stored object is missing here", permanent: true}, true
	case errors.As(err, &source), errors.As(err, &sent):
		return finding{reason: "the stored object cannot be read here", permanent: true}, true
	}
	return finding{}, false
}

// explainNetwork: nobody there, or the line is bad.
func explainNetwork(err error) finding {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, outbound.ErrForbidden):
		return finding{reason: "the address of the destination is this machine's own, link-local or multicast: nothing is sent there", permanent: true}
	case errors.Is(err, errSlow):
		return finding{reason: "the receiver was too slow: the attempt was given up"}
	case errors.As(err, &dns):
		return finding{reason: "the host name of the receiver is not known", unreachable: true}
	case errors.Is(err, syscall.ECONNREFUSED):
		return finding{reason: "the receiver does not answer: connection refused", unreachable: true}
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return finding{reason: "there is no way to the receiver's address", unreachable: true}
	case errors.Is(err, ul.ErrARTIM):
		return finding{reason: "the receiver took the connection but does not answer the association request", unreachable: true}
	case errors.Is(err, ul.ErrIdle), errors.Is(err, ul.ErrStalled):
		return finding{reason: "the receiver stopped answering in the middle"}
	case errors.Is(err, ul.ErrClosed), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return finding{reason: "the receiver closed the connection in the middle"}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return finding{reason: "the receiver does not answer: time ran out", unreachable: true}
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return finding{reason: "the receiver cannot be reached", unreachable: true}
	}
	return finding{reason: "the object could not be sent"}
}

// Reason is an error of [Carrier.Carry] in plain words.
func Reason(err error) string { return explain(err).reason }
