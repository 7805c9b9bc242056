package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// relayed puts a relay before a server of one connection and gives the client's end,
// the server's, and how the relay ended.
func relayed(t *testing.T, out io.Writer) (client, server *net.TCPConn, ended chan error, stop context.CancelFunc) {
	t.Helper()
	target, front := listen(t), listen(t)
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	ended = make(chan error, 1)
	r := &relay{to: target.Addr().String(), out: out, err: io.Discard}
	go func() { ended <- r.serve(ctx, front, 2) }()
	c, err := net.Dial("tcp", front.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := target.Accept()
	if err != nil {
		t.Fatal(err)
	}
	for _, conn := range []net.Conn{c, s} {
		t.Cleanup(func() { _ = conn.Close() })
		if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
	}
	return c.(*net.TCPConn), s.(*net.TCPConn), ended, stop
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// What is no DICOM at all passes unchanged, and one direction may end before the other.
func TestRelayPassesEverything(t *testing.T) {
	t.Parallel()
	client, server, ended, stop := relayed(t, io.Discard)
	question, answer := bytes.Repeat([]byte("no DICOM "), 100000), []byte("none here either")
	go func() {
		_, _ = client.Write(question)
		_ = client.CloseWrite()
	}()
	if got, err := io.ReadAll(server); err != nil || !bytes.Equal(got, question) {
		t.Fatalf("%d of %d bytes, %v", len(got), len(question), err)
	}
	if _, err := server.Write(answer); err != nil {
		t.Fatal(err)
	}
	_ = server.Close()
	if got, err := io.ReadAll(client); err != nil || !bytes.Equal(got, answer) {
		t.Fatalf("%q, %v", got, err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Stopping ends connections that are open.
func TestRelayStops(t *testing.T) {
	t.Parallel()
	client, server, ended, stop := relayed(t, io.Discard)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for _, c := range []net.Conn{client, server} {
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("still open")
		}
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

// A print that nobody takes ends the relay: it is there for nothing else.
func TestRelayWithoutOutput(t *testing.T) {
	t.Parallel()
	client, _, ended, _ := relayed(t, full{})
	if _, err := client.Write([]byte("\x05\x00\x00\x00\x00\x04\x00\x00\x00\x00")); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, errFull) {
		t.Error(err)
	}
}
