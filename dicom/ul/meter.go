package ul

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// meter reads from a connection on the terms of the phase it is in. While
// waiting, a peer has until a fixed deadline. Inside a message it lives on an
// allowance of time: every second spent in Read costs a second, every byte
// earns 1/MinBytesPerSecond back, never above Stall. A peer that keeps the
// floor on average never runs out; one that trickles does after Stall,
// however it cuts its bytes into PDUs, and the time our own handler takes is
// not charged to it.
type meter struct {
	conn  net.Conn
	stall time.Duration
	rate  time.Duration // what a byte earns
	total int64
	ack   func() // acknowledge at once, or nil

	waiting   bool // for a peer that owes us nothing yet
	deadline  time.Time
	expired   error // what a passed deadline means
	allowance time.Duration

	mu        sync.Mutex // guards what other goroutines interrupt with
	blocked   bool       // in a Read while waiting
	draining  bool
	held      bool // the wait is for a peer that owes us nothing
	interrupt error
	leaving   bool // the farewell is under way, with its own short limits
}

func newMeter(conn net.Conn, c Config) *meter {
	return &meter{conn: conn, stall: c.Stall, rate: time.Second / time.Duration(c.MinBytesPerSecond), ack: quickAck(conn)}
}

// wait starts a phase that ends at a fixed time with the given error.
func (m *meter) wait(d time.Duration, expired error) {
	m.waiting, m.deadline, m.expired = true, time.Now().Add(d), expired
}

// flow starts a phase of transfer with a fresh allowance.
func (m *meter) flow() { m.waiting, m.expired, m.allowance = false, ErrStalled, m.stall }

// Read implements io.Reader; its errors are ErrIdle, ErrStalled, ErrARTIM,
// ErrDraining, ErrCanceled or those of the connection.
func (m *meter) Read(p []byte) (int, error) {
	start := time.Now()
	deadline := m.deadline
	if !m.waiting {
		deadline = start.Add(m.allowance)
	}
	if err := m.arm(deadline); err != nil {
		return 0, err
	}
	n, err := m.conn.Read(p)
	m.total += int64(n)
	if 0 < n && n < len(p) && m.ack != nil {
		m.ack() // the socket is empty: the peer may be waiting for us
	}
	if !m.waiting {
		m.allowance = min(m.stall, m.allowance-time.Since(start)+time.Duration(n)*m.rate)
	}
	if err := m.disarm(); err != nil && n == 0 {
		return 0, err
	}
	if err != nil && errors.Is(err, os.ErrDeadlineExceeded) {
		err = m.expired
	}
	return n, err
}

// arm sets the deadline unless somebody wants the reader out.
func (m *meter) arm(deadline time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.interrupt != nil:
		return m.interrupt
	case m.draining && m.waiting && !m.held:
		return ErrDraining
	}
	if m.blocked = m.waiting; m.blocked && m.held {
		deadline = time.Time{}
	}
	return m.conn.SetReadDeadline(deadline)
}

// armWrite sets the deadline of the next write unless the association was
// interrupted.
func (m *meter) armWrite(deadline time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.interrupt != nil {
		return m.interrupt
	}
	return m.conn.SetWriteDeadline(deadline)
}

func (m *meter) disarm() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	wasIdle := m.blocked
	m.blocked = false
	switch {
	case m.interrupt != nil:
		return m.interrupt
	case m.draining && wasIdle && !m.held:
		return ErrDraining
	}
	return nil
}

// drain makes the reader leave with ErrDraining as soon as it is, or is about
// to be, waiting: between two messages, or for a request.
func (m *meter) drain() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.draining = !m.leaving
	if m.blocked && !m.held && !m.leaving {
		_ = m.conn.SetReadDeadline(time.Unix(1, 0)) // fails only on a closed connection
	}
}

// stop makes any read and write fail with err now and from here on.
func (m *meter) stop(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.leaving {
		return
	}
	if m.interrupt == nil {
		m.interrupt = err
	}
	_ = m.conn.SetDeadline(time.Unix(1, 0)) // fails only on a closed connection
}

// farewell clears an interruption and lets none come again: what follows is one
// A-ABORT and a short wait.
func (m *meter) farewell() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.interrupt, m.draining, m.leaving = nil, false, true
}
