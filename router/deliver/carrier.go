package deliver

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/worklist"
)

// Cargo is one delivery with the instance to be carried.
type Cargo struct {
	Delivery Delivery
	Instance catalog.Instance
}

// Load is what is due for one destination now. It is used by one goroutine.
type Load interface {
	// All may come: what a Carrier negotiates for.
	All() []Cargo
	// Next gives the next that may go, whose attempt has begun with it; not ok: none
	// may before another is Done, or none is left.
	Next(ctx context.Context) (c Cargo, ok bool)
	// Done says how an attempt ended; nil: the receiver has accepted it.
	Done(c Cargo, receipt string, err error)
}

// Carrier takes a load to a destination: as much of it as Next gives, and each that
// it gives is Done when Carry returns. It honours ctx.
type Carrier interface {
	Carry(ctx context.Context, to worklist.Destination, load Load)
}

// OneByOne makes a Carrier of what carries one instance.
type OneByOne func(ctx context.Context, to worklist.Destination, c Cargo) (receipt string, err error)

// Carry implements Carrier.
func (f OneByOne) Carry(ctx context.Context, to worklist.Destination, load Load) {
	for {
		c, ok := load.Next(ctx)
		if !ok {
			return
		}
		receipt, err := f(ctx, to, c)
		if err != nil {
			err = errors.Join(err, context.Cause(ctx))
		}
		load.Done(c, receipt, err)
	}
}

// Router takes an object of a report to a destination with a route. The receipt is
// what the receiver said, without anything of a patient. It honours ctx.
type Router interface {
	Route(ctx context.Context, to worklist.Destination, d Delivery, i catalog.Instance) (receipt string, err error)
}

// RefusalError is the error by which a Router reports that the receiver answered.
// Permanent: trying again changes nothing until somebody acts.
type RefusalError struct {
	Reason    string // in plain words, without anything of a patient
	Permanent bool
}

func (e *RefusalError) Error() string { return e.Reason }

// StoreSCU carries by C-STORE (PS3.4 Annex B). Zero durations stand for the
// defaults of service.DialOptions.
type StoreSCU struct {
	Objects   object.Store
	CallingAE string
	Secure    bcp195.Caller // for destinations that are called over TLS
	// Asker asks destinations that are to commit what they accept; nil asks none.
	Asker    *commitment.Asker
	Connect  time.Duration // bounds connecting and negotiating
	Response time.Duration // bounds the wait for a C-STORE-RSP
	Log      *slog.Logger
}

// statusError is a C-STORE-RSP by which the receiver did not take the object.
type statusError struct{ status dimse.Status }

// StatusError is the error by which a Carrier reports a C-STORE-RSP that says no.
func StatusError(status dimse.Status) error { return &statusError{status} }

func (e *statusError) Error() string { return e.status.String() }

// sourceError is an object that cannot be read here.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return "read stored object: " + e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

// carryWindow is how many objects may be under way when the receiver agrees.
const carryWindow = 8

// Carry sends the load over one association, as many objects at once as the window of
// the receiver has room for, and over another when that was lost.
func (s *StoreSCU) Carry(ctx context.Context, to worklist.Destination, load Load) {
	for {
		first, ok := load.Next(ctx)
		if !ok {
			return
		}
		v := voyage{scu: s, to: to, load: load, open: make(map[uint16]Cargo)}
		v.run(ctx, first)
	}
}

// commitmentError is a receiver that has accepted an object and does not commit it.
type commitmentError struct {
	reason commitment.Reason // Committed: none was given
	err    error
}

func (e *commitmentError) Error() string {
	if e.err != nil {
		return "storage commitment: " + e.err.Error()
	}
	return "storage commitment: " + e.reason.String()
}

func (e *commitmentError) Unwrap() error { return e.err }

// commit asks the receiver to commit what it has accepted, PS3.4 Annex J. The answer
// is an error for each item that it does not commit.
func (s *StoreSCU) commit(ctx context.Context, to worklist.Destination, secure *tls.Config, items []commitment.Item) []error {
	all := func(err error) []error { return slices.Repeat([]error{&commitmentError{err: err}}, len(items)) }
	client, err := service.Dial(ctx, to.Address(), service.DialOptions{
		CallingAE: s.CallingAE, CalledAE: to.AETitle, Contexts: commitment.Contexts(), TLS: secure, Connect: s.Connect, Response: s.Response, Log: s.Log,
	})
	if err != nil {
		return all(err)
	}
	defer client.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the report is what counts
	result, err := s.Asker.Ask(ctx, client, items)
	if err != nil {
		return all(err)
	}
	errs := make([]error, len(items))
	for n, i := range result.Items {
		if i.Reason != commitment.Committed {
			errs[n] = &commitmentError{reason: i.Reason}
		}
	}
	return errs
}
