package mllp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func TestFrames(t *testing.T) {
	t.Parallel()
	stream := "\r\n\x0bone\x1c\r\x0btwo\x1cinside\x1c\x1c\r\x0b" + strings.Repeat("x", 9000) + "\x1c\r\x0bcut"
	r := bufio.NewReader(strings.NewReader(stream))
	for _, want := range []string{"one", "two\x1cinside\x1c", strings.Repeat("x", 9000)} {
		got, err := Read(r, 10_000)
		if err != nil || string(got) != want {
			t.Fatalf("%.40q, %v; want %.40q", got, err, want)
		}
	}
	if _, err := Read(r, 10_000); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut off: %v", err)
	}
	if _, err := Read(bufio.NewReader(strings.NewReader("\x0b"+strings.Repeat("x", 5000))), 100); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	if _, err := Read(bufio.NewReader(strings.NewReader(strings.Repeat("GET / ", 500))), 100); !errors.Is(err, ErrNoFrame) {
		t.Errorf("no frame: %v", err)
	}
	if _, err := Read(bufio.NewReader(strings.NewReader("")), 100); !errors.Is(err, io.EOF) {
		t.Errorf("end: %v", err)
	}
}

func TestExchange(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	s := &Server{MaxConnections: 1, Answer: func(_ context.Context, _ net.Conn, m []byte) []byte {
		if string(m) == "quit" {
			return nil
		}
		return append([]byte("ack "), m...)
	}}
	go func() { served <- s.Serve(ctx, l) }()
	c, err := Dial(ctx, l.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, m := range []string{"one", "two"} {
		got, err := c.Exchange(ctx, []byte(m))
		if err != nil || string(got) != "ack "+m {
			t.Fatalf("%q %v", got, err)
		}
	}
	other, err := Dial(ctx, l.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Exchange(ctx, []byte("too many")); err == nil {
		t.Error("one more connection than allowed was served")
	}
	if _, err := c.Exchange(ctx, []byte("quit")); err == nil {
		t.Error("a refused message was answered")
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestSilentReceiver(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := Dial(t.Context(), l.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Exchange(ctx, []byte("hello")); err == nil {
		t.Error("an answer came from nobody")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("\x0bone\x1c\r"))
	f.Add([]byte("\x0b\x1c\x1c\r\x0b"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Read(bufio.NewReader(bytes.NewReader(raw)), 1000)
		if err == nil && len(m) > 1000 {
			t.Fatal("larger than the limit")
		}
	})
}
