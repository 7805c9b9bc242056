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
	given := map[int]bool{}
	for range 200 { // of 6000: three would come again by chance
		port := freeport.For(t)
		if given[port] {
			t.Fatalf("%d is given again", port)
		}
		given[port] = true
	}
}
