package ul

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/dokuei/dokuei/dicom/pdu"
)

// AwaitPDV waits, at most Config.Idle, for the first fragment of a message and
// gives its header; the fragment itself comes from Read. The indication of
// A-RELEASE is ErrReleaseRequested.
func (a *Association) AwaitPDV() (pdu.PDVHeader, error) {
	if err := a.skipFragment(); err != nil {
		return pdu.PDVHeader{}, err
	}
	if a.pduLeft == 0 {
		a.in.wait(a.cfg.Idle, ErrIdle)
		if _, err := a.buf.Peek(1); err != nil {
			return pdu.PDVHeader{}, a.fail(err)
		}
	}
	a.in.flow()
	return a.nextPDV()
}

// NextPDV gives the header of the next fragment of a message that has begun.
// What is left of the current fragment is skipped.
func (a *Association) NextPDV() (pdu.PDVHeader, error) {
	if err := a.skipFragment(); err != nil {
		return pdu.PDVHeader{}, err
	}
	return a.nextPDV()
}

func (a *Association) nextPDV() (pdu.PDVHeader, error) {
	for a.pduLeft == 0 {
		if err := a.nextPDU(); err != nil {
			return pdu.PDVHeader{}, err
		}
	}
	n := min(a.pduLeft, pdu.PDVHeaderLength)
	b, err := a.buf.Peek(int(n))
	if err != nil {
		return pdu.PDVHeader{}, a.fail(err)
	}
	h, err := pdu.DecodePDVHeader(b, a.pduLeft)
	if err != nil {
		return pdu.PDVHeader{}, a.fail(err)
	}
	if c, ok := a.Context(h.ContextID); !ok || !c.Accepted() {
		return pdu.PDVHeader{}, a.fail(&pdu.FormatError{
			PDU: pdu.TypeDataTF, Item: "presentation-context-ID",
			Offset: pdu.HeaderLength + 4, Reason: fmt.Sprintf("%d was not accepted", h.ContextID), AbortReason: pdu.ReasonInvalidParameter,
		})
	}
	_, _ = a.buf.Discard(int(n)) // just peeked
	a.pduLeft -= n + h.Length
	a.pdvLeft = h.Length
	return h, nil
}

// Read reads the current fragment; io.EOF is its end, not the message's.
func (a *Association) Read(p []byte) (int, error) {
	if a.err != nil {
		return 0, a.err
	}
	if a.pdvLeft == 0 {
		return 0, io.EOF
	}
	if uint64(len(p)) > uint64(a.pdvLeft) {
		p = p[:a.pdvLeft]
	}
	n, err := a.buf.Read(p)
	a.pdvLeft -= uint32(n)
	if err != nil {
		return n, a.fail(err)
	}
	return n, nil
}

// Peek gives what the buffer holds of the current fragment, at least a byte,
// aliasing it until the next call; Skip consumes it. io.EOF is the end of the
// fragment. It spares the copy Read makes.
func (a *Association) Peek() ([]byte, error) {
	if a.err != nil {
		return nil, a.err
	}
	if a.pdvLeft == 0 {
		return nil, io.EOF
	}
	if a.buf.Buffered() == 0 {
		if _, err := a.buf.Peek(1); err != nil {
			return nil, a.fail(err)
		}
	}
	b, _ := a.buf.Peek(min(a.buf.Buffered(), int(a.pdvLeft))) // buffered: cannot fail
	return b, nil
}

// Skip consumes n bytes that Peek showed.
func (a *Association) Skip(n int) {
	n, _ = a.buf.Discard(n) // buffered: cannot fail
	a.pdvLeft -= uint32(n)
}

func (a *Association) skipFragment() error {
	if a.err != nil {
		return a.err
	}
	for a.pdvLeft > 0 {
		n, err := a.buf.Discard(int(min(a.pdvLeft, readBuffer)))
		a.pdvLeft -= uint32(n)
		if err != nil {
			return a.fail(err)
		}
	}
	return nil
}

