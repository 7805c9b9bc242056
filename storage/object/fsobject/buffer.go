package fsobject

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

const (
	blockSize   = 4096      // direct writes are aligned to it: the largest block of a disk
	smallBuffer = 128 << 10 // what an object begins with
	largeBuffer = 1 << 20   // what it goes on with when there is more: most images fit and are one write
)

// pool lends aligned buffers to objects being written, hundreds in a study.
type pool struct {
	small, large sync.Pool
	// out counts the large ones that are lent; beyond most, objects go on with
	// small ones.
	out  atomic.Int32
	most int32
}

// buffer is memory that begins at a multiple of blockSize.
type buffer struct {
	bytes []byte
	pool  *pool
}

func (p *pool) buffer(from *sync.Pool, size int) *buffer {
	if b, ok := from.Get().(*buffer); ok {
		return b
	}
	b := make([]byte, size+blockSize)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (blockSize - 1)
	return &buffer{b[skip : skip+size : skip+size], p}
}

func (p *pool) smallOne() *buffer { return p.buffer(&p.small, smallBuffer) }

// largeOne gives nil when enough are lent.
func (p *pool) largeOne() *buffer {
	if p.out.Add(1) > p.most {
		p.out.Add(-1)
		return nil
	}
	return p.buffer(&p.large, largeBuffer)
}

func (b *buffer) free() {
	if len(b.bytes) == smallBuffer {
		b.pool.small.Put(b)
		return
	}
	b.pool.out.Add(-1)
	b.pool.large.Put(b)
}
