package send

import (
	"context"
	"errors"
	"net"
	"slices"
	"time"

	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
)

// Commit asks the receiver to take over the responsibility for what it has
// acknowledged, in this run or an earlier one (PS3.4 Annex J).
type Commit struct {
	// Wait bounds the wait for a report. Default 2 min.
	Wait time.Duration
	// Listener takes in reports of receivers that open an association of their
	// own for them, which many do. nil: only the association that asked is
	// listened on. Run closes it.
	Listener net.Listener
}

// commitMost is how many instances one request names.
const commitMost = 5000

// UncommittedError is an instance the receiver does not commit.
type UncommittedError struct{ Reason commitment.Reason }

func (e *UncommittedError) Error() string {
	return "the receiver has acknowledged it and does not commit it: " + e.Reason.String()
}

// commit asks for everything that is acknowledged.
func (r *run) commit(ctx context.Context) error {
	asker := &commitment.Asker{}
	if l := r.o.Commit.Listener; l != nil {
		asker.Called = true
		stop, err := r.listen(ctx, l, asker)
		if err != nil {
			return err
		}
		defer stop()
	}
	for part := range slices.Chunk(r.acknowledged, commitMost) {
		if err := r.ask(ctx, asker, part); err != nil {
			return err
		}
	}
	return nil
}

// listen serves associations of the receiver until stop is called.
func (r *run) listen(ctx context.Context, l net.Listener, asker *commitment.Asker) (stop func(), err error) {
	scp, err := service.NewSCP(service.SCPConfig{
		Normalized: map[string]service.Normalized{uid.StorageCommitmentPush: {Serve: asker.Reported, PeerSCP: true}},
		Acceptor: ul.AcceptorConfig{
			Config: ul.Config{AETitle: r.o.CallingAE, Log: r.o.Log}, MaxAssociations: 16, Grace: time.Second,
		},
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := scp.Serve(ctx, l); err != nil {
			r.o.Log.Warn("reports of commitment cannot be received any more", "err", err)
		}
	}()
	return func() { cancel(); <-done }, nil
}

// ask asks for some files, again when the receiver cannot be reached or is silent.
func (r *run) ask(ctx context.Context, asker *commitment.Asker, files []*file) error {
	items := make([]commitment.Item, len(files))
	for n, f := range files {
		items[n] = commitment.Item{SOPClassUID: f.class, SOPInstanceUID: f.instance}
	}
	for try := 1; ; try++ {
		result, err := r.askOnce(ctx, asker, items)
		if err == nil {
			r.settle(files, result)
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var none *service.NoContextError
		var refused *commitment.RefusedError
		if permanent(err) || errors.As(err, &none) || errors.As(err, &refused) || try >= r.o.Tries {
			r.uncommitted(files, err)
			return nil
		}
		r.o.Log.Info("no commitment yet", "try", try, "err", err)
		if !sleep(ctx, r.o.Pause<<min(try-1, 6)) {
			return ctx.Err()
		}
	}
}

func (r *run) askOnce(ctx context.Context, asker *commitment.Asker, items []commitment.Item) (commitment.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, r.o.Commit.Wait)
	defer cancel()
	c, err := service.Dial(ctx, r.o.Addr, service.DialOptions{
		CallingAE: r.o.CallingAE, CalledAE: r.o.CalledAE, Contexts: commitment.Contexts(), TLS: r.o.TLS,
		Response: r.o.Commit.Wait, Log: r.o.Log, Dialer: r.o.Dialer,
	})
	if err != nil {
		return commitment.Result{}, err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := c.Close(closing); err != nil {
			r.o.Log.Debug("release", "err", err)
		}
	}()
	return asker.Ask(ctx, c, items)
}

func (r *run) settle(files []*file, result commitment.Result) {
	for n, i := range result.Items {
		if i.Reason == commitment.Committed {
			r.report.Committed++
			continue
		}
		r.uncommitted(files[n:n+1], &UncommittedError{i.Reason})
	}
}

func (r *run) uncommitted(files []*file, err error) {
	for _, f := range files {
		r.report.Uncommitted = append(r.report.Uncommitted, Problem{
			Path: f.path, Reason: err.Error(), Err: err,
			Next: "Keep your copy, and run the same command again, with --no-resume when the receiver does not have the object.",
		})
	}
	r.o.Log.Warn("instances not committed", "instances", len(files), "err", err)
}

// sleep reports whether ctx lasted.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
