package main

import (
	"sync"
	"time"
)

// pace tells whether images come in so fast that the processors are wanted for
// receiving: paceCount of them within paceTime. Associations alone would not tell:
// many that trickle over thin lines need next to nothing.
type pace struct {
	mu   sync.Mutex
	last [paceCount]time.Time // a ring of the latest
	at   int
}

const (
	paceCount = 16
	paceTime  = 200 * time.Millisecond
)

// stored counts one more image.
func (p *pace) stored(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last[p.at] = now
	p.at = (p.at + 1) % paceCount
}

// fast looks at the oldest of the latest.
func (p *pace) fast(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return now.Sub(p.last[p.at]) < paceTime
}
