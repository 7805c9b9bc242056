package send

import (
	"io"
	"sync"
)

// counter reports the bytes of a file to the meter as they are read. A try that
// fails takes them back; one that succeeds rounds up to the size of the file.
type counter struct {
	r     io.Reader
	size  int64
	meter *meter

	mu   sync.Mutex // a transcoder reads from its own goroutine
	n    int64
	over bool
	fail bool
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		c.n += int64(n)
		c.meter.update(func(p *Progress) { p.Bytes += int64(n) })
	}
	return n, err
}

// Size is how much there is to read.
func (c *counter) Size() int64 { return c.size }

// drop marks the try as failed.
func (c *counter) drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail = true
}

func (c *counter) settle(size int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	target := size
	if c.fail {
		target = 0
	}
	c.meter.update(func(p *Progress) { p.Bytes += target - c.n })
}
