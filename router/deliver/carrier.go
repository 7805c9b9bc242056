package deliver

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/worklist"
)

// Carrier takes one instance to a destination. nil means that the receiver has
// accepted it. It honours ctx.
type Carrier interface {
	Carry(ctx context.Context, to worklist.Destination, i catalog.Instance) error
}

// StoreSCU carries by C-STORE (PS3.4 Annex B). Zero durations stand for the
// defaults of service.DialOptions.
type StoreSCU struct {
	Objects   object.Store
	CallingAE string
	Connect   time.Duration // bounds connecting and negotiating
	Response  time.Duration // bounds the wait for a C-STORE-RSP
	// MaxRecode bounds an object that has to be re-encoded; zero: 64 MiB.
	MaxRecode int64
	Log       *slog.Logger
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
	ts := meta.TransferSyntaxUID

	// One context for each transfer syntax, so that the receiver cannot choose
	// the fallback where it would take the object as it is.
	contexts := []service.Context{{AbstractSyntax: i.SOPClassUID, TransferSyntaxes: []string{ts}}}
	if s.recodable(ts) {
		contexts = append(contexts, service.Context{AbstractSyntax: i.SOPClassUID, TransferSyntaxes: []string{uid.ImplicitVRLittleEndian}})
	}
	client, err := service.Dial(ctx, to.Address(), service.DialOptions{
		CallingAE: s.CallingAE, CalledAE: to.AETitle, Contexts: contexts, Connect: s.Connect, Response: s.Response, Log: s.Log,
	})
	if err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	defer client.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the answer to C-STORE is what counts
	var body io.Reader = data
	if !client.Accepts(i.SOPClassUID, ts) && len(contexts) > 1 && client.Accepts(i.SOPClassUID, uid.ImplicitVRLittleEndian) {
		if body, err = s.recode(data, ts); err != nil {
			return err
		}
		ts = uid.ImplicitVRLittleEndian
	}
	status, err := client.Store(ctx, service.StoreObject{
		SOPClassUID: i.SOPClassUID, SOPInstanceUID: i.SOPInstanceUID, TransferSyntaxUID: ts, Data: body,
	})
	switch {
	case err != nil:
		return errors.Join(err, context.Cause(ctx))
	case status.Stored():
		return nil
	case status == dimse.DuplicateSOPInstance: // 0111: it is there from an attempt whose answer was lost
		return nil
	}
	return StatusError(status)
}

// recodable says whether an object may also be offered in Implicit VR Little
// Endian: native encodings may, encapsulated pixels have no implicit form.
func (s *StoreSCU) recodable(ts string) bool {
	x, ok := uid.LookupTransferSyntax(ts)
	return ok && !x.Encapsulated && ts != uid.ImplicitVRLittleEndian
}

// recode writes a data set in Implicit VR Little Endian, in memory.
func (s *StoreSCU) recode(data *io.SectionReader, ts string) (io.Reader, error) {
	most := s.MaxRecode
	if most <= 0 {
		most = 64 << 20
	}
	if data.Size() > most {
		return nil, &sourceError{fmt.Errorf("%d bytes are too many to re-encode, at most %d", data.Size(), most)}
	}
	from, _ := uid.LookupTransferSyntax(ts)
	to, _ := uid.LookupTransferSyntax(uid.ImplicitVRLittleEndian)
	d, err := dataset.Read(data, from, stream.Limits{MaxHeaderBytes: most, MaxValueBytes: most, MaxInflate: most})
	if err != nil {
		return nil, &sourceError{err}
	}
	var out bytes.Buffer
	if err := d.Encode(&out, to); err != nil {
		return nil, &sourceError{err}
	}
	return &out, nil
}
