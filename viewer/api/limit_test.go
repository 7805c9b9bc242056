package api

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestMeter(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	m := newMeter(Rate{PerSecond: 2, Burst: 3})
	m.now = func() time.Time { return now }
	for n := range 3 {
		if wait := m.take("a"); wait != 0 {
			t.Errorf("request %d waits %s", n, wait)
		}
	}
	for range 5 { // who is refused does not make the wait longer
		if wait := m.take("a"); wait != 500*time.Millisecond {
			t.Errorf("waits %s", wait)
		}
	}
	if m.take("b") != 0 {
		t.Error("one waits for another")
	}
	now = now.Add(500 * time.Millisecond)
	if m.take("a") != 0 || m.take("a") == 0 {
		t.Error("not one after half a second")
	}
	if off := newMeter(Rate{}); off.take("a") != 0 {
		t.Error("no limit is one")
	}
}

// A flood of addresses costs bounded memory, and those who have rested are forgotten.
func TestMeterIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	m := newMeter(Rate{PerSecond: 1, Burst: 2})
	m.now = func() time.Time { return now }
	for n := range maxCounted + 10 {
		m.take(fmt.Sprint(n))
	}
	if len(m.by) > maxCounted {
		t.Errorf("%d are counted", len(m.by))
	}
	now = now.Add(time.Hour)
	m.take("late")
	if len(m.by) != 1 {
		t.Errorf("%d are still remembered", len(m.by))
	}
}

func TestNeighbourhood(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"192.0.2.7:1": "192.0.2.7", "[::ffff:192.0.2.7]:1": "192.0.2.7", "[2001:db8:1:2:3::4]:1": "2001:db8:1:2::/64", "[fe80::1%eth0]:1": "fe80::/64", "odd": "odd",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		if r.RemoteAddr = addr; neighbourhood(r) != want {
			t.Errorf("%s: %s", addr, neighbourhood(r))
		}
	}
}

// One address cannot take all connections, and all cannot take more than there are.
func TestConnections(t *testing.T) {
	t.Parallel()
	c := &Connections{PerAddress: 2, All: 3, Proxies: Loopback()}
	conn := func(addr string) *fakeConn {
		f := &fakeConn{at: addr}
		c.State(f, http.StateNew)
		return f
	}
	a1, a2, a3 := conn("192.0.2.1:1"), conn("192.0.2.1:2"), conn("192.0.2.1:3")
	if a1.closed || a2.closed || !a3.closed {
		t.Error("two of an address, and no third")
	}
	c.State(a3, http.StateClosed)
	if conn("192.0.2.2:1").closed || !conn("192.0.2.3:1").closed {
		t.Error("three in all, and no fourth")
	}
	c.State(a1, http.StateClosed)
	c.State(a1, http.StateClosed)
	if conn("192.0.2.1:4").closed {
		t.Error("room was not given back")
	}
	c = &Connections{PerAddress: 1, All: 10, Proxies: Loopback()}
	if conn("127.0.0.1:1").closed || conn("127.0.0.1:2").closed {
		t.Error("a proxy is bounded like one caller")
	}
}

type fakeConn struct {
	net.Conn
	at     string
	closed bool
}

func (f *fakeConn) RemoteAddr() net.Addr {
	a, _ := net.ResolveTCPAddr("tcp", f.at)
	return a
}

func (f *fakeConn) Close() error {
	f.closed = true
	return nil
}
