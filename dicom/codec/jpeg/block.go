package jpeg

import "github.com/dokuei/dokuei/dicom/codec/internal/t81"

// zigzag is Figure A.6: the natural index of each coefficient as coded.
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10,
	17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34,
	27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36,
	29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46,
	53, 60, 61, 54, 47, 55, 62, 63,
}

// dcDifference is §F.2.2.1.
func (d *Decoder) dcDifference(h *t81.Huffman) (int32, bool) {
	d.bits.Refill()
	length, ssss := h.Lookup(d.bits.Acc)
	if length == 0 || ssss > 15 { // Table F.1 and F.6: at most 11 or 15
		return 0, false
	}
	d.bits.Skip(length)
	return d.bits.Receive(uint(ssss)), true
}

// sequentialBlock decodes a block (§F.2.2.1, §F.2.2.2) into d.block, dequantized
// and in natural order, and gives the index of its last coefficient as coded.
func (d *Decoder) sequentialBlock(dc, ac *t81.Huffman, c *component, i int) (last int, ok bool) {
	diff, ok := d.dcDifference(dc)
	if !ok {
		return 0, false
	}
	d.pred[i] += diff
	clear(d.block[:])
	d.block[0] = d.pred[i] * c.quant[0]
	b := &d.bits
	for k := 1; k < 64; k++ {
		if b.N < 32 { // a code of 16 bits and 15 of magnitude
			b.Refill()
		}
		length, rs := ac.Lookup(b.Acc)
		if length == 0 {
			return 0, false
		}
		b.Skip(length)
		r, s := int(rs>>4), uint(rs&15)
		if s == 0 {
			if r != 15 {
				break // end of block
			}
			k += 15
			continue
		}
		k += r
		if k > 63 {
			return 0, false
		}
		z := zigzag[k]
		d.block[z&63] = b.Receive(s) * c.quant[z&63]
		last = k
	}
	return last, true
}

// acFirst is the first scan of a band (§G.1.2.2).
func (d *Decoder) acFirst(st *scanState, coefs *[64]int16) bool {
	if d.eobRun > 0 {
		d.eobRun--
		return true
	}
	b := &d.bits
	for k := st.Ss; k <= st.Se; k++ {
		b.Refill()
		length, rs := st.ac[0].Lookup(b.Acc)
		if length == 0 {
			return false
		}
		b.Skip(length)
		r, s := int(rs>>4), uint(rs&15)
		if s == 0 {
			if r != 15 {
				d.eobRun = d.receiveRun(uint(r)) - 1
				return true
			}
			k += 15
			continue
		}
		if k += r; k > st.Se {
			return false
		}
		coefs[k] = int16(b.Receive(s) << st.Al)
	}
	return true
}

// receiveRun gives the run of Table G.1 for EOBr, this block included.
func (d *Decoder) receiveRun(r uint) int {
	if r == 0 {
		return 1
	}
	run := 1<<r + int(d.bits.Acc>>((64-r)&63))
	d.bits.Skip(r)
	return run
}

// acRefine is a later scan of a band (§G.1.2.3): one more bit for the
// coefficients that are not zero, and new ones of magnitude one.
func (d *Decoder) acRefine(st *scanState, coefs *[64]int16) bool {
	b := &d.bits
	k := st.Ss
	for d.eobRun == 0 && k <= st.Se {
		b.Refill()
		length, rs := st.ac[0].Lookup(b.Acc)
		if length == 0 {
			return false
		}
		b.Skip(length)
		r, s := int(rs>>4), rs&15
		var fresh int16
		switch {
		case s == 1:
			fresh = -1 << st.Al
			if int64(b.Acc) < 0 {
				fresh = 1 << st.Al
			}
			b.Skip(1)
		case s != 0:
			return false
		case r != 15:
			d.eobRun = d.receiveRun(uint(r))
			continue
		}
		// Pass r coefficients that are still zero, then place the new one.
		for ; k <= st.Se; k++ {
			if coefs[k] != 0 {
				d.refine(&coefs[k], st.Al)
				continue
			}
			if r == 0 {
				if fresh != 0 {
					coefs[k] = fresh
				}
				k++
				break
			}
			r--
			if k == st.Se {
				return false // the run passes the band
			}
		}
	}
	if d.eobRun > 0 {
		for ; k <= st.Se; k++ {
			if coefs[k] != 0 {
				d.refine(&coefs[k], st.Al)
			}
		}
		d.eobRun--
	}
	return true
}

// refine appends a correction bit to the magnitude of a coefficient.
func (d *Decoder) refine(c *int16, al int) {
	b := &d.bits
	if b.N == 0 {
		b.Refill()
	}
	if int64(b.Acc) < 0 {
		if *c > 0 {
			*c += 1 << al
		} else {
			*c -= 1 << al
		}
	}
	b.Skip(1)
}

// transform reconstructs all blocks of a component of a progressive frame.
func (d *Decoder) transform(c *component) {
	for y := range c.rows {
		d.Did(64 * c.perLine)
		for x := range c.perLine {
			at := (y*c.perLine + x) * 64
			last := 0
			for k, v := range c.coefs[at : at+64] {
				z := zigzag[k] & 63
				d.block[z] = int32(v) * c.quant[z]
				if v != 0 {
					last = k
				}
			}
			d.reconstruct(c, x, y, last)
		}
	}
}
