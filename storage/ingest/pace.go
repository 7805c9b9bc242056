package ingest

import (
	"context"
	"io"
	"time"
)

// Pace holds work that reads everything to a rate, so that a check of the whole
// store leaves the disk to those who need it now. It belongs to one goroutine.
type Pace struct {
	rate  int64 // bytes a second; 0: none
	begin time.Time
	bytes int64
}

// NewPace gives the pace of so many bytes a second; 0 for no limit.
func NewPace(rate int64) *Pace { return &Pace{rate: rate, begin: time.Now()} }

// wait returns when n more bytes are due.
func (p *Pace) wait(ctx context.Context, n int) error {
	p.bytes += int64(n)
	if p.rate <= 0 {
		return ctx.Err()
	}
	due := p.begin.Add(time.Duration(float64(p.bytes) / float64(p.rate) * float64(time.Second)))
	d := time.Until(due)
	if d < -time.Second { // it was held up elsewhere: that is not caught up in a burst
		p.begin = p.begin.Add(-d)
	}
	if d <= time.Millisecond {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

type pacedReader struct {
	ctx  context.Context
	r    io.Reader
	pace *Pace
}

func (p *pacedReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if werr := p.pace.wait(p.ctx, n); werr != nil {
		return n, werr
	}
	return n, err
}
