package ht

import "math/bits"

// code is an entry of the decoding tables: rho in bits 0-3, e_k in 4-7, e_1 in
// 8-11, u_off in 12, the length of the codeword in 13-15.
type code uint16

func (c code) rho() uint32  { return uint32(c) & 15 }
func (c code) uOff() uint32 { return uint32(c) >> 12 & 1 }

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

// uPrefix is Table 3 of T.814 by the next three bits: the value in bits 0-3, the
// length of the prefix in 4-5, that of the suffix in 6-8.
var uPrefix = [8]uint16{
	5 | 3<<4 | 5<<6, 1 | 1<<4, 2 | 2<<4, 1 | 1<<4,
	3 | 3<<4 | 1<<6, 1 | 1<<4, 2 | 2<<4, 1 | 1<<4,
}

// melExponent is Table 2 of T.814.
var melExponent = [13]uint8{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5}
