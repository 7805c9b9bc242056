package preview

import (
	"context"
	"errors"
	"runtime/debug"
	"time"
)

// patience is how long a sender waits for pictures of what has come before.
const patience = 250 * time.Millisecond

// Stored is Notify for an instance of whose pixels something was taken, which goes to
// the pipeline. When MaxAhead of them wait for a worker it waits, too, and with it who
// sends: the pipeline is not to fall behind. When nothing moves meanwhile the instance
// is left to be read back later.
func (p *Pipeline) Stored(r Ref, t *Taken) {
	if t == nil {
		p.Notify(r)
		return
	}
	if t.broken || !t.done() || !p.wait() {
		t.Close()
		p.Notify(r)
		return
	}
	p.push(arrival{r, t})
}

// wait waits for a place among those who wait for a worker.
func (p *Pipeline) wait() bool {
	select {
	case p.ahead <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case p.ahead <- struct{}{}:
		return true
	case <-timer.C:
	case <-p.ctx.Done():
	}
	return false
}

// develop makes the pictures of what was taken.
func (p *Pipeline) develop(ctx context.Context, a arrival) {
	begun := time.Now()
	m, err := p.drawTaken(a.taken)
	p.release(a.taken)
	if err != nil {
		p.try(ctx, a.Ref)
		return
	}
	if err = p.put(ctx, a.Ref, m); err == nil {
		p.full.Store(false)
	}
	p.count.done("", err, time.Since(begun))
	p.report(ctx, a.Ref, err)
}

// release drops a Taken that waited.
func (p *Pipeline) release(t *Taken) {
	t.Close()
	<-p.ahead
}

func (p *Pipeline) drawTaken(t *Taken) (m made, err error) {
	defer func() {
		if v := recover(); v != nil {
			p.opt.Log.Error("panic while a picture was made", "panic", v, "stack", string(debug.Stack()))
			err = errors.New("preview: no picture of what was taken")
		}
	}()
	w := p.places.Get().(*workplace)
	defer p.leave(w)
	if t.inColour() {
		for s := range kept {
			if m.pictures[s], err = w.encode(&t.colour[s].image, qualityOf(s, p.opt.Quality)); err != nil {
				return m, err
			}
		}
		return m, nil
	}
	m.pictures, err = w.draw(&t.small, t.transform(), func(s Size) bool { return s < kept }, t.fit, p.opt.Quality)
	return m, err
}

// leave gives a workplace back.
func (p *Pipeline) leave(w *workplace) {
	if w.size() < keptWorkplace {
		p.places.Put(w)
	}
}
