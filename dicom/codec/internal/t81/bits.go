package t81

import "encoding/binary"

// Bits is a position in the data of Unstuff: the next bits are at the top of
// Acc, N of them valid. Data may be read Tail bytes beyond its length; what lies
// there is zero and Left tells that it was used.
type Bits struct {
	Data []byte
	Pos  int // next byte to load
	Acc  uint64
	N    uint
}

// Consumed is how many bits were taken.
func (b *Bits) Consumed() int { return b.Pos*8 - int(b.N) }

// Left is how many bits of the data are not taken yet, negative after an overrun.
func (b *Bits) Left() int { return len(b.Data)*8 - b.Consumed() }

// Refill makes at least 56 bits valid.
func (b *Bits) Refill() {
	if b.Pos+8 <= len(b.Data)+Tail {
		b.Acc |= binary.BigEndian.Uint64(b.Data[b.Pos:b.Pos+8:b.Pos+8]) >> (b.N & 63)
	}
	// Beyond the tail only the count goes on: Left stays negative.
	b.Pos += int(63-b.N) >> 3
	b.N |= 56
}

// Skip takes n bits, at most N.
func (b *Bits) Skip(n uint) {
	b.Acc <<= n & 63
	b.N -= n
}

// Receive is RECEIVE and EXTEND of T.81 §F.2.2.1 for at most 16 bits, which the
// caller has made valid.
func (b *Bits) Receive(ssss uint) int32 {
	v := Extend(b.Acc, ssss)
	b.Skip(ssss)
	return v
}

// Surplus tells whether more is left than an encoder's flush: up to four bytes,
// or padding with zeros or ones.
func (b *Bits) Surplus() bool {
	if b.Left() <= 32 {
		return false
	}
	rest := b.Data[(b.Consumed()+7)/8:]
	for _, v := range rest[1:] {
		if v != rest[0] || v != 0 && v != 0xFF {
			return true
		}
	}
	return false
}

// Extend gives the value of ssss magnitude bits at the top of bits.
func Extend(bits uint64, ssss uint) int32 {
	if ssss == 0 {
		return 0
	}
	v := int32(bits >> ((64 - ssss) & 63))
	if int64(bits) >= 0 { // first bit 0: negative
		v -= 1<<(ssss&31) - 1
	}
	return v
}
