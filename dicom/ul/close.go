package ul

import (
	"errors"
	"io"
	"time"

	"github.com/dokuei/dokuei/dicom/pdu"
)

// Release ends the association in agreement, PS3.8 7.2, as the side that asks:
// A-RELEASE-RQ, what the peer still sends is dropped, A-RELEASE-RP. A release
// collision is resolved as PS3.8 7.2.2 says. The connection is closed after
// it, whatever the outcome.
func (a *Association) Release() error {
	defer a.Close()
	if a.err != nil {
		return a.err
	}
	if _, err := a.step(Evt11, false); err != nil {
		return err
	}
	if err := a.sendPDU(new(pdu.ReleaseRQ)); err != nil {
		return a.fail(err)
	}
	a.in.wait(a.cfg.ARTIM, ErrARTIM)
	for {
		err := a.skipFragment()
		if err == nil {
			_, err = a.nextPDVDuringRelease()
		}
		switch {
		case err == nil:
		case errors.Is(err, ErrReleaseRequested):
			// Collision: the requestor answers first and then waits (Sta9,
			// Sta11); the acceptor waits first (Sta10, Sta12).
			if a.requestor {
				if err := a.respondRelease(); err != nil {
					return err
				}
			}
		case errors.Is(err, errReleaseConfirmed):
			if a.State() == Sta12 {
				return a.respondRelease()
			}
			return nil
		default:
			return err
		}
	}
}

func (a *Association) nextPDVDuringRelease() (pdu.PDVHeader, error) {
	if a.pduLeft == 0 {
		if err := a.nextPDU(); err != nil || a.pduLeft == 0 {
			return pdu.PDVHeader{}, err
		}
	}
	return a.nextPDV()
}

// respondRelease is the A-RELEASE response primitive.
func (a *Association) respondRelease() error {
	if _, err := a.step(Evt14, false); err != nil {
		return err
	}
	return a.sendPDU(new(pdu.ReleaseRP))
}

// Abort ends the association at once, PS3.8 7.3, as its user; cause is for the
// log and the error. Close must follow.
func (a *Association) Abort(cause error) error {
	if a.err != nil {
		return a.err
	}
	a.err = a.abort(pdu.Abort{Source: pdu.AbortServiceUser}, cause)
	return a.err
}

// abort is the A-ABORT request primitive: Evt15, AA-1.
func (a *Association) abort(p pdu.Abort, cause error) error {
	if _, err := a.step(Evt15, false); err == nil {
		a.sendAbort(p)
	}
	return &AbortError{Abort: p, Cause: cause}
}

// sendAbort says farewell if the peer will take it; there is nothing to do
// when it does not.
func (a *Association) sendAbort(p pdu.Abort) {
	a.in.farewell()
	b, _ := p.Append(nil) // cannot fail
	a.wmu.Lock()
	defer a.wmu.Unlock()
	if a.in.armWrite(time.Now().Add(linger)) == nil {
		_, _ = a.conn.Write(b)
	}
}

// Close ends the association on our side: what is still open is aborted, a
// peer that has something to read is given a moment, then the connection goes.
// It is for the goroutine that reads; calling it again does nothing.
func (a *Association) Close() error {
	if s := a.State(); s >= Sta3 && s <= Sta12 && a.err == nil {
		a.err = a.abort(pdu.Abort{Source: pdu.AbortServiceUser}, nil)
	}
	if a.State() == Sta13 {
		a.awaitClose()
	}
	if a.buf != nil {
		a.buf.Reset(nil)
		readers.Put(a.buf)
		a.buf = nil
	}
	a.mu.Lock()
	a.state = Sta1
	a.mu.Unlock()
	if a.err == nil {
		a.err = ErrClosed
	}
	return a.conn.Close()
}

// awaitClose is Sta13. Closing a socket with unread bytes resets it, and the
// reset can overtake our last PDU: so bytes are read and dropped until the
// peer closes, for a while. Table 9-10 would answer an A-ASSOCIATE-RQ or
// nonsense with one more A-ABORT here (AA-7); we ignore all (AA-6).
func (a *Association) awaitClose() {
	a.in.farewell()
	a.in.wait(min(a.cfg.ARTIM, linger), ErrARTIM)
	var r io.Reader = a.in
	if a.buf != nil {
		r = a.buf
	}
	_, err := io.Copy(io.Discard, io.LimitReader(r, lingerBytes))
	event := Evt17
	if errors.Is(err, ErrARTIM) {
		event = Evt18
	}
	_, _ = a.step(event, false) // Sta13 has both
}
