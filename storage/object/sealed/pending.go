package sealed

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"hash"
	"io"

	"github.com/dokuei/dokuei/storage/object"
)

// Create implements object.Store.
func (s *Store) Create(ctx context.Context) (object.Pending, error) {
	inner, err := s.inner.Create(ctx)
	if err != nil {
		return nil, err
	}
	p := &pending{store: s, inner: inner, data: make([]byte, keySize), hash: sha256.New()}
	rand.Read(p.data) //nolint:errcheck // never fails (crypto/rand)
	p.gcm = aead(p.data)
	p.chunk = buffers.Get().(*[chunkSize + tagSize]byte)
	return p, nil
}

// pending seals what it is given, chunk by chunk.
type pending struct {
	store *Store
	inner object.Pending
	data  []byte // key
	gcm   cipher.AEAD
	hash  hash.Hash

	chunk *[chunkSize + tagSize]byte // plain; nil once ended
	used  int
	done  int64  // chunks the inner pending has
	key   string // that the whole of it was sealed for; empty: not yet
}

// Write keeps the last chunk back: only the end tells that it is the last.
func (p *pending) Write(b []byte) (n int, err error) {
	if p.chunk == nil {
		return 0, object.ErrFinished
	}
	for n < len(b) {
		if p.used == chunkSize {
			if err := p.flush(false); err != nil {
				return n, err
			}
		}
		m := copy(p.chunk[p.used:chunkSize], b[n:])
		p.hash.Write(b[n : n+m])
		p.used += m
		n += m
	}
	return n, nil
}

func (p *pending) flush(last bool) error {
	nonce := nonceOf(p.done, last)
	out := buffers.Get().(*[chunkSize + tagSize]byte)
	defer buffers.Put(out)
	if _, err := p.inner.Write(p.gcm.Seal(out[:0], nonce[:], p.chunk[:p.used], nil)); err != nil {
		p.end() // a part of the chunk may be there: nothing can follow it
		return err
	}
	p.done++
	p.used = 0
	return nil
}

func (p *pending) end() {
	if p.chunk != nil {
		buffers.Put(p.chunk)
		p.chunk = nil
	}
}

func (p *pending) Sum() (sum [32]byte) {
	p.hash.Sum(sum[:0])
	return sum
}

func (p *pending) Size() int64 { return p.done*chunkSize + int64(p.used) }

// ReadAt opens the chunks that are sealed; the last one is in memory.
func (p *pending) ReadAt(b []byte, off int64) (n int, err error) {
	if p.chunk == nil {
		return 0, object.ErrFinished
	}
	buf := buffers.Get().(*[chunkSize + tagSize]byte)
	defer buffers.Put(buf)
	for n < len(b) {
		at := off + int64(n)
		plain := p.chunk[:p.used]
		switch k := at / chunkSize; {
		case at < 0 || at >= p.Size():
			return n, io.EOF
		case k < p.done:
			// None of them is the last: as if the object went on.
			if plain, err = openChunk(p.gcm, p.inner, buf[:], k, (p.done+1)*chunkSize); err != nil {
				return n, err
			}
		}
		n += copy(b[n:], plain[at%chunkSize:])
	}
	return n, nil
}

func (p *pending) Replace() { p.inner.Replace() }

func (p *pending) Commit(ctx context.Context, key string) error {
	if err := check(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.key == key { // the inner store could not answer
		return p.inner.Commit(ctx, key)
	}
	if p.chunk == nil {
		return object.ErrFinished
	}
	size := p.Size()
	if err := p.flush(true); err != nil {
		return err
	}
	p.end()
	id, by := p.store.keys.current()
	if _, err := p.inner.Write(trailer(id, by, p.data, size, key)); err != nil {
		return err
	}
	p.key = key
	return p.inner.Commit(ctx, key)
}

func (p *pending) Abort() error {
	p.end()
	return p.inner.Abort()
}
