package mllp

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/dokuei/dokuei/internal/outbound"
)

// Conn is a connection we have opened.
type Conn struct {
	conn net.Conn
	r    *bufio.Reader
}

// Dial connects to a receiver; config nil: without TLS.
func Dial(ctx context.Context, address string, config *tls.Config) (*Conn, error) {
	var conn net.Conn
	var err error
	if config != nil {
		conn, err = (&tls.Dialer{NetDialer: outbound.Dialer(0), Config: config}).DialContext(ctx, "tcp", address)
	} else {
		conn, err = outbound.Dialer(0).DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return nil, fmt.Errorf("mllp: connect: %w", err)
	}
	return &Conn{conn: conn, r: bufio.NewReader(conn)}, nil
}

// maxAnswer bounds an acknowledgement.
const maxAnswer = 1 << 20

// Exchange sends a message and gives the peer's answer. After an error the
// connection is of no more use: whether the message was taken is not known.
func (c *Conn) Exchange(ctx context.Context, message []byte) ([]byte, error) {
	until, ok := ctx.Deadline()
	if !ok {
		until = time.Now().Add(time.Minute)
	}
	if err := c.conn.SetDeadline(until); err != nil {
		return nil, fmt.Errorf("mllp: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := Write(c.conn, message); err != nil {
		return nil, errors.Join(ctx.Err(), fmt.Errorf("mllp: send: %w", err))
	}
	answer, err := Read(c.r, maxAnswer)
	if err != nil {
		return nil, errors.Join(ctx.Err(), fmt.Errorf("mllp: no answer: %w", err))
	}
	return answer, nil
}

// Close closes the connection.
func (c *Conn) Close() error { return c.conn.Close() }
