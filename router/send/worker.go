package send

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/ul"
)

// worker sends files over one association at a time. As many files are under way as
// the peer's window has room for; each is acknowledged on its own.
type worker struct {
	run      *run
	contexts []service.Context
	client   *service.Client
	under    []underway // oldest first
	again    []*file    // to be sent once more
	// careful: an association was lost with several files under way. From then on there
	// is one at a time, so that it shows which of them the peer does not survive.
	careful bool
	tired   int  // a try went wrong, its number: nothing more is begun before a pause
	left    bool // the others go on with what was ours
}

// underway is a file that was sent and is not acknowledged.
type underway struct {
	message uint16
	file    *file
	counter *counter
}

func (w *worker) work(ctx context.Context) {
	defer func() {
		w.hangUp()
		if !w.left {
			w.run.quit()
		}
	}()
	for ctx.Err() == nil {
		switch {
		case w.tired > 0 && len(w.under) == 0:
			if !w.pause(ctx, w.tired) {
				return
			}
			w.tired = 0
		case w.tired == 0 && len(w.under) < w.window():
			if f := w.take(); f != nil {
				if !w.begin(ctx, f) {
					return
				}
				continue
			}
			if len(w.under) == 0 {
				return
			}
		}
		if len(w.under) > 0 && !w.settle(ctx) {
			return
		}
	}
}

// window is how many files may be under way.
func (w *worker) window() int {
	if w.client == nil || w.careful {
		return 1
	}
	return w.client.Window()
}

func (w *worker) take() *file {
	if len(w.again) == 0 {
		return w.run.take()
	}
	f := w.again[0]
	w.again = w.again[1:]
	return f
}

// hangUp ends the association and gives back what is not acknowledged.
func (w *worker) hangUp() {
	defer func() {
		for i := len(w.again) - 1; i >= 0; i-- {
			w.run.giveBack(w.again[i])
		}
		w.again = nil
	}()
	for i := len(w.under) - 1; i >= 0; i-- {
		w.again = append([]*file{w.under[i].lost()}, w.again...)
	}
	w.under = nil
	w.end()
}

// end ends the association.
func (w *worker) end() {
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

// begin sends f. false means that this worker is done.
func (w *worker) begin(ctx context.Context, f *file) bool {
	if w.client == nil && !w.dial(ctx, f) {
		return false
	}
	before := w.client.Association().State()
	u := underway{file: f}
	err := w.store(ctx, &u)
	if err == nil {
		w.under = append(w.under, u)
		return true
	}
	u.lost()
	return w.trouble(ctx, f, err, w.client.Association().State() != before)
}

// settle takes one answer. false means that this worker is done.
func (w *worker) settle(ctx context.Context) bool {
	message, status, err := w.client.Answer(ctx)
	if err != nil {
		// Answers mostly come in the order of the files: it is the first that a peer falls over.
		first := w.under[0]
		w.under = w.under[1:]
		return w.trouble(ctx, first.lost(), err, true)
	}
	i := slices.IndexFunc(w.under, func(u underway) bool { return u.message == message })
	u := w.under[i]
	w.under = slices.Delete(w.under, i, i+1)
	if status.Stored() {
		u.counter.settle(u.file.size)
		w.run.sent(u.file, status != dimse.Success)
		return true
	}
	return w.trouble(ctx, u.lost(), &StatusError{status}, false)
}

// lost gives the file of what did not arrive.
func (u underway) lost() *file {
	if u.counter != nil {
		u.counter.drop()
		u.counter.settle(u.file.size)
	}
	return u.file
}

// trouble decides about a file that was not taken; gone says that the association did
// not survive. false means that this worker is done.
func (w *worker) trouble(ctx context.Context, f *file, err error, gone bool) bool {
	if gone {
		w.careful = w.careful || len(w.under) > 0
		for i := len(w.under) - 1; i >= 0; i-- {
			w.again = append([]*file{w.under[i].lost()}, w.again...)
		}
		w.under = nil
	}
	if ctx.Err() != nil {
		w.again = append([]*file{f}, w.again...)
		return false
	}
	if gone {
		w.end()
	}
	f.tries++
	if !worthAnotherTry(err) || f.tries >= w.run.o.Tries {
		w.run.failed(f, err)
		return true
	}
	w.again = append([]*file{f}, w.again...)
	w.tired = max(w.tired, f.tries)
	return true
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
			Response: o.Response, Window: o.Window, Log: o.Log, Dialer: o.Dialer,
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
			w.left = true // fewer associations will do
			return false
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
func (w *worker) store(ctx context.Context, u *underway) error {
	f := u.file
	h, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer h.Close()
	data := io.NewSectionReader(h, f.offset, f.size-f.offset)
	u.counter = &counter{r: data, size: data.Size(), meter: w.run.meter}
	u.message, err = w.client.BeginStore(ctx, service.StoreObject{SOPClassUID: f.class, SOPInstanceUID: f.instance, TransferSyntaxUID: f.syntax, Data: u.counter})
	return err
}
