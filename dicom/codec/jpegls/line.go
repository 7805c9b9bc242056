package jpegls

import "math/bits"

// Rows have one sample more on either side: row[0] is the left neighbour of the
// first sample and row[len-1] the upper right one of the last (T.87 §A.2.1).

// edges sets them before cur is decoded.
func edges(cur, prev []int32) {
	prev[len(prev)-1] = prev[len(prev)-2]
	cur[0] = prev[1]
}

// line decodes one row of one component, lossless with MAXVAL = 2^P-1. The
// other cases are the business of lineNear.
func (d *Decoder) line(cur, prev []int32, comp int) {
	edges(cur, prev)
	r := &d.in
	quant, contexts := &d.quant, &d.contexts
	top, reset := int32(d.maxVal), int32(d.reset)
	escape := d.limit - d.qbpp - 1
	prev = prev[:len(cur)]
	ra, rb, rc := cur[0], prev[1], prev[0]
	q2 := int32(quant[(quantHalf+rb-rc)&(1<<17-1)])
	pos, acc, n := r.pos, r.acc, r.n
	data := r.data
	largest := int32(0)
	for x := 1; x < len(cur)-1; x++ {
		rd := prev[x+1]
		q1 := int32(quant[(quantHalf+rd-rb)&(1<<17-1)])
		q3 := int32(quant[(quantHalf+rc-ra)&(1<<17-1)])
		q := (q1*9+q2)*9 + q3
		if q == 0 {
			r.pos, r.acc, r.n = pos, acc, n
			x = d.runLine(cur, prev, x, comp)
			pos, acc, n = r.pos, r.acc, r.n
			if x >= len(cur)-1 || r.bad {
				break
			}
			ra, rc, rb = cur[x], prev[x], prev[x+1]
			q2 = int32(quant[(quantHalf+rb-rc)&(1<<17-1)])
			continue
		}
		sign := q >> 31
		c := &contexts[uint32((q^sign)-sign)&511]
		px := predict(ra, rb, rc) + (c.c ^ sign - sign)
		px = min(max(px, 0), top)
		if pos+8 <= len(data) {
			acc |= load64(data, pos) >> (n & 63)
		}
		pos += int(63-n) >> 3
		n |= 56
		k := c.k
		zeros := int32(bits.LeadingZeros64(acc))
		var m int32
		if zeros+k < 56 && int(zeros) < escape {
			v := acc << (uint32(zeros+1) & 63) >> 1 >> (uint32(63-k) & 63)
			acc = acc << (uint32(zeros+1+k) & 63)
			n -= uint(zeros + 1 + k)
			m = zeros<<(uint32(k)&31) | int32(v)
		} else {
			r.pos, r.acc, r.n = pos, acc, n
			m = r.longGolomb(zeros, k, int32(escape), int32(d.qbpp))
			pos, acc, n = r.pos, r.acc, r.n
			if r.bad {
				break
			}
		}
		largest |= m
		e := m>>1 ^ -(m & 1) ^ c.flip
		// update, by hand for the lossless case
		a, b, count := c.a+abs(e), c.b+e, c.n
		if count == reset {
			a, b, count = a>>1, b>>1, count>>1
		}
		count++
		if b <= -count {
			b = max(b+count, 1-count)
			if c.c > minC {
				c.c--
			}
		} else if b > 0 {
			b = min(b-count, 0)
			if c.c < maxC {
				c.c++
			}
		}
		k = int32(bits.Len32(uint32(a)) - bits.Len32(uint32(count)))
		if k < 0 {
			k = 0
		} else if count<<(uint32(k)&31) < a {
			k++
		}
		c.a, c.b, c.n, c.k = a, b, count, k
		flip := int32(0)
		if k == 0 && 2*b <= -count {
			flip = -1
		}
		c.flip = flip
		ra = (px + (e ^ sign - sign)) & top
		cur[x] = ra
		rc, rb, q2 = rb, rd, q1
	}
	r.pos, r.acc, r.n = pos, acc, n
	// A mapped error is below RANGE, the power of two above MAXVAL.
	if largest > top {
		r.bad = true
	}
}

// lineNear decodes one row of one component for any parameters.
func (d *Decoder) lineNear(cur, prev []int32, comp int) {
	edges(cur, prev)
	quant := &d.quant
	prev = prev[:len(cur)]
	for x := 1; x < len(cur)-1 && !d.in.bad; x++ {
		ra, rb, rc, rd := cur[x-1], prev[x], prev[x-1], prev[x+1]
		q := (int32(quant[quantHalf+rd-rb])*9+int32(quant[quantHalf+rb-rc]))*9 + int32(quant[quantHalf+rc-ra])
		if q == 0 {
			x = d.runLine(cur, prev, x, comp)
			continue
		}
		cur[x] = d.regular(q, ra, rb, rc)
	}
}

