package s3object

import (
	"context"
	"io"
	"sync"

	"github.com/dokuei/dokuei/storage/object"
)

const (
	firstRead = 1 << 20
	aheadMax  = 8 << 20
)

// Open implements object.Store.
func (s *Store) Open(ctx context.Context, key string) (object.Object, error) {
	k, err := s.key(key)
	if err != nil {
		return nil, err
	}
	buf := buffers.Get().(*[firstRead]byte)
	defer buffers.Put(buf)
	n, size, v, err := s.bucket.get(ctx, k, version{}, buf[:], 0)
	if err != nil {
		return nil, wrap("open", key, err)
	}
	o := &open{store: s, key: k, size: size, version: v, ahead: firstRead}
	o.block = append(o.block, buf[:n]...)
	// Readers come and go while the object is open, each with a context of its own.
	o.ctx, o.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return o, nil
}

// buffers receive the beginning of objects whose size is not known yet.
var buffers = sync.Pool{New: func() any { return new([firstRead]byte) }}

// open is an object being read, with the block of it that was fetched last.
type open struct {
	store   *Store
	key     string
	size    int64
	version version
	ctx     context.Context //nolint:containedctx // ReadAt has none; Close ends it
	cancel  context.CancelFunc

	mu    sync.Mutex
	start int64 // of block
	block []byte
	ahead int // how much the next fetch reads
}

func (o *open) Size() int64 { return o.size }

func (o *open) Close() error {
	o.cancel()
	return nil
}

// ReadAt reads from the block, and fetches the next one where it ends.
func (o *open) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	for n < len(p) {
		at := off + int64(n)
		if at >= o.size {
			return n, io.EOF
		}
		m, err := o.read(p[n:], at)
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// read reads some bytes at off, which is inside the object.
func (o *open) read(p []byte, off int64) (int, error) {
	o.mu.Lock()
	if off >= o.start && off < o.start+int64(len(o.block)) {
		n := copy(p, o.block[off-o.start:])
		o.mu.Unlock()
		return n, nil
	}
	if len(p) >= aheadMax {
		o.mu.Unlock() // as much as it wants at once, into its own memory
		return o.fetch(p[:min(int64(len(p)), o.size-off)], off)
	}
	defer o.mu.Unlock()
	if off == o.start+int64(len(o.block)) {
		o.ahead = min(2*o.ahead, aheadMax)
	} else {
		o.ahead = firstRead
	}
	want := int(min(int64(max(o.ahead, len(p))), o.size-off))
	block := o.block[:0]
	if cap(block) < want {
		block = make([]byte, 0, want)
	}
	o.block = nil // should the fetch fail
	n, err := o.fetch(block[:want], off)
	if err != nil {
		return 0, err
	}
	o.start, o.block = off, block[:n]
	return copy(p, o.block), nil
}

func (o *open) fetch(p []byte, off int64) (int, error) {
	n, _, _, err := o.store.bucket.get(o.ctx, o.key, o.version, p, off)
	if err != nil {
		return n, wrap("read", o.key[len(o.store.prefix):], err)
	}
	return n, nil
}
