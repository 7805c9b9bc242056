package outbound_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/dokuei/dokuei/internal/outbound"
)

func TestForbidden(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"169.254.169.254": true, "169.254.0.1": true, "::ffff:169.254.169.254": true, "64:ff9b::a9fe:a9fe": true,
		"fe80::1": true, "fe80::1%eth0": true, "febf::1": true, "fd00:ec2::254": true, "fd20:ce::254": true, "100.100.100.200": true,
		"168.63.129.16": true, "192.0.0.192": true, "64:ff9b::6464:64c8": true,
		"0.0.0.0": true, "::": true, "224.0.0.1": true, "ff02::1": true,
		"127.0.0.1": false, "::1": false, "10.1.2.3": false, "192.168.1.1": false, "169.253.1.1": false, "169.255.1.1": false,
		"fec0::1": false, "fd00:ec2::253": false, "64:ff9b::a01:203": false, "2001:db8::1": false, "203.0.113.1": false,
	} {
		if got := outbound.Forbidden(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: forbidden %v", address, got)
		}
	}
	if !outbound.Forbidden(netip.Addr{}) {
		t.Error("no address at all is let through")
	}
}

// An address is refused before a packet leaves, whichever way it is written.
func TestDialerRefuses(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"169.254.169.254:80", "[::ffff:169.254.169.254]:80", "[fe80::1]:80", "0.0.0.0:80", "[::]:80", "[fd00:ec2::254]:80"} {
		conn, err := outbound.Dialer(time.Minute).DialContext(t.Context(), "tcp", to)
		if err == nil {
			conn.Close()
		}
		if !errors.Is(err, outbound.ErrForbidden) {
			t.Errorf("%s: %v", to, err)
		}
	}
}

// A name that leads to this machine when it is looked at and to the metadata service
// when it is dialled (DNS rebinding) is judged by where it leads when it is dialled.
func TestRebinding(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, leads := range []struct {
		to      [4]byte
		refused bool
	}{{[4]byte{127, 0, 0, 1}, false}, {[4]byte{169, 254, 169, 254}, true}} {
		d := outbound.Dialer(time.Minute)
		d.Resolver = nameServer(t, leads.to)
		conn, err := d.DialContext(t.Context(), "tcp4", "pacs.example.org.:"+port)
		if err == nil {
			conn.Close()
		}
		if errors.Is(err, outbound.ErrForbidden) != leads.refused || !leads.refused && err != nil {
			t.Errorf("the name leads to %v: %v", leads.to, err)
		}
	}
}

// nameServer answers every question with an address.
func nameServer(t *testing.T, a [4]byte) *net.Resolver {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := c.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) == 0 {
				continue
			}
			m.Response, m.Additionals = true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}, Body: &dnsmessage.AResource{A: a}}}
			}
			if out, err := m.Pack(); err == nil {
				_, _ = c.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", c.LocalAddr().String())
	}}
}
