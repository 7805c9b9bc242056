package preview

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Taken is what is made of the native pixels of an instance while they come: the frame
// averaged to the size of the scroll preview, row by row. It belongs to one goroutine
// until Stored or Close, one of which must be called.
type Taken struct {
	p      *Pipeline
	format pixel.Format
	shown  pixel.Presentation
	small  pixel.Frame
	shrink pixel.Shrinker
	weight int64 // in the budget
	broken bool
}

// Take begins for an instance whose native, little endian Pixel Data of that length
// begin to come. header needs to hold what PS3.3 C.7.6.3 and C.11 say of grey frames,
// except for tables. It gives nil for what is better made of the whole object (several
// frames, colour, tables, no window), and when enough is under way.
func (p *Pipeline) Take(header *dataset.Dataset, length int64) *Taken {
	f, err := pixel.FormatWithin(header, pixel.Limits{MaxFrameBytes: p.opt.MaxFrameBytes})
	switch {
	case err != nil, f.Frames != 1, f.Samples != 1, f.BitsAllocated != 8 && f.BitsAllocated != 16:
		return nil
	case f.Photometric == pixel.PaletteColor, length < f.FrameBytes(), header.Has(tag.ModalityLUTSequence):
		return nil
	}
	shown := pixel.PresentationOf(header, 0)
	if len(shown.Windows) == 0 {
		return nil
	}
	width, height := pixel.Fit(f.Rows, f.Columns, shown.Plane.Aspect, Scroll.Pixels())
	const rows = 3 // that may be in hand, whole or not
	cell := int64(f.BitsAllocated / 8)
	weight := (int64(width)*int64(height)+rows*int64(f.Columns))*cell + 4*int64(width)
	if !p.taking.try(weight) {
		return nil
	}
	t := p.takens.Get().(*Taken)
	t.p, t.format, t.shown, t.weight, t.broken = p, f, shown, weight, false
	t.shrink.Begin(&t.small, f, width, height)
	return t
}

// See takes the next bytes of the Pixel Data.
func (t *Taken) See(pixels []byte) {
	if t.broken {
		return
	}
	// Whatever goes wrong here is not to hold up the instance.
	defer func() {
		if v := recover(); v != nil {
			t.broken = true
			t.p.opt.Log.Error("panic while pixels came", "panic", v, "stack", string(debug.Stack()))
		}
	}()
	t.shrink.Write(pixels)
}

// Close drops it.
func (t *Taken) Close() {
	p := t.p
	p.taking.give(t.weight)
	if t.weight <= keptTaken {
		p.takens.Put(t)
	}
}

// keptTaken is the size up to which the memory of a Taken is kept for the next.
const keptTaken = 256 << 10

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
	if t.broken || !t.shrink.Done() || !p.wait() {
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
	fit := func(s Size) (width, height int) {
		return pixel.Fit(t.format.Rows, t.format.Columns, t.shown.Plane.Aspect, s.Pixels())
	}
	m.pictures, err = w.draw(&t.small, t.shown, func(s Size) bool { return s < kept }, fit, p.opt.Quality)
	return m, err
}

// leave gives a workplace back.
func (p *Pipeline) leave(w *workplace) {
	if w.size() < keptWorkplace {
		p.places.Put(w)
	}
}
