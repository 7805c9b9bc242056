package trace

import (
	"bufio"
	"bytes"
	"io"
	"sync"
	"time"

	"github.com/dokuei/dokuei/dicom/pdu"
)

// Options are how to print. The zero value is good.
type Options struct {
	// Label stands at the head of each PDU's line: which association it is.
	Label string
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Association prints one association.
type Association struct {
	mu       sync.Mutex
	out      *bufio.Writer
	opt      Options
	contexts [256]context // by presentation context ID
	sides    [2]*Side
	err      error // of out
}

// context is what was negotiated for one presentation context.
type context struct{ abstract, transfer string }

// New makes an Association that prints to w, whole lines at a time.
func New(w io.Writer, opt Options) *Association {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	a := &Association{out: bufio.NewWriter(&lines{w: w}), opt: opt}
	for i, arrow := range [...]string{"→", "←"} {
		s := &Side{a: a, arrow: arrow}
		s.in = newInput(s.decode)
		a.sides[i] = s
	}
	return a
}

// Requestor takes what the peer sends that opened the connection.
func (a *Association) Requestor() *Side { return a.sides[0] }

// Acceptor takes what the other one answers.
func (a *Association) Acceptor() *Side { return a.sides[1] }

// Close ends both sides and returns the first error of the output.
func (a *Association) Close() error {
	for _, s := range a.sides {
		_ = s.Close()
	}
	return a.err
}

// Side is one direction of an Association.
type Side struct {
	a      *Association
	arrow  string
	in     *input
	closed bool

	left    uint32         // bytes of the P-DATA-TF in hand not read yet
	again   *pdu.PDVHeader // read and printed, but not what was wanted
	command []byte
}

// Write prints what p completes. It takes all of p; an error is one of the output.
func (s *Side) Write(p []byte) (int, error) {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	if !s.closed {
		s.in.write(p)
		s.a.flush()
	}
	return len(p), s.a.err
}

// Close says that this side sends no more. Closing twice does nothing.
func (s *Side) Close() error {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	if !s.closed {
		s.closed = true
		s.in.stop()
		s.head("end of stream")
		s.a.flush()
	}
	return s.a.err
}

// lines passes on whole lines, so that several Associations may share an output.
type lines struct {
	w    io.Writer
	part []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.part = append(l.part, p...)
	n := bytes.LastIndexByte(l.part, '\n') + 1
	if n == 0 {
		return len(p), nil
	}
	_, err := l.w.Write(l.part[:n])
	l.part = append(l.part[:0], l.part[n:]...)
	return len(p), err
}

func (a *Association) flush() {
	if err := a.out.Flush(); a.err == nil {
		a.err = err
	}
}
