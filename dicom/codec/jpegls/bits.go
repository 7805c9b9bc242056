package jpegls

import (
	"encoding/binary"
	"math/bits"
)

// reader takes bits from what unstuff made: the next ones at the top of acc, n
// of them valid.
type reader struct {
	data []byte
	pos  int
	acc  uint64
	n    uint
	bits int // in data
	bad  bool
}

func (r *reader) consumed() int { return r.pos*8 - int(r.n) }

// left is negative after an overrun.
func (r *reader) left() int { return r.bits - r.consumed() }

// refill makes at least 56 bits valid, zeros beyond the end.
func (r *reader) refill() {
	if r.pos+8 <= len(r.data) {
		r.acc |= binary.BigEndian.Uint64(r.data[r.pos:]) >> (r.n & 63)
	}
	r.pos += int(63-r.n) >> 3
	r.n |= 56
}

func (r *reader) skip(n uint) {
	r.acc <<= n & 63
	r.n -= n
}

// golomb decodes LG(k, limit) of §A.5.3: a limited Golomb code. It sets bad for
// more zeros than an encoder writes.
func (r *reader) golomb(k, limit, qbpp int32) int32 {
	r.refill()
	zeros := int32(bits.LeadingZeros64(r.acc))
	escape := limit - qbpp - 1
	if zeros < escape && zeros+1+k <= 56 {
		v := r.acc << (uint(zeros+1) & 63) >> 1 >> (uint(63-k) & 63)
		r.skip(uint(zeros + 1 + k))
		return zeros<<(uint(k)&31) | int32(v)
	}
	return r.longGolomb(zeros, k, escape, qbpp)
}

func (r *reader) longGolomb(zeros, k, escape, qbpp int32) int32 {
	if zeros > escape || zeros >= 56 {
		r.bad = true
		return 0
	}
	r.skip(uint(zeros + 1))
	r.refill()
	if zeros == escape {
		v := int32(r.acc >> (64 - uint(qbpp)))
		r.skip(uint(qbpp))
		return v + 1
	}
	v := r.acc >> 1 >> (uint(63-k) & 63)
	r.skip(uint(k))
	return zeros<<(uint(k)&31) | int32(v)
}
