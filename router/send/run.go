package send

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/dokuei/dokuei/dicom/ul"
)

// Run sends everything under the paths. Files that fail are in the report and
// no error; an error means that the run ended early, because ctx did, the
// journal cannot be kept, or the peer refuses us or cannot be reached. The
// report is valid in any case.
func Run(ctx context.Context, paths []string, o Options) (Report, error) {
	o = o.withDefaults()
	if o.Commit != nil && o.Commit.Listener != nil {
		defer o.Commit.Listener.Close()
	}
	begin := time.Now()
	r := &run{o: o, meter: startMeter(o.Progress, o.Every)}
	err := r.run(ctx, paths)
	r.meter.end()
	r.report.Duration = time.Since(begin)
	return r.report, err
}

type run struct {
	o       Options
	meter   *meter
	journal *journal

	mu     sync.Mutex // guards what follows
	report Report
	queue  []*file
	// acknowledged is what the peer has, also from earlier runs; kept for Commit.
	acknowledged []*file
	workers      int
	fatal        error
	stop         context.CancelFunc
}

func (r *run) run(ctx context.Context, paths []string) (err error) {
	if r.journal, err = openJournal(r.o.Journal); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.journal.close()) }()
	s := scan{report: &r.report, found: func(n int, b int64) {
		r.meter.update(func(p *Progress) { p.Files, p.BytesTotal = n, b })
	}}
	if err := s.run(ctx, paths); err != nil {
		return err
	}
	r.report.Found = len(s.files)
	files := r.unsent(s.files)
	failed := len(r.report.Failed)
	r.meter.update(func(p *Progress) {
		p.Scanning, p.Files, p.Skipped, p.Failed, p.BytesTotal = false, len(s.files), r.report.Skipped, failed, 0
		for _, f := range files {
			p.BytesTotal += f.size
		}
	})
	left := len(files)
	for _, g := range plan(files) {
		if err == nil {
			err = r.group(ctx, g)
			left -= len(g.files) - len(r.queue)
		}
	}
	r.report.Unsent = left
	if err == nil && r.o.Commit != nil {
		err = r.commit(ctx)
	}
	return err
}

// unsent leaves out what the journal has.
func (r *run) unsent(files []*file) []*file {
	var out []*file
	for _, f := range files {
		if r.journal.has(journalKey(r.o, f)) {
			r.report.Skipped++
			r.remember(f)
			continue
		}
		out = append(out, f)
	}
	return out
}

// group sends the files of one group over several associations. What is left
// in the queue afterwards was not dealt with.
func (r *run) group(ctx context.Context, g *group) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.queue, r.stop = g.files, cancel
	r.workers = min(r.o.Associations, len(g.files))
	var wg sync.WaitGroup
	for range r.workers {
		w := &worker{run: r, contexts: g.contexts}
		wg.Go(func() { w.work(ctx) })
	}
	wg.Wait()
	if r.fatal != nil {
		return r.fatal
	}
	return ctx.Err()
}

// take gives a worker its next file, or nil when there is none.
func (r *run) take() *file {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.queue) == 0 {
		return nil
	}
	f := r.queue[0]
	r.queue = r.queue[1:]
	return f
}

// quit ends a worker.
func (r *run) quit() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.workers--
}

// giveBack puts a file at the head of the queue again.
func (r *run) giveBack(f *file) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue = append([]*file{f}, r.queue...)
}

// leave ends a worker that could not get an association while others have
// theirs, and gives its file to them; the last one may not leave.
func (r *run) leave(f *file) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.workers == 1 {
		return false
	}
	r.workers--
	r.queue = append([]*file{f}, r.queue...)
	return true
}

func (r *run) sent(f *file, warning bool) {
	err := r.journal.add(journalKey(r.o, f))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.report.Sent++
	r.remember(f)
	r.report.Bytes += f.size
	if warning {
		r.report.Warnings++
	}
	r.meter.update(func(p *Progress) { p.Sent++ })
	if err != nil {
		r.end(fmt.Errorf("the journal cannot be written: %w", err))
	}
}

// remember keeps what is to be committed.
func (r *run) remember(f *file) {
	if r.o.Commit != nil {
		r.acknowledged = append(r.acknowledged, f)
	}
}

func (r *run) failed(f *file, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := explain(f.path, err)
	r.report.Failed = append(r.report.Failed, p)
	r.meter.update(func(p *Progress) { p.Failed++; p.BytesTotal -= f.size })
	r.o.Log.Warn("instance not sent", "sop_instance", f.instance, "status", p.Status, "err", err)
}

// end stops the run; r.mu is held.
func (r *run) end(err error) {
	if r.fatal == nil {
		r.fatal = err
		r.stop()
	}
}

// unreachable ends the run because no association can be had.
func (r *run) unreachable(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end(&UnreachableError{explain(r.o.Addr, err)})
}

// UnreachableError is a peer that cannot be reached or refuses us for good.
type UnreachableError struct{ Problem }

func (e *UnreachableError) Error() string { return e.Problem.String() }

func (e *UnreachableError) Unwrap() error { return e.Err }

// permanent says whether dialling again is of no use.
func permanent(err error) bool {
	var reject *ul.RejectError
	return errors.As(err, &reject) && !reject.Temporary()
}
