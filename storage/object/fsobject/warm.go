package fsobject

import (
	"context"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/dokuei/dokuei/storage/object"
)

// warmMost is how many of the newest objects stay in memory, a MiB each at most.
const warmMost = 24

// warm holds the newest objects of this process for those who work on what has
// just come: they are written past the page cache, and reading them back from the
// medium would hold up whoever writes to it.
type warm struct {
	mu    sync.Mutex
	held  map[string]*kept
	order []string // oldest first; may name keys that are gone
}

// kept is an object in memory, freed when nobody uses it any more.
type kept struct {
	buf  *buffer
	size int
	uses int // of warm and of readers; guarded by warm.mu
}

// keep takes over buf, which holds the object whole.
func (w *warm) keep(key string, buf *buffer, size int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dropLocked(key)
	if w.held == nil {
		w.held = make(map[string]*kept)
	}
	w.held[key] = &kept{buf, size, 1}
	w.order = append(w.order, key)
	for len(w.order) > warmMost {
		w.dropLocked(w.order[0])
		w.order = append(w.order[:0], w.order[1:]...)
	}
}

// drop forgets an object.
func (w *warm) drop(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dropLocked(key)
}

func (w *warm) dropLocked(key string) {
	if k := w.held[key]; k != nil {
		delete(w.held, key)
		w.release(k)
	}
}

func (w *warm) release(k *kept) {
	if k.uses--; k.uses == 0 {
		k.buf.free()
	}
}

func (w *warm) open(key string) (object.Object, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	k := w.held[key]
	if k == nil {
		return nil, false
	}
	k.uses++
	return &memory{warm: w, kept: k}, true
}

// memory is an open object of warm.
type memory struct {
	warm   *warm
	kept   *kept
	mu     sync.RWMutex // held for reading while bytes are copied
	closed bool
}

func (m *memory) Size() int64 { return int64(m.kept.size) }

func (m *memory) ReadAt(b []byte, off int64) (int, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	switch {
	case m.closed:
		return 0, os.ErrClosed
	case off < 0:
		return 0, fs.ErrInvalid
	case off >= int64(m.kept.size):
		return 0, io.EOF
	}
	n := copy(b, m.kept.buf.bytes[off:m.kept.size])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (m *memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return os.ErrClosed
	}
	m.closed = true
	m.warm.mu.Lock()
	defer m.warm.mu.Unlock()
	m.warm.release(m.kept)
	return nil
}

// Warm opens objects from memory when they have just been committed by this
// process, and else like Open. It is for making things of an object; who wants to
// know what the medium holds uses Open.
type Warm struct{ s *Store }

// Warm gives the view of s that reads the newest objects from memory.
func (s *Store) Warm() Warm { return Warm{s} }

// Open implements part of object.Store.
func (w Warm) Open(ctx context.Context, key string) (object.Object, error) {
	if o, ok := w.s.warm.open(key); ok {
		return o, nil
	}
	return w.s.Open(ctx, key)
}
