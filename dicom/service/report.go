package service

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/ul"
)

// EventReport is what an N-EVENT-REPORT says, PS3.7 10.1.1.
type EventReport struct {
	SOPClassUID, SOPInstanceUID string
	EventTypeID                 uint16
	Information                 *dataset.Dataset // nil: none
}

// ErrEnded says that the association an event was to be reported on has ended,
// or ended before the peer answered.
var ErrEnded = errors.New("service: the association has ended")

// Reporter sends events to a peer on the association it has opened. It may be
// used from any goroutine and outlives the association: it then gives ErrEnded.
type Reporter struct {
	reports *reports
	context ul.Context
}

// Report sends an event and waits for the answer. A status other than success
// is not an error.
func (r *Reporter) Report(ctx context.Context, e EventReport) (dimse.Status, error) {
	return r.reports.report(ctx, r.context, e)
}

// reports are the events of one association that wait for an answer. The
// goroutine that serves the association takes the answers in; others wait.
type reports struct {
	conn *dimse.Conn

	mu      sync.Mutex
	last    uint16
	waiting map[uint16]chan dimse.Status
	ended   chan struct{}
}

func newReports(conn *dimse.Conn) *reports {
	return &reports{conn: conn, waiting: map[uint16]chan dimse.Status{}, ended: make(chan struct{})}
}

// close ends every wait.
func (r *reports) close() { close(r.ended) }

func (r *reports) report(ctx context.Context, c ul.Context, e EventReport) (dimse.Status, error) {
	body, err := information(e, c.TransferSyntax)
	if err != nil {
		return 0, err
	}
	id, answered := r.expect()
	defer r.forget(id)
	select {
	case <-r.ended:
		return 0, ErrEnded
	default:
	}
	rq := &dimse.NEventReportRQ{AffectedSOPClassUID: e.SOPClassUID, MessageID: id, AffectedSOPInstanceUID: e.SOPInstanceUID, EventTypeID: e.EventTypeID}
	if err := r.conn.Send(c.ID, rq, body); err != nil {
		return 0, errors.Join(ErrEnded, err)
	}
	select {
	case s := <-answered:
		return s, nil
	case <-r.ended:
		return 0, ErrEnded
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (r *reports) expect() (uint16, chan dimse.Status) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	ch := make(chan dimse.Status, 1)
	r.waiting[r.last] = ch
	return r.last, ch
}

func (r *reports) forget(id uint16) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.waiting, id)
}

// answer takes in a response. One to a question nobody waits for any more is
// dropped: its wait may have just ended.
func (r *reports) answer(m *dimse.NEventReportRSP) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ch, ok := r.waiting[m.MessageIDBeingRespondedTo]; ok {
		delete(r.waiting, m.MessageIDBeingRespondedTo)
		ch <- m.Status
	}
}

// information encodes the data set of an event; nil when there is none.
func information(e EventReport, transferSyntax string) (io.Reader, error) {
	if e.Information == nil {
		return nil, nil
	}
	return encoded(e.Information, transferSyntax)
}

func encoded(d *dataset.Dataset, transferSyntax string) (io.Reader, error) {
	var b bytes.Buffer
	if err := d.Encode(&b, stream.SyntaxFor(transferSyntax)); err != nil {
		return nil, err
	}
	return &b, nil
}
