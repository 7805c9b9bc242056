package service

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Retriever finds and opens what C-GET and C-MOVE send, PS3.4 C.4.2 and C.4.3.
type Retriever interface {
	// Select lists the instances q asks for by the unique keys of its levels;
	// there may be none. A *Refusal chooses the status. More than
	// MaxSubOperations are refused, whoever counts.
	Select(ctx context.Context, q Query) ([]Selected, error)
	// Open gives the data set of an instance, without file meta information,
	// and the transfer syntax it is in.
	Open(ctx context.Context, s Selected) (data io.ReadCloser, transferSyntaxUID string, err error)
}

// Selected is an instance to send.
type Selected struct {
	SOPClassUID, SOPInstanceUID string
	TransferSyntaxUID           string // it is kept in
	Key                         string // of the Retriever
	// Change, when set, is what the Retriever does to the stored file for who asks.
	Change func(file io.Reader) io.ReadCloser
}

// MaxSubOperations is what the counters of PS3.7 Tables 9.3-7 and 9.3-10 hold.
const MaxSubOperations = math.MaxUint16

// errTooManySubOperations is the Refusal of a larger selection, PS3.4 C.4.2.1.5.
var errTooManySubOperations = &Refusal{dimse.OutOfResourcesMatches, "more than 65535 instances: retrieve less at a time"}

// tally counts sub-operations.
type tally struct {
	remaining, completed, failed, warned int
	failures                             []string // SOP Instance UIDs
}

// maxFailures is how many failed instances are named: as many as a UI value
// holds (PS3.5 7.1.2).
const maxFailures = 1000

// count books a sub-operation by the status of its C-STORE-RSP; err is one that
// did not get that far.
func (t *tally) count(instance string, status dimse.Status, err error) {
	t.remaining--
	switch {
	case err == nil && status.Class() == dimse.ClassSuccess:
		t.completed++
	case err == nil && (status.Class() == dimse.ClassWarning || status == dimse.DuplicateSOPInstance): // 0111: it is there
		t.warned++
	default:
		t.failed++
		if len(t.failures) < maxFailures {
			t.failures = append(t.failures, instance)
		}
	}
}

// counts are the elements of a response; Remaining is of pending and canceled
// ones only (PS3.7 9.1.4.1.6).
func (t *tally) counts(s dimse.Status) dimse.SubOperations {
	us := func(n int) *uint16 { u := uint16(n); return &u } // at most MaxSubOperations
	c := dimse.SubOperations{Completed: us(t.completed), Failed: us(t.failed), Warning: us(t.warned)}
	if s == dimse.Pending || s == dimse.Cancel {
		c.Remaining = us(t.remaining)
	}
	return c
}

// status is that of the last response, PS3.4 Tables C.4-2 and C.4-3.
func (t *tally) status() dimse.Status {
	switch {
	case t.remaining > 0:
		return dimse.Cancel
	case t.failed+t.warned == 0:
		return dimse.Success
	case t.completed+t.warned == 0:
		return dimse.OutOfResourcesSubOps
	}
	return dimse.SubOperationsWarning
}

// identifier is the data set of the last response: the Failed SOP Instance UID
// List; nil when nothing failed.
func (t *tally) identifier(transferSyntax string) (io.Reader, error) {
	if len(t.failures) == 0 {
		return nil, nil
	}
	d := dataset.New()
	d.SetString(tag.FailedSOPInstanceUIDList, "UI", t.failures...)
	var b bytes.Buffer
	if err := d.Encode(&b, stream.SyntaxFor(transferSyntax)); err != nil {
		return nil, err
	}
	return &b, nil
}

// retrieval is a C-GET or C-MOVE under way.
type retrieval struct {
	scp *SCP
	op  *operation
	in  dimse.Incoming
	m   dimse.Request

	respond func(dimse.Status, string, dimse.SubOperations) dimse.Message
	// send performs a sub-operation and gives those that have ended by then: of those
	// under way there may be several or none. nil asks for what is still under way, until
	// nothing is.
	send    func(ctx context.Context, one *Selected) []subOperation
	comment func() string // why sub-operations failed, for the last response; may be nil
}

// subOperation is how a C-STORE has ended.
type subOperation struct {
	instance string
	status   dimse.Status
	err      error // it did not get as far as a status
}

// goneError is an error after which the association cannot be used.
type goneError struct{ error }

func (e *goneError) Unwrap() error { return e.error }

// run performs the sub-operations and tells how far it is after each.
func (r *retrieval) run(list []Selected) error {
	line, id := r.op.line, r.in.Context.ID
	t := &tally{remaining: len(list)}
	for i := 0; !r.op.lost(); i++ {
		var one *Selected
		if i < len(list) && !r.op.wasCanceled() {
			one = &list[i]
		}
		ended := r.send(r.op, one)
		for _, sub := range ended {
			var gone *goneError
			if errors.As(sub.err, &gone) {
				return gone.error
			}
			t.count(sub.instance, sub.status, sub.err)
			if t.remaining == 0 || r.op.lost() {
				break
			}
			if err := line.conn.Send(id, r.respond(dimse.Pending, "", t.counts(dimse.Pending)), nil); err != nil {
				return err
			}
		}
		if one == nil && len(ended) == 0 {
			break
		}
	}
	if r.op.lost() {
		return nil
	}
	status, comment := t.status(), ""
	if t.failed > 0 && r.comment != nil {
		comment = r.comment()
	}
	data, err := t.identifier(r.in.Context.TransferSyntax)
	if err != nil {
		return err
	}
	return line.conn.Send(id, r.respond(status, comment, t.counts(status)), data)
}

// open gives an instance as an object to send.
func (r *retrieval) open(ctx context.Context, one Selected) (o StoreObject, closer io.Closer, err error) {
	err = r.scp.guard(r.op.line, "opening an instance", func() error {
		data, ts, err := r.scp.cfg.Retrieve.Open(ctx, one)
		if err == nil {
			o = StoreObject{SOPClassUID: one.SOPClassUID, SOPInstanceUID: one.SOPInstanceUID, TransferSyntaxUID: ts, Data: data}
			closer = data
		}
		return err
	})
	if err != nil {
		if log := r.scp.cfg.Acceptor.Log; log != nil {
			log.Error("stored instance cannot be opened", "instance", one.SOPInstanceUID, "err", err)
		}
	}
	return o, closer, err
}

// selection reads the request and lists what it asks for.
func (s *SCP) selection(op *operation, q Query) (list []Selected, err error) {
	if err := q.checkRetrieve(); err != nil {
		return nil, err
	}
	err = s.guard(op.line, "selecting", func() error {
		list, err = s.cfg.Retrieve.Select(op, q)
		if err == nil && len(list) > MaxSubOperations {
			return errTooManySubOperations
		}
		return err
	})
	return list, err
}
