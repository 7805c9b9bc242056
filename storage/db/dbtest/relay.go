package dbtest

import (
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Relay stands between a program and a PostgreSQL server. While it is frozen it
// accepts connections and keeps them, and moves nothing: what a server that hangs,
// or a network that swallows, looks like from outside.
type Relay struct {
	URL string // of the database, through the relay

	mu   sync.Mutex
	goOn chan struct{} // closed while bytes move
}

// NewRelay gives a relay to a database of a server that was started here.
func NewRelay(t testing.TB, database string) *Relay {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	const socket = ".s.PGSQL.5432"
	query := u.Query()
	server := filepath.Join(query.Get("host"), socket)
	dir, err := os.MkdirTemp("", "dokuei-relay") // short: the path of a socket has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	listener, err := net.Listen("unix", filepath.Join(dir, socket))
	if err != nil {
		t.Fatal(err)
	}
	query.Set("host", dir)
	u.RawQuery = query.Encode()
	r := &Relay{URL: u.String(), goOn: make(chan struct{})}
	close(r.goOn)
	var running sync.WaitGroup
	t.Cleanup(func() {
		listener.Close()
		r.Thaw()
		running.Wait()
	})
	running.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { r.carry(near, server) })
		}
	})
	return r
}

// Freeze stops all bytes.
func (r *Relay) Freeze() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.goOn:
		r.goOn = make(chan struct{})
	default:
	}
}

// Thaw lets them move again.
func (r *Relay) Thaw() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.goOn:
	default:
		close(r.goOn)
	}
}

func (r *Relay) moving() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.goOn
}

func (r *Relay) carry(near net.Conn, server string) {
	defer near.Close()
	<-r.moving()
	far, err := net.Dial("unix", server)
	if err != nil {
		return
	}
	defer far.Close()
	var both sync.WaitGroup
	for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			defer pair[1].Close()
			b := make([]byte, 32<<10)
			for {
				n, err := pair[0].Read(b)
				<-r.moving()
				if _, werr := pair[1].Write(b[:n]); err != nil || werr != nil {
					if err != io.EOF {
						pair[0].Close()
					}
					return
				}
			}
		})
	}
	both.Wait()
}
