package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/dokuei/dokuei/dicom/trace"
)

type traceCmd struct {
	Listen string `required:"" help:"Where one of the two peers is to call instead." placeholder:"HOST:PORT"`
	To     string `required:"" help:"The peer it means to call." placeholder:"HOST:PORT"`
	Max    int    `help:"Connections at once; more wait." default:"16"`
}

// Run stands between two peers until it is told to stop.
func (c traceCmd) Run(ctx context.Context, con console) error {
	if c.Max < 1 {
		return fmt.Errorf("--max %d: must be 1 or more", c.Max)
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(con.Err, "listening on %s, passing on to %s\n", l.Addr(), c.To)
	r := &relay{to: c.To, out: &oneAtATime{w: con.Out}, err: &oneAtATime{w: con.Err}}
	return r.serve(ctx, l, c.Max)
}

// oneAtATime lets several connections write whole chunks to one place.
type oneAtATime struct {
	mu sync.Mutex
	w  io.Writer
}

func (o *oneAtATime) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.Write(p)
}

// relay passes connections on and prints what is said.
type relay struct {
	to       string
	out, err io.Writer
}

// serve ends when ctx does, or when nobody takes the print any more.
func (r *relay) serve(ctx context.Context, l net.Listener, limit int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	context.AfterFunc(ctx, func() { _ = l.Close() })
	var conns sync.WaitGroup
	defer conns.Wait()
	room := make(chan struct{}, limit)
	for n := 1; ; n++ {
		room <- struct{}{}
		in, err := l.Accept()
		if err != nil {
			conns.Wait()
			if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
				return cause
			}
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		conns.Go(func() {
			defer func() { <-room }()
			label := fmt.Sprintf("#%d", n)
			if err := r.pass(ctx, label, in); err != nil {
				cancel(err)
			}
		})
	}
}

// pass carries one connection to its end. The error is one of the print.
func (r *relay) pass(ctx context.Context, label string, in net.Conn) error {
	defer in.Close()
	out, err := new(net.Dialer).DialContext(ctx, "tcp", r.to)
	if err != nil {
		fmt.Fprintln(r.err, label, err)
		return nil
	}
	defer out.Close()
	stop := context.AfterFunc(ctx, func() { _, _ = in.Close(), out.Close() })
	defer stop()
	a := trace.New(r.out, trace.Options{Label: label})
	var sides sync.WaitGroup
	sides.Go(func() { carry(out, in, a.Requestor()) })
	sides.Go(func() { carry(in, out, a.Acceptor()) })
	sides.Wait()
	return a.Close()
}

// carry copies what from sends to to, printed first: what the other side answers must
// find this already understood. The end of one direction leaves the other open.
func carry(to, from net.Conn, side *trace.Side) {
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if _, failed := side.Write(b[:n]); failed != nil {
			_, _ = to.Close(), from.Close()
			return
		}
		if _, failed := to.Write(b[:n]); failed != nil {
			_ = from.Close() // nobody takes it: the sender is to know
			return
		}
		if err != nil {
			_ = side.Close()
			if c, ok := to.(*net.TCPConn); !ok || c.CloseWrite() != nil {
				_ = to.Close()
			}
			return
		}
	}
}
