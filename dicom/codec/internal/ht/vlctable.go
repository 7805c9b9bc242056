package ht

import "math/bits"

// code is an entry of the decoding tables: rho in bits 0-3, e_k in 4-7, e_1 in
// 8-11, u_off in 12, the length of the codeword in 13-15.
type code uint16

func (c code) rho() uint32  { return uint32(c) & 15 }
func (c code) uOff() uint32 { return uint32(c) >> 12 & 1 }

// length is that of the codeword.
func (c code) length() uint { return uint(c>>13) & 7 }

// decodeTable gives, for the first quad-row and the others, the code by context
// (bits 7-9) and the next seven bits of the VLC stream.
var decodeTable = func() (t [2][1024]code) {
	for i := range vlcRows {
		for context, rows := range vlcRows[i] {
			for _, r := range rows {
				word, length := r&127, r>>7&7
				c := code(r>>10&15 | r>>15&15<<4 | r>>19&15<<8 | r>>14&1<<12 | length<<13)
				for rest := uint32(0); rest < 128>>length; rest++ {
					t[i][uint32(context)<<7|rest<<length|word] = c
				}
			}
		}
	}
	return t
}()

// word is an entry of the encoding tables: the codeword in bits 0-6, its length
// in 8-10, e_k in 12-15.
type word uint16

// encodeTable gives the codeword by context (bits 8-10), rho (4-7) and the
// samples whose exponent is the bound U (0-3), which is 0 when u_off is. Of the
// codes that fit the one is taken that leaves the fewest bits to both streams.
var encodeTable = func() (t [2][2048]word) {
	for i := range vlcRows {
		for context, rows := range vlcRows[i] {
			for index := range uint32(256) {
				rho, top := index>>4, index&15
				best := 99
				for _, r := range rows {
					length, ek, e1 := r>>7&7, r>>15&15, r>>19&15
					if r>>10&15 != rho || (r>>14&1 != 0) != (top != 0) || top&ek != e1 {
						continue
					}
					if cost := int(length) - bits.OnesCount32(ek); cost < best {
						best = cost
						t[i][uint32(context)<<8|index] = word(r&127 | length<<8 | ek<<12)
					}
				}
			}
		}
	}
	return t
}()

// uPrefixes is Table 3 of T.814 by the next three bits: the value that a prefix
// stands for, the lengths of prefix and suffix.
var uPrefixes = [8][3]uint8{{5, 3, 5}, {1, 1}, {2, 2}, {1, 1}, {3, 3, 1}, {1, 1}, {2, 2}, {1, 1}}

// uPrefixPair holds the prefixes of a pair of quads.
type uPrefixPair struct {
	mask1, mask2                     uint32 // of the suffixes
	u1, u2, prefix, suffix1, suffix2 uint8
}

// uPair gives them by the next six bits, for pairs in which neither has one, the
// first, the second, both.
var uPair = func() (t [4][64]uPrefixPair) {
	for off := range t {
		for v := range t[off] {
			p := &t[off][v]
			if off&1 != 0 {
				c := uPrefixes[v&7]
				p.u1, p.prefix, p.suffix1 = c[0], c[1], c[2]
			}
			if off&2 != 0 {
				c := uPrefixes[v>>p.prefix&7]
				p.u2, p.suffix2 = c[0], c[2]
				p.prefix += c[1]
			}
			p.mask1, p.mask2 = 1<<p.suffix1-1, 1<<p.suffix2-1
		}
	}
	return t
}()

// melExponent is Table 2 of T.814.
var melExponent = [13]uint8{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5}
