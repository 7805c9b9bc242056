package db

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// ErrSilent: the database server has not answered in time.
var ErrSilent = errors.New("db: the database does not answer")

// limitedConn is a connection to the database server that is closed when nothing
// has moved for a while. statement_timeout is the server's own limit and comes
// first; this one is for a server that is stopped, cut off or gone without a word,
// which nothing else notices for minutes.
type limitedConn struct {
	net.Conn
	limit time.Duration

	mu          sync.Mutex
	read, write time.Time // deadlines the driver has set: they win
}

func (c *limitedConn) Read(p []byte) (int, error) {
	return c.move(p, &c.read, c.Conn.SetReadDeadline, c.Conn.Read)
}

func (c *limitedConn) Write(p []byte) (int, error) {
	return c.move(p, &c.write, c.Conn.SetWriteDeadline, c.Conn.Write)
}

// move reads or writes within the limit. To the driver a time-out of its own making
// is no reason to give a connection up; one of ours is.
func (c *limitedConn) move(p []byte, driver *time.Time, limit func(time.Time) error, do func([]byte) (int, error)) (int, error) {
	c.mu.Lock()
	err := limit(c.deadline(*driver))
	c.mu.Unlock()
	if err != nil {
		return 0, err
	}
	n, err := do(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		c.mu.Lock()
		ours := driver.IsZero()
		c.mu.Unlock()
		if ours {
			return n, errors.Join(ErrSilent, c.Conn.Close())
		}
	}
	return n, err
}

func (c *limitedConn) deadline(driver time.Time) time.Time {
	if !driver.IsZero() {
		return driver
	}
	return time.Now().Add(c.limit)
}

// SetDeadline is how the driver interrupts a call whose context has ended.
func (c *limitedConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read, c.write = t, t
	return c.Conn.SetDeadline(t)
}

func (c *limitedConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = t
	return c.Conn.SetReadDeadline(t)
}

func (c *limitedConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.write = t
	return c.Conn.SetWriteDeadline(t)
}

// within is ctx, ended after limit. Rows are read under it after the call that gave
// them, so nobody can end it earlier.
func within(ctx context.Context, limit time.Duration) context.Context {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, ErrSilent)
	context.AfterFunc(ctx, cancel)
	return ctx
}
