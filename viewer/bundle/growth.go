package bundle

import (
	"context"
	"io"
	"sync"
)

// growth is a bundle that is being made: one writes, any number read along.
type growth struct {
	file draft

	mu     sync.Mutex
	head   []byte // the first bytes, as they stand while the index is not known; not changed once there
	size   int64  // bytes written, head included
	ended  bool
	err    error
	more   chan struct{} // closed and replaced when there is more to read
	users  int           // readers, who waits, and the writer; the last one closes the file
	wanted bool          // somebody has read along
}

func newGrowth(f draft) *growth {
	return &growth{file: f, more: make(chan struct{}), users: 1}
}

// begun gives readers the first bytes, which the file has.
func (g *growth) begun(head []byte) {
	g.mu.Lock()
	g.head = head
	g.mu.Unlock()
	g.grown(int64(len(head)))
}

// grown says that the file has n bytes more.
func (g *growth) grown(n int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.size += n
	close(g.more)
	g.more = make(chan struct{})
}

// end says that no more comes, because the bundle is whole or because of err.
func (g *growth) end(err error) {
	g.mu.Lock()
	g.ended, g.err = true, err
	close(g.more)
	g.mu.Unlock()
	g.leave()
}

// join adds a user, who reads along or only waits.
func (g *growth) join(reads bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.users++
	g.wanted = g.wanted || reads
}

// read tells whether anybody has begun to read along.
func (g *growth) read() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.wanted
}

// wait waits for the end.
func (g *growth) wait(ctx context.Context) error {
	for {
		g.mu.Lock()
		ended, err, more := g.ended, g.err, g.more
		g.mu.Unlock()
		if ended {
			return err
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (g *growth) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.users--; g.users == 0 {
		_ = g.file.Close() // what was to be kept has been synced
	}
}

// reader reads along from the first byte to the end.
type reader struct {
	ctx context.Context
	g   *growth
	at  int64
}

func (r *reader) Read(p []byte) (int, error) {
	for {
		r.g.mu.Lock()
		head, size, ended, err, more := r.g.head, r.g.size, r.g.ended, r.g.err, r.g.more
		r.g.mu.Unlock()
		switch {
		case r.at < int64(len(head)) && r.at < size:
			n := copy(p, head[r.at:])
			r.at += int64(n)
			return n, nil
		case r.at < size:
			n, err := r.g.file.ReadAt(p[:min(int64(len(p)), size-r.at)], r.at)
			r.at += int64(n)
			if n > 0 {
				return n, nil
			}
			return 0, err
		case ended && err != nil:
			return 0, err
		case ended:
			return 0, io.EOF
		}
		select {
		case <-more:
		case <-r.ctx.Done():
			return 0, r.ctx.Err()
		}
	}
}

func (r *reader) Close() error {
	r.g.leave()
	return nil
}
