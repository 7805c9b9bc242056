package preview

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dokuei/dokuei/storage/object"
)

// Run makes pictures of what Notify names and, when there is nothing newer, of
// what the Backlog has without pictures. It returns when ctx ends.
func (p *Pipeline) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	old := make(chan Ref)
	g.Go(func() error { return p.lookBack(ctx, old) })
	for n := range p.opt.Workers {
		g.Go(func() error { return p.work(ctx, old, n > 0) })
	}
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// rest is how long a worker that gives way waits before it asks again.
const rest = 20 * time.Millisecond

// work takes what arrived before what is old. All workers but one give way to
// others, except with what is half done and holds memory.
func (p *Pipeline) work(ctx context.Context, old <-chan Ref, givesWay bool) error {
	all := func(arrival) bool { return true }
	cheap := func(a arrival) bool { return a.taken != nil }
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if givesWay && p.opt.Busy != nil && p.opt.Busy() {
			if a, ok := p.queue.pop(cheap); ok {
				p.develop(ctx, a)
				continue
			}
			token(p.queue.waiting) // this worker may have taken it from the one that goes on
			select {
			case <-ctx.Done():
			case <-time.After(rest):
			}
			continue
		}
		if a, ok := p.queue.pop(all); ok {
			if a.taken != nil {
				p.develop(ctx, a)
			} else {
				p.try(ctx, a.Ref)
			}
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.queue.waiting:
		case r := <-old:
			p.try(ctx, r)
		}
	}
}

// Remake makes the pictures of an instance that are kept, whether they are there or
// not. What cannot be shown is no error: it has a placeholder.
func (p *Pipeline) Remake(ctx context.Context, r Ref) error {
	_, err := p.make(ctx, r, want{id: r.InstanceID, kept: true})
	return err
}

// try makes pictures that are not there. Failures of the machine are logged and
// left to the next Get or start.
func (p *Pipeline) try(ctx context.Context, r Ref) {
	ok, err := p.done(ctx, r)
	if err == nil && !ok {
		_, err = p.make(ctx, r, want{id: r.InstanceID, kept: true})
	}
	p.report(ctx, r, err)
}

// report tells of a picture that could not be made.
func (p *Pipeline) report(ctx context.Context, r Ref, err error) {
	if err == nil || ctx.Err() != nil || errors.Is(err, ErrClosed) {
		return
	}
	if errors.Is(err, object.ErrNoSpace) {
		if !p.full.Swap(true) { // once, not for every image
			p.opt.Log.Warn("no room to keep pictures; they are made when somebody asks", "error", err)
		}
		return
	}
	if errors.Is(err, object.ErrNotFound) { // the original was deleted meanwhile
		p.opt.Log.Info("original of a picture is gone", "instance", r.InstanceID)
		return
	}
	p.opt.Log.Warn("picture could not be made", "instance", r.InstanceID, "error", err)
}

// lookBack walks over the backlog at the start, and again after arrivals that
// did not fit into the queue.
func (p *Pipeline) lookBack(ctx context.Context, old chan<- Ref) error {
	if p.opt.Backlog == nil {
		return nil
	}
	for {
		var later <-chan time.Time
		if err := p.walk(ctx, old); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			p.opt.Log.Warn("backlog of pictures could not be read", "error", err)
			later = time.After(retry)
		}
		select {
		case <-later:
		case <-p.queue.missed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// retry is the time after which a backlog that failed is read again.
const retry = 10 * time.Second

// walk hands over every instance of the backlog that has no pictures, oldest
// first, as fast as the workers take them.
func (p *Pipeline) walk(ctx context.Context, old chan<- Ref) error {
	const page = 500
	for after := ""; ; {
		refs, err := p.opt.Backlog.After(ctx, after, page)
		if err != nil {
			return err
		}
		for _, r := range refs {
			after = r.InstanceID
			if ok, err := p.done(ctx, r); err == nil && ok {
				continue
			}
			select {
			case old <- r:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if len(refs) < page {
			return nil
		}
	}
}
