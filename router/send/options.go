package send

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"time"
)

// Options say where to send and how. Only the first three have no default.
type Options struct {
	Addr                string // host:port
	CallingAE, CalledAE string
	TLS                 *tls.Config

	// Associations is how many are open at once. Default 4; a peer that
	// allows fewer gets fewer.
	Associations int
	// Window is how many files may be under way on each when the peer agrees
	// (asynchronous operations window). Default 8; 1 does not speak of it.
	Window uint16
	// Tries is how often a file is sent before it counts as failed. Default 4.
	Tries int
	// Pause is the wait before the second try; it doubles with each. Default 1 s.
	Pause time.Duration
	// Response bounds the wait for the answer to one file. Default 120 s.
	Response time.Duration

	// Journal is a file that remembers what was acknowledged; without one
	// everything is sent.
	Journal string

	// Commit, when set, asks for storage commitment of what is acknowledged.
	Commit *Commit

	// Progress, when set, is called from one goroutine, every Every (default
	// 200 ms) and once at the end.
	Progress func(Progress)
	Every    time.Duration

	// Log receives no paths and no patient data. Default: discarded.
	Log *slog.Logger

	Dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	}
}

func (o Options) withDefaults() Options {
	if o.Associations <= 0 {
		o.Associations = 4
	}
	if o.Window == 0 {
		o.Window = 8
	}
	if o.Tries <= 0 {
		o.Tries = 4
	}
	if o.Pause <= 0 {
		o.Pause = time.Second
	}
	if o.Commit != nil {
		c := *o.Commit
		if c.Wait <= 0 {
			c.Wait = 2 * time.Minute
		}
		o.Commit = &c
	}
	if o.Every <= 0 {
		o.Every = 200 * time.Millisecond
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}
