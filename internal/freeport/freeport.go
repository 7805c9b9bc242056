// Package freeport names ports for the programs of other makers that a test runs and
// that cannot be told to choose one themselves.
package freeport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// The ports given out lie below those that the system gives to listeners on port 0 and
// to connections (net.ipv4.ip_local_port_range begins at 32768): nothing takes one of
// them between its being named and its being used, or while its program is down.
const first, last = 20000, 26000

// For is a port that nothing listens on by TCP, at any address of this machine, nor by
// UDP on loopback, and that no other test is given, of whatever process, until t has
// ended: what says so is the UDP port as far above it as there are ports to give, which
// is held for as long.
func For(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := first + rand.IntN(last-first)
		held, err := net.ListenPacket("udp", fmt.Sprint("127.0.0.1:", port+last-first))
		if err != nil {
			continue // another test's
		}
		if !free(port) {
			_ = held.Close()
			continue
		}
		t.Cleanup(func() { _ = held.Close() })
		return port
	}
	t.Fatalf("no free port between %d and %d", first, last)
	return 0
}

// free says whether a program can listen on a port.
func free(port int) bool {
	u, err := net.ListenPacket("udp", fmt.Sprint("127.0.0.1:", port))
	if err != nil {
		return false
	}
	defer u.Close()
	l, err := net.Listen("tcp", fmt.Sprint(":", port))
	if err != nil {
		return false
	}
	return l.Close() == nil
}
