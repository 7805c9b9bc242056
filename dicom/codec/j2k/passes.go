package j2k

import "math/bits"

// significanceGo is §D.3.1 for the bit-plane that adds value to a magnitude.
func (b *blockCoder) significanceGo(zc *[512]uint8, value uint32) {
	m := &b.mq
	slack := m.slack
	for y := 0; y < b.h; y += 4 {
		rows := rowsOf[min(4, b.h-y)]
		f := (y/4+1)*b.fw + 1
		data := b.data[y*b.w:]
		for x := range b.w {
			w := b.flags[f]
			if w&sigma == 0 {
				f++
				continue
			}
			seen := uint32(0)
			for set := touched(uint32(w)) &^ uint32(w>>4) & rows; set != 0; {
				row := uint(bits.TrailingZeros32(set))
				seen |= set & -set
				set &= set - 1
				n := w >> (row & 63)
				s := &b.contexts[zc[n&0x1FF]&31]
				d := uint32(*s)
				if slack -= int32(*s >> 16); slack < 0 {
					d, slack = m.settle(s, slack)
				}
				if d&1 == 0 {
					continue
				}
				sc := signContext[signIndex(n)]
				s = &b.contexts[sc&31]
				d = uint32(*s)
				if slack -= int32(*s >> 16); slack < 0 {
					d, slack = m.settle(s, slack)
				}
				d = (d ^ uint32(sc>>7)) & 1
				b.significant(f, row, d)
				data[b.rowAt[row&15]+x] = value | d<<31
				w = b.flags[f]
				set |= 8 << (row & 31) &^ uint32(w>>4) & rows // the row below may be one now
			}
			b.flags[f] = w | uint64(seen)<<visitedAt
			f++
		}
	}
	m.slack = slack
}

// refinementGo is §D.3.3 for the bit-plane that moves a magnitude by half.
func (b *blockCoder) refinementGo(half uint32) {
	m := &b.mq
	slack := m.slack
	for y := 0; y < b.h; y += 4 {
		f := (y/4+1)*b.fw + 1
		data := b.data[y*b.w:]
		for x := range b.w {
			w := b.flags[f]
			set := uint32(w>>4&^(w>>visitedAt)) & allRows
			if set == 0 {
				f++
				continue
			}
			b.flags[f] = w | uint64(set)<<refinedAt
			for set != 0 {
				row := uint(bits.TrailingZeros32(set))
				set &= set - 1
				s := &b.contexts[refineContext(w>>(row&63))&31]
				d := uint32(*s)
				if slack -= int32(*s >> 16); slack < 0 {
					d, slack = m.settle(s, slack)
				}
				data[b.rowAt[row&15]+x] += half * (2*(d&1) - 1)
			}
			f++
		}
	}
	m.slack = slack
}

// refineContext is Table D.4: 16 when refined before, else 15 with a significant
// neighbour, else 14.
func refineContext(n uint64) uint32 {
	k := uint32(14)
	if n&(0x1FF&^center) != 0 {
		k = 15
	}
	if n>>refinedAt&1 != 0 {
		k = 16
	}
	return k
}

// cleanupGo is §D.3.4. It clears the visited flags for the next bit-plane.
func (b *blockCoder) cleanupGo(zc *[512]uint8, value uint32) {
	m := &b.mq
	slack := m.slack
	for y := 0; y < b.h; y += 4 {
		rows := rowsOf[min(4, b.h-y)]
		f := (y/4+1)*b.fw + 1
		data := b.data[y*b.w:]
		for x := range b.w {
			w := b.flags[f]
			set := rows &^ uint32(w>>4|w>>visitedAt)
			run := false
			if w&(sigma|visited) == 0 && rows == allRows {
				s := &b.contexts[ctxRun]
				d := uint32(*s)
				if slack -= int32(*s >> 16); slack < 0 {
					d, slack = m.settle(s, slack)
				}
				if d&1 == 0 {
					f++
					continue
				}
				m.slack = slack
				first := m.decide(&b.contexts[ctxUni]) << 1
				first |= m.decide(&b.contexts[ctxUni])
				slack = m.slack
				set &^= 1<<(3*first) - 1
				run = true
			}
			for set != 0 {
				row := uint(bits.TrailingZeros32(set))
				set &= set - 1
				n := w >> (row & 63)
				if !run {
					s := &b.contexts[zc[n&0x1FF]&31]
					d := uint32(*s)
					if slack -= int32(*s >> 16); slack < 0 {
						d, slack = m.settle(s, slack)
					}
					if d&1 == 0 {
						continue
					}
				}
				run = false
				sc := signContext[signIndex(n)]
				s := &b.contexts[sc&31]
				d := uint32(*s)
				if slack -= int32(*s >> 16); slack < 0 {
					d, slack = m.settle(s, slack)
				}
				d = (d ^ uint32(sc>>7)) & 1
				b.significant(f, row, d)
				data[b.rowAt[row&15]+x] = value | d<<31
				w = b.flags[f]
			}
			b.flags[f] = w &^ visited
			f++
		}
	}
	m.slack = slack
}

// rawSignificancePass and rawRefinementPass are the lazy forms of §D.6.
func (b *blockCoder) rawSignificancePass(plane uint) {
	value := uint32(3) << plane
	for y := 0; y < b.h; y += 4 {
		f := (y/4+1)*b.fw + 1
		for x := range b.w {
			for i := range min(4, b.h-y) {
				row := uint(3 * i)
				n := b.flags[f] >> row & 0x1FF
				if n&center != 0 || n == 0 {
					continue
				}
				if b.raw.bit() != 0 {
					sign := b.raw.bit()
					b.significant(f, row, sign)
					b.data[(y+i)*b.w+x] = value | sign<<31
				}
				b.flags[f] |= 1 << (visitedAt + row)
			}
			f++
		}
	}
}

func (b *blockCoder) rawRefinementPass(plane uint) {
	half := uint32(1) << plane
	for y := 0; y < b.h; y += 4 {
		f := (y/4+1)*b.fw + 1
		for x := range b.w {
			for i := range min(4, b.h-y) {
				row := uint(3 * i)
				n := b.flags[f] >> row
				if n&center == 0 || n>>visitedAt&1 != 0 {
					continue
				}
				b.data[(y+i)*b.w+x] += half * (2*b.raw.bit() - 1)
				b.flags[f] |= 1 << (refinedAt + row)
			}
			f++
		}
	}
}
