package ultest

import (
	"context"
	"net"
	"sync"
)

// Listener is a net.Listener over net.Pipe.
type Listener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// Listen makes a Listener.
func Listen() *Listener {
	return &Listener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *Listener) Close() error { l.once.Do(func() { close(l.closed) }); return nil }

// Addr implements net.Listener.
func (l *Listener) Addr() net.Addr { return addr("memory") }

// DialContext connects; address is what the server sees as the remote address.
func (l *Listener) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- conn{server, addr(address)}:
		return client, nil
	case <-l.closed:
	case <-ctx.Done():
	}
	_ = client.Close()
	_ = server.Close()
	return nil, net.ErrClosed
}

type conn struct {
	net.Conn
	remote addr
}

func (c conn) RemoteAddr() net.Addr { return c.remote }

type addr string

func (addr) Network() string  { return "memory" }
func (a addr) String() string { return string(a) }
