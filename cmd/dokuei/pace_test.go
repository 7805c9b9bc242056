package main

import (
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		every time.Duration
		fast  bool
	}{{time.Millisecond, true}, {12 * time.Millisecond, true}, {13 * time.Millisecond, false}, {time.Second, false}} {
		var p pace
		now := time.Unix(1e9, 0)
		if p.fast(now) {
			t.Error("fast before the first image")
		}
		for range 3 * paceCount {
			now = now.Add(c.every)
			p.stored(now)
		}
		if got := p.fast(now.Add(c.every)); got != c.fast {
			t.Errorf("an image every %v: fast %v", c.every, got)
		}
		if p.fast(now.Add(time.Second)) {
			t.Errorf("an image every %v: still fast after a second without one", c.every)
		}
	}
}
