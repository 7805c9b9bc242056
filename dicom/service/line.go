package service

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/ul"
)

// line is the receiving side of an association. Between operations the
// goroutine that serves it receives; while an operation is under way, which may
// take long, another one listens for a C-CANCEL and for a peer that goes.
type line struct {
	a       *ul.Association
	conn    *dimse.Conn
	reports *reports
	heard   chan heard // not nil: somebody listens, or what was heard is still to be taken
}

type heard struct {
	in  dimse.Incoming
	err error
}

// receive gives the next message.
func (l *line) receive() (dimse.Incoming, error) {
	if l.heard == nil {
		return l.conn.Receive()
	}
	h := <-l.heard
	l.heard = nil
	return h.in, h.err
}

// close makes the listener leave.
func (l *line) close() {
	if l.heard == nil {
		return
	}
	select {
	case <-l.heard:
		return
	default:
	}
	ctx, cancel := context.WithCancel(context.Background())
	unbind := l.a.Bind(ctx)
	cancel()
	<-l.heard
	unbind()
}

// operation is a C-FIND, C-GET or C-MOVE under way.
type operation struct {
	// Context ends when the peer has gone or the operation has ended, and for a
	// C-FIND with the C-CANCEL.
	context.Context
	line *line
	id   uint16

	end      context.CancelCauseFunc
	resume   func()
	once     sync.Once
	canceled chan struct{}
}

// errCanceled is a C-CANCEL.
var errCanceled = errors.New("service: C-CANCEL")

// begin starts to listen for the sake of the request with the Message ID.
func (l *line) begin(ctx context.Context, id uint16) *operation {
	o := &operation{line: l, id: id, canceled: make(chan struct{}), resume: l.a.Hold()}
	o.Context, o.end = context.WithCancelCause(ctx)
	o.listen()
	return o
}

// listen receives until a message comes that is neither a C-CANCEL nor the answer to
// an event that was reported meanwhile. Its data set is left for whoever takes the
// message.
func (o *operation) listen() {
	if o.line.heard != nil {
		return
	}
	ch := make(chan heard, 1)
	o.line.heard = ch
	go func() {
		for {
			in, err := o.line.conn.Receive()
			if c, ok := in.Message.(*dimse.CCancelRQ); ok && err == nil {
				if c.MessageIDBeingRespondedTo == o.id {
					o.once.Do(func() { close(o.canceled) })
				}
				continue
			}
			if r, ok := in.Message.(*dimse.NEventReportRSP); ok && err == nil {
				o.line.reports.answer(r)
				continue
			}
			if err != nil {
				o.end(err)
			}
			ch <- heard{in, err}
			return
		}
	}()
}

// finish ends the operation; the peer's idle time runs again.
func (o *operation) finish() {
	o.end(nil)
	o.resume()
}

// wasCanceled reports whether the peer has taken its request back.
func (o *operation) wasCanceled() bool {
	select {
	case <-o.canceled:
		return true
	default:
		return false
	}
}

// interruptible is the operation as a context that also ends with a C-CANCEL.
func (o *operation) interruptible() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(o)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-o.canceled:
			cancel(errCanceled)
		case <-stop:
		}
	})
	return ctx, func() { close(stop); wg.Wait(); cancel(nil) }
}

// lost reports whether the association has ended under the operation: receive
// then gives the reason.
func (o *operation) lost() bool { return o.Err() != nil }

// response waits for the message that answers one of ours.
func (o *operation) response(patience time.Duration) (dimse.Message, error) {
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case h := <-o.line.heard:
		o.line.heard = nil
		if h.err != nil {
			return nil, h.err
		}
		o.listen()
		return h.in.Message, nil
	case <-t.C:
		return nil, ul.ErrIdle
	}
}
