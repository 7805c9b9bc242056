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
const first, last = 20000, 32000

// For is a TCP port that nothing listens on, at any address of this machine, and that
// no other test is given, of whatever process, until t has ended: what says so is the
// UDP port of the same number, which is held for as long.
func For(t testing.TB) int {
	t.Helper()
	for range 1000 {
		port := first + rand.IntN(last-first)
		held, err := net.ListenPacket("udp", fmt.Sprint("127.0.0.1:", port))
		if err != nil {
			continue // another test's
		}
		l, err := net.Listen("tcp", fmt.Sprint(":", port))
		if err != nil {
			_ = held.Close()
			continue // taken
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = held.Close() })
		return port
	}
	t.Fatalf("no free port between %d and %d", first, last)
	return 0
}
