package jpeg

// Constants of the LLM flow graph in 13 fractional bits: cosines of multiples
// of π/16, combined as in Figures 1 and 8 of the paper.
const (
	fixBits = 13

	f0298 = 2446  // 0.298631336
	f0390 = 3196  // 0.390180644
	f0541 = 4433  // 0.541196100
	f0765 = 6270  // 0.765366865
	f0899 = 7373  // 0.899976223
	f1175 = 9633  // 1.175875602
	f1501 = 12299 // 1.501321110
	f1847 = 15137 // 1.847759065
	f1961 = 16069 // 1.961570560
	f2053 = 16819 // 2.053119869
	f2562 = 20995 // 2.562915447
	f3072 = 25172 // 3.072711026
)

// llm is the one-dimensional inverse DCT, scaled by √8 and by 2^fixBits: the
// even and odd parts, to be added and subtracted by the caller.
func llm(x0, x1, x2, x3, x4, x5, x6, x7 int64) (e0, e1, e2, e3, o0, o1, o2, o3 int64) {
	z := (x2 + x6) * f0541
	r2, r3 := z-x6*f1847, z+x2*f0765
	s0, s1 := (x0+x4)<<fixBits, (x0-x4)<<fixBits
	e0, e1, e2, e3 = s0+r3, s1+r2, s1-r2, s0-r3

	z1, z2, z3, z4 := x7+x1, x5+x3, x7+x3, x5+x1
	z5 := (z3 + z4) * f1175
	z1, z2 = -z1*f0899, -z2*f2562
	z3, z4 = z5-z3*f1961, z5-z4*f0390
	o0 = x1*f1501 + z1 + z4
	o1 = x3*f3072 + z2 + z3
	o2 = x5*f2053 + z2 + z4
	o3 = x7*f0298 + z1 + z3
	return
}

// reconstruct transforms d.block and stores it as block x, y of c's plane. last
// is the index of its last coefficient in zig-zag order.
func (d *Decoder) reconstruct(c *component, x, y, last int) {
	stride := c.perLine * d.size
	at := (y*stride + x) * d.size
	if d.size < 8 {
		if d.frame.Precision == 8 {
			scaled(&d.block, c.plane8[at:], stride, d.size, 128, 255)
		} else {
			scaled(&d.block, c.plane16[at:], stride, d.size, 2048, 4095)
		}
		return
	}
	if d.frame.Precision == 8 {
		// Two bits of the first pass are kept beyond the binary point; with
		// 12-bit samples there is room for one.
		idct(&d.block, c.plane8[at:], stride, last, 2, 128, 255)
	} else {
		idct(&d.block, c.plane16[at:], stride, last, 1, 2048, 4095)
	}
}

// idct is the two-dimensional inverse DCT of T.81 §A.3.3 with level shift.
func idct[T uint8 | uint16](block *[64]int32, out []T, stride, last int, extra uint, center, top int64) {
	if last == 0 {
		v := (int64(block[0])<<extra + 1<<(extra+2)) >> (extra + 3)
		s := clampTo[T](v+center, top)
		for range 8 {
			row := out[:8]
			for i := range row {
				row[i] = s
			}
			if len(out) < stride {
				return
			}
			out = out[stride:]
		}
		return
	}
	var tmp [64]int64
	for i := range 8 { // columns
		b := block[i : i+57]
		if b[8]|b[16]|b[24]|b[32]|b[40]|b[48]|b[56] == 0 {
			v := int64(b[0]) << extra
			for j := range 8 {
				tmp[i+8*j] = v
			}
			continue
		}
		e0, e1, e2, e3, o0, o1, o2, o3 := llm(int64(b[0]), int64(b[8]), int64(b[16]), int64(b[24]), int64(b[32]), int64(b[40]), int64(b[48]), int64(b[56]))
		shift := fixBits - extra
		half := int64(1) << (shift - 1)
		w := tmp[i : i+57]
		w[0], w[56] = (e0+o0+half)>>shift, (e0-o0+half)>>shift
		w[8], w[48] = (e1+o1+half)>>shift, (e1-o1+half)>>shift
		w[16], w[40] = (e2+o2+half)>>shift, (e2-o2+half)>>shift
		w[24], w[32] = (e3+o3+half)>>shift, (e3-o3+half)>>shift
	}
	shift := fixBits + extra + 3
	bias := int64(1)<<(shift-1) + center<<shift
	for i := range 8 { // rows
		r := tmp[8*i : 8*i+8]
		e0, e1, e2, e3, o0, o1, o2, o3 := llm(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7])
		row := out[:8]
		row[0], row[7] = clampTo[T]((e0+o0+bias)>>shift, top), clampTo[T]((e0-o0+bias)>>shift, top)
		row[1], row[6] = clampTo[T]((e1+o1+bias)>>shift, top), clampTo[T]((e1-o1+bias)>>shift, top)
		row[2], row[5] = clampTo[T]((e2+o2+bias)>>shift, top), clampTo[T]((e2-o2+bias)>>shift, top)
		row[3], row[4] = clampTo[T]((e3+o3+bias)>>shift, top), clampTo[T]((e3-o3+bias)>>shift, top)
		if len(out) < stride {
			return
		}
		out = out[stride:]
	}
}

func clampTo[T uint8 | uint16](v, top int64) T {
	if uint64(v) > uint64(top) {
		if v < 0 {
			return 0
		}
		return T(top)
	}
	return T(v)
}
