package sealed

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/dokuei/dokuei/storage/object"
)

// Opener opens objects.
type Opener interface {
	Open(ctx context.Context, key string) (object.Object, error)
}

// Open implements object.Store.
func (s *Store) Open(ctx context.Context, key string) (object.Object, error) {
	return s.openFrom(ctx, s.inner, key)
}

// Through gives the plain view of what another view of the inner store opens.
func (s *Store) Through(o Opener) Opener { return through{s, o} }

type through struct {
	store *Store
	from  Opener
}

func (t through) Open(ctx context.Context, key string) (object.Object, error) {
	return t.store.openFrom(ctx, t.from, key)
}

func (s *Store) openFrom(ctx context.Context, from Opener, key string) (object.Object, error) {
	if err := check(key); err != nil {
		return nil, err
	}
	o, err := from.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	r, err := s.reader(ctx, o, key)
	if err != nil {
		return nil, errors.Join(err, o.Close())
	}
	return r, nil
}

func (s *Store) reader(ctx context.Context, o object.Object, key string) (*opened, error) {
	plain, err := plainSize(o.Size())
	if err != nil {
		return nil, err
	}
	t := make([]byte, trailerSize)
	if err := readFull(o, t, o.Size()-int64(trailerSize)); err != nil {
		return nil, err
	}
	id, unwrap, err := readTrailer(t, plain, key)
	if err != nil {
		return nil, err
	}
	by, err := s.keys.key(ctx, id)
	if err != nil {
		return nil, err
	}
	data, err := unwrap(by)
	if err != nil {
		return nil, err
	}
	return &opened{inner: o, gcm: aead(data), size: plain, at: -1}, nil
}

// readFull reads all of p or gives the error.
func readFull(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("sealed: %w", err)
}

// opened is an open object with the chunk of it that was read last.
type opened struct {
	inner object.Object
	gcm   cipher.AEAD
	size  int64

	mu     sync.Mutex
	at     int64 // number of the chunk in plain; -1: none
	plain  []byte
	closed bool
}

func (o *opened) Size() int64 { return o.size }

func (o *opened) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return fs.ErrClosed
	}
	o.closed = true
	if o.plain != nil {
		buffers.Put((*[chunkSize + tagSize]byte)(o.plain[:chunkSize+tagSize]))
		o.plain = nil
	}
	return o.inner.Close()
}

func (o *opened) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fs.ErrInvalid
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return 0, fs.ErrClosed
	}
	for n < len(p) {
		at := off + int64(n)
		if at >= o.size {
			return n, io.EOF
		}
		if err := o.load(at / chunkSize); err != nil {
			return n, err
		}
		n += copy(p[n:], o.plain[at%chunkSize:])
	}
	return n, nil
}

// load makes chunk number n the one in memory.
func (o *opened) load(n int64) error {
	if n == o.at {
		return nil
	}
	if o.plain == nil {
		o.plain = buffers.Get().(*[chunkSize + tagSize]byte)[:]
	}
	o.at = -1
	var err error
	o.plain, err = openChunk(o.gcm, o.inner, o.plain[:cap(o.plain)], n, o.size)
	if err != nil {
		return err
	}
	o.at = n
	return nil
}

// openChunk reads and opens chunk n of an object of the given plain length.
func openChunk(gcm cipher.AEAD, from io.ReaderAt, buf []byte, n, size int64) ([]byte, error) {
	last := n == chunks(size)-1
	length := min(chunkSize, size-n*chunkSize)
	buf = buf[:length+tagSize]
	if err := readFull(from, buf, n*(chunkSize+tagSize)); err != nil {
		return buf[:0], err
	}
	nonce := nonceOf(n, last)
	plain, err := gcm.Open(buf[:0], nonce[:], buf, nil)
	if err != nil {
		return buf[:0], fmt.Errorf("%w: in chunk %d", ErrDamaged, n)
	}
	return plain, nil
}

// buffers are chunks with their tags.
var buffers = sync.Pool{New: func() any { return new([chunkSize + tagSize]byte) }}
