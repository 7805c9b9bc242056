package ul

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/dokuei/dokuei/dicom/pdu"
)

// SourceError is a data set that could not be read while it was being sent:
// the association is fine but its message is not, so it must be aborted.
type SourceError struct{ Err error }

func (e *SourceError) Error() string { return "reading what is to be sent: " + e.Err.Error() }

// Unwrap gives the reader's error.
func (e *SourceError) Unwrap() error { return e.Err }

const frameHeader = pdu.HeaderLength + pdu.PDVHeaderLength

// frames are lent to Send for the time of one data set.
var frames = sync.Pool{New: func() any { b := make([]byte, 0, 128<<10); return &b }}

// SendBytes sends b, a command set or a small data set, in as many P-DATA-TF
// as the peer's maximum length makes of it.
func (a *Association) SendBytes(contextID byte, command bool, b []byte) error {
	frame := make([]byte, frameHeader+min(len(b), a.fragment))
	for {
		n := copy(frame[frameHeader:], b)
		b = b[n:]
		if err := a.sendFrame(frame[:frameHeader+n], contextID, command, len(b) == 0); err != nil {
			return err
		}
		if len(b) == 0 {
			return nil
		}
	}
}

// Send sends everything of r as one data set, each PDU header and body in one
// write, and says how many bytes it sent.
func (a *Association) Send(contextID byte, r io.Reader) (sent int64, err error) {
	pooled, _ := frames.Get().(*[]byte)
	defer frames.Put(pooled)
	// One byte more than fits tells whether the fragment is the last.
	if need := frameHeader + a.fragment + 1; cap(*pooled) < need {
		*pooled = make([]byte, 0, need)
	}
	frame := (*pooled)[:frameHeader+a.fragment+1]
	kept := 0
	for {
		n, last, err := fill(frame[frameHeader:], kept, r)
		if err != nil {
			return sent, &SourceError{err}
		}
		if last {
			return sent + int64(n), a.sendFrame(frame[:frameHeader+n], contextID, false, true)
		}
		next := frame[frameHeader+a.fragment]
		if err := a.sendFrame(frame[:frameHeader+a.fragment], contextID, false, false); err != nil {
			return sent, err
		}
		sent += int64(a.fragment)
		frame[frameHeader], kept = next, 1
	}
}

// fill reads from r until b, of which n bytes are there already, is full or r
// ends. io.ReadFull would not do: it says io.ErrUnexpectedEOF both for a short
// read and for a source that was cut off.
func fill(b []byte, n int, r io.Reader) (int, bool, error) {
	for empty := 0; n < len(b); {
		m, err := r.Read(b[n:])
		n += m
		switch {
		case err == io.EOF: // itself: a wrapped one is a failure
			return n, n < len(b), nil
		case err != nil:
			return n, false, err
		case m > 0:
			empty = 0
		default:
			if empty++; empty == 100 {
				return n, false, io.ErrNoProgress
			}
		}
	}
	return n, false, nil
}

func (a *Association) sendFrame(frame []byte, contextID byte, command, last bool) error {
	if _, err := a.step(Evt9, false); err != nil {
		return err
	}
	pdu.PutDataTF(frame, pdu.PDVHeader{ContextID: contextID, Command: command, Last: last, Length: uint32(len(frame) - frameHeader)})
	return a.write(frame)
}

// sendPDU writes one PDU, header and body together.
func (a *Association) sendPDU(p pdu.PDU) error {
	b, err := p.Append(nil)
	if err != nil {
		return err
	}
	return a.write(b)
}

func (a *Association) write(b []byte) error {
	a.wmu.Lock()
	defer a.wmu.Unlock()
	patience := a.cfg.Stall + time.Duration(len(b))*a.in.rate
	if err := a.in.armWrite(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := a.conn.Write(b)
	return err
}

// Explain finds out why a send failed: a peer that aborts closes behind its
// A-ABORT, and the reason is still in the receive buffer. It gives the peer's
// *AbortError if there is one, else sendErr as ErrClosed; the association is
// over in any case. It is for the goroutine that reads.
func (a *Association) Explain(sendErr error) error {
	const patience = 250 * time.Millisecond
	var state *StateError
	if a.err != nil || errors.As(sendErr, &state) {
		return errors.Join(a.err, sendErr)
	}
	a.in.wait(patience, ErrIdle)
	for range 16 {
		a.pdvLeft, a.pduLeft = a.pdvLeft+a.pduLeft, 0 // responses nobody will read
		err := a.skipFragment()
		if err == nil {
			err = a.nextPDU()
		}
		if err == nil {
			continue
		}
		var abort *AbortError
		if errors.As(err, &abort) && abort.Remote {
			return err
		}
		break
	}
	if a.err == nil || !errors.Is(a.err, ErrCanceled) {
		a.err = fmt.Errorf("%w: %w", ErrClosed, sendErr)
	}
	return a.err
}
