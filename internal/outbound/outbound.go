// Package outbound opens connections to addresses that somebody has typed: of a
// peer, a webhook, a sign-on. Such an address must not lead to what only this
// machine's surroundings answer, first of all the metadata service of a cloud, which
// gives credentials to whoever asks.
//
// Addresses of the command line (the bucket, the database, the ACME directory, the
// syslog server) are not looked at: who sets them can run any program there, and a
// store on a link-local address of its own wire is theirs to choose.
package outbound

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// ErrForbidden says that an address is link-local, multicast, unspecified or of a
// cloud's metadata service. It never becomes right by trying again.
var ErrForbidden = errors.New("the address is link-local, multicast or of a cloud's metadata service: nothing is sent there")

// metadata are services of clouds outside the link-local ranges (RFC 3927, RFC 4291
// 2.5.6) that most of them use.
var metadata = []netip.Addr{
	netip.MustParseAddr("fd00:ec2::254"),   // Amazon, by IPv6
	netip.MustParseAddr("fd20:ce::254"),    // Google, by IPv6
	netip.MustParseAddr("100.100.100.200"), // Alibaba
	netip.MustParseAddr("192.0.0.192"),     // Oracle
	netip.MustParseAddr("168.63.129.16"),   // Azure's wire server
}

// translated is the well-known prefix of a translator to IPv4 (RFC 6052 2.1).
var translated = netip.MustParsePrefix("64:ff9b::/96")

// Forbidden reports whether nothing is sent to ip.
func Forbidden(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if translated.Contains(ip) {
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	if ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() || !ip.IsValid() {
		return true
	}
	for _, m := range metadata {
		if ip == m {
			return true
		}
	}
	return false
}

// Dialer connects to what is not Forbidden; timeout 0: as long as the context
// lasts. It looks at the address that is really dialled, after the name was
// resolved, so that no name and no change of its address gets around it.
func Dialer(timeout time.Duration) *net.Dialer {
	return &net.Dialer{Timeout: timeout, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || Forbidden(at.Addr()) {
			return fmt.Errorf("outbound: %w", ErrForbidden)
		}
		return nil
	}}
}
