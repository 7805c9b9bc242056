package ul

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"sync"

	"github.com/dokuei/dokuei/dicom/pdu"
)

// Context is a negotiated presentation context, PS3.8 7.1.1.13 and 7.1.1.14.
type Context struct {
	ID             byte
	AbstractSyntax string
	TransferSyntax string // chosen; significant when Result is pdu.ContextAccepted
	Result         byte   // PS3.8 Table 9-18
	// PeerSCP says that role selection gave the requestor the SCP role, PS3.7
	// D.3.3.4: by default it is SCU only.
	PeerSCU, PeerSCP bool
}

// Accepted says whether messages may use the context.
func (c Context) Accepted() bool { return c.ID != 0 && c.Result == pdu.ContextAccepted }

// Association is an association of PS3.8 clause 7. The exported fields are set
// before it is handed out and not changed.
type Association struct {
	CallingAE, CalledAE string
	RemoteAddr          net.Addr
	TLS                 *tls.ConnectionState
	Peer                any // what the Policy made of the peer

	// Window is how many operations the requestor may have outstanding; the
	// acceptor has one.
	Window int

	// What the peer said of itself.
	PeerImplementationClassUID    string
	PeerImplementationVersionName string

	conn      net.Conn
	cfg       Config
	requestor bool
	contexts  []Context
	fragment  int // largest fragment to send, even

	in               *meter
	buf              *bufio.Reader
	pduLeft, pdvLeft uint32

	wmu sync.Mutex // one PDU at a time

	mu    sync.Mutex // guards state
	state State
	err   error // reader's: why it ended
}

// readers are lent to associations for as long as they live.
var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, readBuffer) }}

const readBuffer = 64 << 10

func newAssociation(conn net.Conn, cfg Config, requestor bool, initial State) *Association {
	if t, ok := conn.(*net.TCPConn); ok {
		_ = t.SetNoDelay(true) // a hint: an answer must not wait for a delayed ACK
	}
	return &Association{
		RemoteAddr: conn.RemoteAddr(), Window: 1, conn: conn, cfg: cfg, requestor: requestor,
		in: newMeter(conn, cfg), state: initial,
	}
}

// State is the state of the protocol machine now.
func (a *Association) State() State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state
}

// Contexts lists every proposed context with its result.
func (a *Association) Contexts() []Context { return a.contexts }

// Context finds a context by its identifier.
func (a *Association) Context(id byte) (Context, bool) {
	for _, c := range a.contexts {
		if c.ID == id {
			return c, true
		}
	}
	return Context{}, false
}

// Received is the number of bytes the peer has sent. It is the reader's to
// ask.
func (a *Association) Received() int64 { return a.in.total }

// MaxMessageBytes is how much the data set of a message may have.
func (a *Association) MaxMessageBytes() int64 { return a.cfg.MaxMessageBytes }

// Bind interrupts reads and writes with ErrCanceled when ctx ends; the
// association is then only good for Close. The returned function undoes the
// binding.
func (a *Association) Bind(ctx context.Context) (unbind func() bool) {
	return context.AfterFunc(ctx, func() { a.in.stop(ErrCanceled) })
}

// step puts an event through the protocol machine.
func (a *Association) step(e Event, other bool) (Action, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	act, next, ok := Next(a.state, e, other)
	if !ok {
		return 0, &StateError{a.state, e}
	}
	a.state = next
	return act, nil
}

// established switches from exact reads to the buffered reading of messages.
func (a *Association) established(theirs *pdu.UserInformation) {
	a.PeerImplementationClassUID = theirs.ImplementationClassUID
	a.PeerImplementationVersionName = theirs.ImplementationVersionName
	limit := a.cfg.MaxSendLength
	if m := theirs.MaximumLength; m != nil && m.Received != 0 {
		limit = min(limit, m.Received)
	}
	a.fragment = int(limit-pdu.PDVHeaderLength) &^ 1
	a.buf, _ = readers.Get().(*bufio.Reader)
	a.buf.Reset(a.in)
}

// tooSmall says whether no message fits into what the peer receives.
func tooSmall(u *pdu.UserInformation) bool {
	m := u.MaximumLength
	return m != nil && m.Received != 0 && m.Received < minPDULength
}
