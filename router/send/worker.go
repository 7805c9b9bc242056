package send

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/ul"
)

// worker sends files over one association at a time.
type worker struct {
	run      *run
	contexts []service.Context
	client   *service.Client
}

func (w *worker) work(ctx context.Context) {
	defer w.hangUp()
	for ctx.Err() == nil {
		f := w.run.take()
		if f == nil {
			return
		}
		if !w.deliver(ctx, f) {
			return
		}
	}
}

func (w *worker) hangUp() {
	if w.client == nil {
		return
	}
	// Not the run's context: a clean release is wanted when that has ended too.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := w.client.Close(ctx); err != nil {
		w.run.o.Log.Debug("release", "err", err)
	}
	w.client = nil
}

// deliver sends f until it is acknowledged, has failed, or the run ends. false
// means that this worker is done.
func (w *worker) deliver(ctx context.Context, f *file) bool {
	for {
		if w.client == nil && !w.dial(ctx, f) {
			return false
		}
		before := w.client.Association().State()
		status, err := w.store(ctx, f)
		if err == nil && status.Stored() {
			w.run.sent(f, status != dimse.Success)
			return true
		}
		if err == nil {
			err = &StatusError{status}
		}
		if ctx.Err() != nil {
			w.run.giveBack(f)
			return false
		}
		if w.client.Association().State() != before {
			w.hangUp() // the association did not survive
		}
		f.tries++
		if !worthAnotherTry(err) || f.tries >= w.run.o.Tries {
			w.run.failed(f, err)
			return true
		}
		if !w.pause(ctx, f.tries) {
			w.run.giveBack(f)
			return false
		}
	}
}

// worthAnotherTry says whether the same file may arrive next time: after a lost
// association or a refusal for want of resources, not after a verdict.
func worthAnotherTry(err error) bool {
	var (
		status  *StatusError
		context *service.NoContextError
		source  *ul.SourceError
		command *dimse.CommandError
	)
	switch {
	case errors.As(err, &status):
		return status.Status.Temporary()
	case errors.As(err, &context), errors.As(err, &source), errors.As(err, &command), errors.Is(err, service.ErrOdd), errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission):
		return false
	}
	return true
}

// dial opens an association, with patience. f goes back when there is none.
func (w *worker) dial(ctx context.Context, f *file) bool {
	o := w.run.o
	for try := 1; ; try++ {
		c, err := service.Dial(ctx, o.Addr, service.DialOptions{
			CallingAE: o.CallingAE, CalledAE: o.CalledAE, Contexts: w.contexts, TLS: o.TLS,
			Response: o.Response, Log: o.Log, Dialer: o.Dialer,
		})
		if err == nil {
			w.client = c
			return true
		}
		if ctx.Err() != nil {
			w.run.giveBack(f)
			return false
		}
		o.Log.Info("no association", "try", try, "err", err)
		var reject *ul.RejectError
		switch {
		case permanent(err):
			w.run.giveBack(f)
			w.run.unreachable(err)
			return false
		case errors.As(err, &reject) && w.run.leave(f):
			return false // fewer associations will do
		case try >= o.Tries:
			w.run.giveBack(f)
			w.run.unreachable(err)
			return false
		}
		if !w.pause(ctx, try) {
			w.run.giveBack(f)
			return false
		}
	}
}

// pause waits before try number n+1.
func (w *worker) pause(ctx context.Context, n int) bool {
	return sleep(ctx, w.run.o.Pause<<min(n-1, 6))
}

// store sends one file in the first of its possible transfer syntaxes that the
// peer accepted.
func (w *worker) store(ctx context.Context, f *file) (dimse.Status, error) {
	h, err := os.Open(f.path)
	if err != nil {
		return 0, err
	}
	defer h.Close()
	data := io.NewSectionReader(h, f.offset, f.size-f.offset)
	counter := &counter{r: data, size: data.Size(), meter: w.run.meter}
	defer counter.settle(f.size)
	o := service.StoreObject{SOPClassUID: f.class, SOPInstanceUID: f.instance, TransferSyntaxUID: f.syntax, Data: counter}
	status, err := w.client.Send(ctx, o)
	if err != nil || !status.Stored() {
		counter.drop()
	}
	return status, err
}
