package commitment

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
)

// Asker is the user of the class (PS3.4 J.2): it asks providers to commit and
// takes in what they report, on the association that asked or on one of theirs,
// for which the owner of a receiver calls Reported. The zero value is ready. It may
// be used from any goroutine.
type Asker struct {
	// Called says that providers can call us: an association that ends without
	// a report is then not the end of the wait.
	Called bool

	mu      sync.Mutex
	waiting map[string]chan Result // by Transaction UID
}

// RefusedError is a provider that does not take the request.
type RefusedError struct{ Status dimse.Status }

func (e *RefusedError) Error() string {
	return "storage commitment was refused: " + e.Status.String()
}

// ErrSilent is a provider that has taken the request and reported nothing.
var ErrSilent = errors.New("commitment: the receiver has taken the request and has not reported")

// Contexts are what a client of Ask proposes.
func Contexts() []service.Context {
	return []service.Context{{AbstractSyntax: uid.StorageCommitmentPush, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian}}}
}

// Ask requests commitment over c and waits for the result until ctx ends. The
// items of the result are those asked for, in their order; one the provider says
// nothing of has failed. The association is of no other use afterwards; the caller
// closes it.
func (a *Asker) Ask(ctx context.Context, c *service.Client, items []Item) (Result, error) {
	q := Request{TransactionUID: uid.New(), Items: items}
	heard := a.expect(q.TransactionUID)
	defer a.forget(q.TransactionUID)
	answer, err := c.Action(ctx, uid.StorageCommitmentPush, uid.StorageCommitmentPush, Instance, RequestAction, q.Dataset())
	if err != nil {
		return Result{}, err
	}
	if k := answer.Status.Class(); k != dimse.ClassSuccess && k != dimse.ClassWarning {
		return Result{}, &RefusedError{answer.Status}
	}
	listening, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- a.listen(listening, c) }()
	defer func() {
		stop()
		if ended != nil {
			<-ended
		}
	}()
	for {
		select {
		case r := <-heard:
			return q.result(r), nil
		case err := <-ended:
			if ended = nil; !a.Called {
				select {
				case r := <-heard:
					return q.result(r), nil
				default:
				}
				return Result{}, errors.Join(ErrSilent, err)
			}
		case <-ctx.Done():
			return Result{}, errors.Join(ErrSilent, ctx.Err())
		}
	}
}

// listen takes in reports on the association that asked until it ends.
func (a *Asker) listen(ctx context.Context, c *service.Client) error {
	for {
		e, err := c.AwaitReport(ctx)
		if err != nil {
			return err
		}
		if a.settle(e) {
			return nil
		}
	}
}

// Reported serves an N-EVENT-REPORT on an association the provider has opened.
func (a *Asker) Reported(_ context.Context, r service.NormalizedRequest) service.NormalizedResponse {
	switch {
	case r.Command != dimse.FieldNEventReportRQ:
		return service.NormalizedResponse{Status: dimse.UnrecognizedOperation}
	case !a.settle(service.EventReport{EventTypeID: r.EventTypeID, Information: r.Data}):
		return service.NormalizedResponse{Status: dimse.ProcessingFailure, Comment: "no such transaction is awaited"}
	}
	return service.NormalizedResponse{Status: dimse.Success}
}

// settle gives a report to whoever waits for it.
func (a *Asker) settle(e service.EventReport) bool {
	if e.Information == nil {
		return false
	}
	r, err := ReadResult(e.Information)
	if err != nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	ch := a.waiting[r.TransactionUID]
	if ch == nil {
		return false
	}
	delete(a.waiting, r.TransactionUID)
	ch <- r
	return true
}

func (a *Asker) expect(transaction string) chan Result {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting == nil {
		a.waiting = map[string]chan Result{}
	}
	ch := make(chan Result, 1)
	a.waiting[transaction] = ch
	return ch
}

func (a *Asker) forget(transaction string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.waiting, transaction)
}

// result puts what a provider says into the order of the request.
func (r Request) result(said Result) Result {
	reasons := make(map[string]Reason, len(said.Items))
	for _, i := range said.Items {
		if _, twice := reasons[i.SOPInstanceUID]; !twice || i.Reason != Committed {
			reasons[i.SOPInstanceUID] = i.Reason
		}
	}
	out := Result{TransactionUID: r.TransactionUID}
	for _, i := range r.Items {
		reason, ok := reasons[i.SOPInstanceUID]
		if i.Reason = reason; !ok {
			i.Reason = ProcessingFailure
		}
		out.Items = append(out.Items, i)
	}
	return out
}

func (r Reason) String() string {
	switch r {
	case Committed:
		return "committed"
	case ProcessingFailure:
		return "processing failure"
	case NoSuchObject:
		return "it does not have the object"
	case ClassInstanceConflict:
		return "it has the object under another SOP class"
	case ClassNotSupported:
		return "it does not keep this SOP class"
	case DuplicateTransaction:
		return "duplicate transaction"
	case ResourceLimitation:
		return "it is out of resources"
	}
	return fmt.Sprintf("reason %04XH", uint16(r))
}
