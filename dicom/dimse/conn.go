package dimse

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/ul"
)

// ProtocolError is a sequence of fragments that is no message, PS3.8 Annex E
// and PS3.7 clause 8.
type ProtocolError struct{ Reason string }

func (e *ProtocolError) Error() string { return "dimse: " + e.Reason }

// Incoming is a message as it arrives: the command is here, the data set may
// still be on the wire.
type Incoming struct {
	Context ul.Context
	Message Message
	Data    *DataReader // nil when the command says that none follows
}

// Conn exchanges messages over an association.
type Conn struct {
	a       *ul.Association
	command []byte // of the message being received
	data    *DataReader

	mu sync.Mutex // fragments of one message are not mixed with another's
}

// NewConn makes the one Conn of an association.
func NewConn(a *ul.Association) *Conn { return &Conn{a: a} }

// Receive waits for the next message. What is unread of the data set before it
// is dropped. io.EOF is the peer's request to release the association.
func (c *Conn) Receive() (Incoming, error) {
	if c.data != nil {
		if err := c.data.Drain(); err != nil {
			return Incoming{}, err
		}
		c.data = nil
	}
	c.command = c.command[:0]
	var id byte
	empty := 0
	for first := true; ; first = false {
		h, err := c.next(first)
		if err != nil {
			return Incoming{}, err
		}
		switch {
		case !h.Command:
			return Incoming{}, &ProtocolError{"data set fragment where a command was due"}
		case !first && h.ContextID != id:
			return Incoming{}, &ProtocolError{fmt.Sprintf("command changes from context %d to %d", id, h.ContextID)}
		case int64(len(c.command))+int64(h.Length) > MaxCommandLength:
			return Incoming{}, &ProtocolError{fmt.Sprintf("command set of more than %d bytes", MaxCommandLength)}
		}
		if empty, err = countEmpty(empty, h.Length); err != nil {
			return Incoming{}, err
		}
		id = h.ContextID
		start := len(c.command)
		c.command = append(c.command, make([]byte, h.Length)...)
		if _, err := io.ReadFull(c.a, c.command[start:]); err != nil {
			return Incoming{}, midMessage(err)
		}
		if h.Last {
			break
		}
	}
	m, dataSet, err := Decode(c.command)
	if err != nil {
		return Incoming{}, err
	}
	ctx, _ := c.a.Context(id) // accepted: ul checks every fragment
	in := Incoming{Context: ctx, Message: m}
	if dataSet {
		c.data = &DataReader{a: c.a, id: id}
		in.Data = c.data
	}
	return in, nil
}

func (c *Conn) next(first bool) (pdu.PDVHeader, error) {
	if !first {
		h, err := c.a.NextPDV()
		return h, midMessage(err)
	}
	h, err := c.a.AwaitPDV()
	if errors.Is(err, ul.ErrReleaseRequested) {
		err = io.EOF
	}
	return h, err
}

// midMessage makes sure that a release inside a message is not taken for its
// end.
func midMessage(err error) error {
	if errors.Is(err, ul.ErrReleaseRequested) {
		return &ProtocolError{"released inside a message"}
	}
	return err
}

// maxEmpty is how many fragments of no bytes may follow each other: they keep
// the line busy and the message where it is.
const maxEmpty = 64

func countEmpty(n int, length uint32) (int, error) {
	if length > 0 {
		return 0, nil
	}
	if n++; n > maxEmpty {
		return n, &ProtocolError{"too many empty fragments"}
	}
	return n, nil
}

// Send sends a message on a context, with its data set when data is not nil.
func (c *Conn) Send(contextID byte, m Message, data io.Reader) error {
	b, err := Append(nil, m, data != nil)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.a.SendBytes(contextID, true, b); err != nil || data == nil {
		return err
	}
	_, err = c.a.Send(contextID, data)
	return err
}