// regular decodes a sample in regular mode (§A.4 to §A.6) for any parameters.
func (d *Decoder) regular(q, ra, rb, rc int32) int32 {
	sign := q >> 31
	c := &d.contexts[uint32((q^sign)-sign)&511]
	px := predict(ra, rb, rc) + (c.c ^ sign - sign)
	px = min(max(px, 0), int32(d.maxVal))
	m := d.in.golomb(c.k, int32(d.limit), int32(d.qbpp))
	if m > int32(d.rangeSize) {
		d.in.bad = true
		return 0
	}
	e := m>>1 ^ -(m & 1) ^ c.flip
	c.update(e, int32(d.step), int32(d.reset))
	e *= int32(d.step)
	return d.reduce(px + (e ^ sign - sign))
}

// runLine decodes a run that begins at x and the sample that interrupts it; it
// gives the index of the last sample decoded.
func (d *Decoder) runLine(cur, prev []int32, x, comp int) int {
	ra := cur[x-1]
	n, whole := d.runLength(len(cur)-1-x, comp)
	for i := range cur[x : x+n] {
		cur[x+i] = ra
	}
	x += n
	if whole || d.in.bad {
		return x
	}
	rb := prev[x]
	t := int32(0)
	if abs(ra-rb) <= int32(d.near) {
		t = 1
	}
	cur[x] = d.interrupt(ra, rb, t, comp)
	d.leaveRun(comp)
	return x
}

// runLength is §A.7.1: how many of the left samples of the line are in the run,
// and whether it reaches the end of the line.
func (d *Decoder) runLength(left, comp int) (n int, whole bool) {
	r := &d.in
	for {
		order := uint(runOrder[d.runIndex[comp]])
		r.refill()
		if int64(r.acc) >= 0 { // 0: fewer than 2^order
			r.skip(1)
			n += int(r.acc >> 1 >> (63 - order))
			r.skip(order)
			if n >= left {
				r.bad = true
				return left, true
			}
			return n, false
		}
		r.skip(1)
		n += 1 << order
		if n >= left { // the last segment may be cut by the end of the line
			if n == left && d.runIndex[comp] < 31 {
				d.runIndex[comp]++
			}
			return left, true
		}
		if d.runIndex[comp] < 31 {
			d.runIndex[comp]++
		}
		if r.left() < 0 {
			r.bad = true
			return n, true
		}
	}
}

// interrupt decodes the sample after a run (§A.7.2) of type t.
func (d *Decoder) interrupt(ra, rb, t int32, comp int) int32 {
	c := &d.run[t]
	k := c.parameter(t)
	m := d.in.golomb(k, int32(d.limit)-int32(runOrder[d.runIndex[comp]])-1, int32(d.qbpp))
	if m > int32(d.rangeSize)+1 {
		d.in.bad = true
		return 0
	}
	odd := (m + t) & 1
	e := (m + t + odd) >> 1
	if (k != 0 || 2*c.nn >= c.n) == (odd == 1) {
		e = -e
	}
	c.update(e, m, t, int32(d.reset))
	e *= int32(d.step)
	if t == 1 {
		return d.reduce(ra + e)
	}
	if ra > rb {
		e = -e
	}
	return d.reduce(rb + e)
}

// lineSample decodes one row of all components, sample interleaved (§B.3): the
// run mode is entered and left by all of them together.
func (d *Decoder) lineSample(cur, prev [][]int32) {
	for c := range cur {
		edges(cur[c], prev[c])
	}
	quant := &d.quant
	width := len(cur[0])
	var q [4]int32
	for x := 1; x < width-1 && !d.in.bad; x++ {
		any := int32(0)
		for c := range cur {
			ra, rb, rc, rd := cur[c][x-1], prev[c][x], prev[c][x-1], prev[c][x+1]
			q[c] = (int32(quant[quantHalf+rd-rb])*9+int32(quant[quantHalf+rb-rc]))*9 + int32(quant[quantHalf+rc-ra])
			any |= q[c]
		}
		if any == 0 {
			n, whole := d.runLength(width-1-x, 0)
			for c := range cur {
				row := cur[c][x-1 : x+n]
				for i := range row {
					row[i] = row[0]
				}
			}
			x += n
			if whole || d.in.bad {
				return
			}
			for c := range cur {
				cur[c][x] = d.interrupt(cur[c][x-1], prev[c][x], 0, 0)
			}
			d.leaveRun(0)
			continue
		}
		for c := range cur {
			cur[c][x] = d.regular(q[c], cur[c][x-1], prev[c][x], prev[c][x-1])
		}
	}
}
