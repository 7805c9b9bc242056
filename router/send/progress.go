package send

import (
	"sync"
	"time"
)

// Progress is how far a run is.
type Progress struct {
	Scanning                     bool // still finding files: the totals grow
	Files, Sent, Skipped, Failed int  // Files counts all to be dealt with
	Bytes, BytesTotal            int64
	Rate                         float64       // bytes a second of late
	ETA                          time.Duration // 0 when not known
	Done                         bool
}

// meter collects progress from the workers and tells it at intervals.
type meter struct {
	mu     sync.Mutex
	p      Progress
	tell   func(Progress)
	last   time.Time
	lastN  int64
	rate   float64
	finish chan struct{}
	done   sync.WaitGroup
}

func startMeter(tell func(Progress), every time.Duration) *meter {
	m := &meter{tell: tell, last: time.Now(), finish: make(chan struct{})}
	m.p.Scanning = true
	if tell == nil {
		return m
	}
	m.done.Go(func() {
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-m.finish:
				return
			case <-t.C:
				tell(m.snapshot())
			}
		}
	})
	return m
}

func (m *meter) update(f func(p *Progress)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f(&m.p)
}

// smoothing is the weight of the latest interval in the rate.
const smoothing = 0.2

func (m *meter) snapshot() Progress {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if dt := now.Sub(m.last).Seconds(); dt > 0 && !m.p.Scanning {
		r := float64(m.p.Bytes-m.lastN) / dt
		if m.rate == 0 {
			m.rate = r
		} else {
			m.rate += smoothing * (r - m.rate)
		}
		m.last, m.lastN = now, m.p.Bytes
	}
	p := m.p
	if p.Rate = max(m.rate, 0); p.Rate > 0 {
		p.ETA = time.Duration(float64(p.BytesTotal-p.Bytes) / p.Rate * float64(time.Second)).Round(time.Second)
	}
	return p
}

func (m *meter) end() {
	close(m.finish)
	m.done.Wait()
	if m.tell != nil {
		p := m.snapshot()
		p.Done, p.ETA = true, 0
		m.tell(p)
	}
}
