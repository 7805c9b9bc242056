package ultest

import (
	"context"
	"io"
	"net"
	"testing"

	"github.com/dokuei/dokuei/dicom/pdu"
)

// Peer is one end of a connection under the control of a test.
type Peer struct {
	net.Conn
	tb testing.TB
}

// Connect makes a Peer on a new connection to l.
func Connect(tb testing.TB, l *Listener, address string) *Peer {
	tb.Helper()
	c, err := l.DialContext(context.Background(), "", address)
	if err != nil {
		tb.Fatal(err)
	}
	return New(tb, c)
}

// New makes a Peer of a connection.
func New(tb testing.TB, c net.Conn) *Peer {
	tb.Cleanup(func() { _ = c.Close() })
	return &Peer{c, tb}
}

// Request is an A-ASSOCIATE-RQ from MODALITY to DOKUEI for the contexts, which
// are given as abstract syntax and transfer syntaxes and numbered 1, 3, 5 ….
func Request(contexts ...[]string) *pdu.AssociateRQ {
	rq := &pdu.AssociateRQ{
		Version: pdu.ProtocolVersion, CallingAE: "MODALITY", CalledAE: "DOKUEI", ApplicationContext: pdu.ApplicationContextName,
		User: pdu.UserInformation{MaximumLength: &pdu.MaximumLength{Received: 16384}, ImplementationClassUID: "2.25.1"},
	}
	for i, c := range contexts {
		rq.Contexts = append(rq.Contexts, pdu.PresentationContextRQ{ID: byte(2*i + 1), AbstractSyntax: c[0], TransferSyntaxes: c[1:]})
	}
	return rq
}

// Bytes is the encoding of p.
func Bytes(tb testing.TB, p pdu.PDU) []byte {
	tb.Helper()
	b, err := p.Append(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// Send sends PDUs.
func (p *Peer) Send(pdus ...pdu.PDU) {
	p.tb.Helper()
	for _, u := range pdus {
		p.SendRaw(Bytes(p.tb, u))
	}
}

// SendRaw sends bytes as they are.
func (p *Peer) SendRaw(b []byte) {
	p.tb.Helper()
	if _, err := p.Write(b); err != nil {
		p.tb.Fatalf("send: %v", err)
	}
}

// Next reads a PDU, whatever it is; io.EOF is a closed connection.
func (p *Peer) Next() (pdu.PDU, error) {
	var b [pdu.HeaderLength]byte
	if _, err := io.ReadFull(p, b[:]); err != nil {
		return nil, err
	}
	h, err := pdu.DecodeHeader(b[:])
	if err != nil {
		return nil, err
	}
	body := make([]byte, h.Length)
	if _, err := io.ReadFull(p, body); err != nil {
		return nil, err
	}
	return pdu.Decode(h, body)
}

// Expect reads a PDU of type T or fails the test.
func Expect[T pdu.PDU](p *Peer) T {
	p.tb.Helper()
	got, err := p.Next()
	if err != nil {
		p.tb.Fatalf("waiting for a PDU: %v", err)
	}
	want, ok := got.(T)
	if !ok {
		p.tb.Fatalf("got %v %+v, want %v", got.Type(), got, want.Type())
	}
	return want
}

// ExpectClosed fails the test unless the other side closes without a word.
func (p *Peer) ExpectClosed() {
	p.tb.Helper()
	if got, err := p.Next(); err == nil {
		p.tb.Fatalf("got %v %+v, want the connection closed", got.Type(), got)
	}
}

// Associate sends rq and expects it accepted.
func (p *Peer) Associate(rq *pdu.AssociateRQ) *pdu.AssociateAC {
	p.tb.Helper()
	p.Send(rq)
	return Expect[*pdu.AssociateAC](p)
}

// Release ends the association in agreement.
func (p *Peer) Release() {
	p.tb.Helper()
	p.Send(&pdu.ReleaseRQ{})
	Expect[*pdu.ReleaseRP](p)
	_ = p.Close()
}
