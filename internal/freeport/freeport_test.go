package freeport_test

import (
	"fmt"
	"net"
	"testing"

	"github.com/dokuei/dokuei/internal/freeport"
)

func TestFor(t *testing.T) {
	t.Parallel()
	port := freeport.For(t)
	if port >= 32768 {
		t.Errorf("%d may be given to a connection meanwhile", port)
	}
	l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// While a test runs nobody else is given its port, listened on or not.
func TestForHolds(t *testing.T) {
	t.Parallel()
	if c, err := net.ListenPacket("udp", fmt.Sprint("127.0.0.1:", freeport.For(t))); err == nil {
		_ = c.Close()
		t.Error("it may be given again")
	}
}
