package deliver

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/worklist"
)

// Carrier takes one instance to a destination. nil means that the receiver has
// accepted it. It honours ctx.
type Carrier interface {
	Carry(ctx context.Context, to worklist.Destination, i catalog.Instance) error
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

// Carry opens an association, sends the instance and closes.
func (s *StoreSCU) Carry(ctx context.Context, to worklist.Destination, i catalog.Instance) error {
	o, err := s.Objects.Open(ctx, i.ObjectKey)
	if err != nil {
		return &sourceError{err}
	}
	defer o.Close()
	meta, skipped, err := stream.ReadMeta(bufio.NewReaderSize(io.NewSectionReader(o, 0, o.Size()), 4096))
	if err != nil {
		return &sourceError{err}
	}
	data := io.NewSectionReader(o, skipped, o.Size()-skipped)
	contexts := service.OfferContexts(i.SOPClassUID, meta.TransferSyntaxUID)
	secure, err := s.Secure.Config(to.TLS)
	if err != nil {
		return err
	}
	client, err := service.Dial(ctx, to.Address(), service.DialOptions{
		CallingAE: s.CallingAE, CalledAE: to.AETitle, Contexts: contexts, TLS: secure, Connect: s.Connect, Response: s.Response, Log: s.Log,
	})
	if err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	defer client.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the answer to C-STORE is what counts
	status, err := client.Send(ctx, service.StoreObject{
		SOPClassUID: i.SOPClassUID, SOPInstanceUID: i.SOPInstanceUID, TransferSyntaxUID: meta.TransferSyntaxUID, Data: data,
	})
	switch {
	case err != nil:
		return errors.Join(err, context.Cause(ctx))
	case status.Stored():
	case status == dimse.DuplicateSOPInstance: // 0111: it is there from an attempt whose answer was lost
	default:
		return StatusError(status)
	}
	if !to.Commit || s.Asker == nil {
		return nil
	}
	return s.commit(ctx, to, secure, commitment.Item{SOPClassUID: i.SOPClassUID, SOPInstanceUID: i.SOPInstanceUID})
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

// commit asks the receiver to commit what it has accepted, PS3.4 Annex J.
func (s *StoreSCU) commit(ctx context.Context, to worklist.Destination, secure *tls.Config, item commitment.Item) error {
	client, err := service.Dial(ctx, to.Address(), service.DialOptions{
		CallingAE: s.CallingAE, CalledAE: to.AETitle, Contexts: commitment.Contexts(), TLS: secure, Connect: s.Connect, Response: s.Response, Log: s.Log,
	})
	if err != nil {
		return &commitmentError{err: err}
	}
	defer client.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the report is what counts
	result, err := s.Asker.Ask(ctx, client, []commitment.Item{item})
	if err != nil {
		return &commitmentError{err: err}
	}
	if r := result.Items[0].Reason; r != commitment.Committed {
		return &commitmentError{reason: r}
	}
	return nil
}