// nextPDU reads the header of a PDU of an established association and acts on
// it. Some peers do not count headers in the maximum length; that much more is
// let pass, since nothing here is as large as the PDU. It returns nil when a P-DATA-TF has begun or a PDU was to be ignored.
func (a *Association) nextPDU() error {
	var b [pdu.HeaderLength]byte
	if _, err := io.ReadFull(a.buf, b[:]); err != nil {
		return a.fail(err)
	}
	h, err := pdu.DecodeHeader(b[:])
	if err != nil {
		return a.fail(err)
	}
	if h.Type == pdu.TypeDataTF {
		if uint64(h.Length) > uint64(a.cfg.MaxPDULength)+frameHeader || h.Length < pdu.PDVHeaderLength {
			return a.fail(&pdu.FormatError{
				PDU: h.Type, Item: "PDU-length", Offset: 2,
				Reason: fmt.Sprintf("%d, negotiated at most %d", h.Length, a.cfg.MaxPDULength), AbortReason: pdu.ReasonInvalidParameter,
			})
		}
		if _, err := a.indicate(Evt10, h.Type); err != nil {
			return err
		}
		a.pduLeft = h.Length
		return nil
	}
	p, err := readBody(a.buf, h)
	if err != nil {
		return a.fail(err)
	}
	switch p := p.(type) {
	case *pdu.AssociateAC:
		_, err = a.indicate(Evt3, h.Type)
	case *pdu.AssociateRJ:
		_, err = a.indicate(Evt4, h.Type)
	case *pdu.AssociateRQ:
		_, err = a.indicate(Evt6, h.Type)
	case *pdu.ReleaseRQ:
		if _, err = a.indicate(Evt12, h.Type); err == nil {
			err = ErrReleaseRequested
		}
	case *pdu.ReleaseRP:
		_, err = a.indicate(Evt13, h.Type)
		if err == nil {
			err = errReleaseConfirmed
		}
	case *pdu.Abort:
		_, _ = a.step(Evt16, false) // allowed in every state with a connection
		a.err = &AbortError{Abort: *p, Remote: true}
		err = a.err
	}
	return err
}

// errReleaseConfirmed is the A-RELEASE confirmation, for Release.
var errReleaseConfirmed = errors.New("ul: release confirmed")

// indicate puts the event of a received PDU through the machine; AA-8 and AA-1
// end the association.
func (a *Association) indicate(e Event, t pdu.Type) (Action, error) {
	before := a.State()
	act, err := a.step(e, a.requestor)
	if err != nil {
		return 0, err
	}
	if act == AA1 || act == AA8 {
		abort := abortFor(act, pdu.ReasonUnexpectedPDU)
		a.sendAbort(abort)
		a.err = &AbortError{Abort: abort, Cause: &UnexpectedPDUError{before, t}}
		return act, a.err
	}
	return act, nil
}

// abortFor gives the fields of the A-ABORT an action sends: AA-1 speaks for the
// service user and has no reason, AA-8 for the provider (PS3.8 Table 9-9).
func abortFor(act Action, reason byte) pdu.Abort {
	if act == AA1 {
		return pdu.Abort{Source: pdu.AbortServiceUser}
	}
	if reason == pdu.ReasonNotSpecified {
		reason = pdu.ReasonInvalidParameter
	}
	return pdu.Abort{Source: pdu.AbortServiceProvider, Reason: reason}
}

// fail ends the association for an error met while reading and gives the
// error to return, now and ever after.
func (a *Association) fail(err error) error {
	if a.err != nil {
		return a.err
	}
	var format *pdu.FormatError
	switch {
	case errors.As(err, &format):
		act, serr := a.step(Evt19, false)
		abort := abortFor(act, format.AbortReason)
		if serr == nil {
			a.sendAbort(abort)
		}
		a.err = &AbortError{Abort: abort, Cause: err}
	case errors.Is(err, ErrIdle), errors.Is(err, ErrStalled), errors.Is(err, ErrDraining), errors.Is(err, ErrCanceled):
		a.err = a.abort(pdu.Abort{Source: pdu.AbortServiceUser}, err)
	case errors.Is(err, ErrARTIM):
		_, _ = a.step(Evt18, false) // an empty cell means the timer was not running
		a.err = err
	default:
		_, _ = a.step(Evt17, false) // every state with a connection has it
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // nobody may take a lost connection for an end of data
		}
		a.err = fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return a.err
}

// readBody reads the body of a PDU other than P-DATA-TF. The buffer grows with
// what has arrived, not with what the length promises.
func readBody(r io.Reader, h pdu.Header) (pdu.PDU, error) {
	limit, ok := h.Type.MaxBody()
	if !ok {
		return nil, &pdu.FormatError{PDU: h.Type, Item: "PDU-type", Reason: "unknown", AbortReason: pdu.ReasonUnrecognizedPDU}
	}
	if h.Length > limit {
		return nil, &pdu.FormatError{PDU: h.Type, Item: "PDU-length", Offset: 2, Reason: fmt.Sprintf("%d, at most %d", h.Length, limit), AbortReason: pdu.ReasonInvalidParameter}
	}
	var b bytes.Buffer
	if _, err := io.CopyN(&b, r, int64(h.Length)); err != nil {
		return nil, err
	}
	return pdu.Decode(h, b.Bytes())
}
