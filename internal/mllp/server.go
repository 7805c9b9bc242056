package mllp

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// Server answers messages.
type Server struct {
	// Answer gives the acknowledgement of a message; nil closes the connection. It is
	// called from one goroutine a connection.
	Answer func(ctx context.Context, peer net.Conn, message []byte) []byte

	MaxMessage     int           // bytes; zero: 1 MiB
	MaxConnections int           // zero: 64; one more is closed at once
	Idle           time.Duration // between two messages; zero: 10 minutes
	Within         time.Duration // for one message once begun, and for our answer; zero: 1 minute
	Log            *slog.Logger  // nil: discarded
}

func (s *Server) filled() *Server {
	f := *s
	if f.MaxMessage <= 0 {
		f.MaxMessage = 1 << 20
	}
	if f.MaxConnections <= 0 {
		f.MaxConnections = 64
	}
	if f.Idle <= 0 {
		f.Idle = 10 * time.Minute
	}
	if f.Within <= 0 {
		f.Within = time.Minute
	}
	if f.Log == nil {
		f.Log = slog.New(slog.DiscardHandler)
	}
	return &f
}

// Serve accepts until ctx ends, then closes the listener and every connection and
// returns nil when the answers under way have ended.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	f := s.filled()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() }) // Accept returns and says why
	defer stop()
	var wait sync.WaitGroup
	defer wait.Wait()
	free := make(chan struct{}, f.MaxConnections)
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			var passing net.Error
			if errors.As(err, &passing) && passing.Timeout() {
				continue
			}
			return err
		}
		select {
		case free <- struct{}{}:
		default:
			f.Log.WarnContext(ctx, "mllp: too many connections", "peer", conn.RemoteAddr().String(), "most", f.MaxConnections)
			_ = conn.Close() // nothing was said on it
			continue
		}
		wait.Go(func() {
			defer func() { <-free }()
			f.serve(ctx, conn)
		})
	}
}

func (s *Server) serve(ctx context.Context, conn net.Conn) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer conn.Close()
	r := bufio.NewReader(conn)
	for {
		if conn.SetReadDeadline(time.Now().Add(s.Idle)) != nil {
			return
		}
		if _, err := r.Peek(1); err != nil {
			return
		}
		if conn.SetDeadline(time.Now().Add(s.Within)) != nil {
			return
		}
		message, err := Read(r, s.MaxMessage)
		if err != nil {
			if ctx.Err() == nil {
				s.Log.WarnContext(ctx, "mllp: connection closed", "peer", conn.RemoteAddr().String(), "error", err)
			}
			return
		}
		answer := s.Answer(ctx, conn, message)
		if answer == nil {
			return
		}
		if conn.SetWriteDeadline(time.Now().Add(s.Within)) != nil || Write(conn, answer) != nil {
			return
		}
	}
}
