package j2k

// synthesize53 is the reversible transformation (§F.3.8.1) of a level.
func (l *level) synthesize53(plane, line []int32) {
	for y := range l.h {
		row := plane[y*l.stride:][:l.w]
		if l.w == 1 {
			if l.oddX == 1 {
				row[0] /= 2
			}
			continue
		}
		row53(line[:l.w], row[:l.lowW], row[l.lowW:], l.oddX)
		copy(row, line)
	}
	if l.h == 1 {
		if l.oddY == 1 {
			for i := range plane[:l.w] {
				plane[i] /= 2
			}
		}
		return
	}
	for x := 0; x < l.w; x += columns {
		l.columns53(plane[x:], line, min(columns, l.w-x))
	}
}

// row53 interleaves and filters low and high samples, one or more of each.
func row53(dst, low, high []int32, odd int) {
	before := high[0]
	if odd == 1 {
		e := low[0] - (before+at(high, 1, before)+2)>>2
		dst[0] = before + e
		dst, high = dst[1:], high[1:]
	}
	last := low[0] - (before+at(high, 0, before)+2)>>2
	dst[0] = last
	before = at(high, 0, before)
	n := min(len(low), len(high))
	rest := dst[1:]
	for i := 1; i < n; i++ {
		h := high[i]
		e := low[i] - (before+h+2)>>2
		p := rest[:2]
		p[0], p[1] = before+(last+e)>>1, e
		rest = rest[2:]
		before, last = h, e
	}
	switch {
	case len(rest) == 2: // ends with a low
		e := low[len(low)-1] - (2*before+2)>>2
		rest[0], rest[1] = before+(last+e)>>1, e
	case len(rest) == 1:
		rest[0] = before + last
	}
}

// at is s[i], or v beyond the end.
func at(s []int32, i int, v int32) int32 {
	if i < len(s) {
		return s[i]
	}
	return v
}

// columns53 filters n columns of plane. The low rows are copied out of the way;
// the high rows are read before the results reach them.
func (l *level) columns53(plane, lows []int32, n int) {
	for i := range l.lowH {
		copy(lows[i*columns:][:n], plane[i*l.stride:])
	}
	row := func(i int) []int32 { return plane[i*l.stride:][:n] }
	highs := l.h - l.lowH
	for i := range l.lowH {
		// The highs before and after low i, and where results go.
		a, b := max(i-1+l.oddY, 0), min(i+l.oddY, highs-1)
		a = min(a, highs-1)
		low, before, after := lows[i*columns:][:n], row(l.lowH+a), row(l.lowH+b)
		to := row(2*i + l.oddY)
		if i == 0 {
			if l.oddY == 1 {
				first53(to, low, before, after, row(0))
			} else {
				low53(to, low, before, after)
			}
			continue
		}
		both53(to, low, before, after, row(2*i+l.oddY-1), row(2*i+l.oddY-2))
	}
	if last := 2*(l.lowH-1) + l.oddY; last < l.h-1 { // ends with a high
		to, high, low := row(l.h-1), row(l.lowH+highs-1), row(l.h-2)
		for j := range to {
			to[j] = high[j] + low[j]
		}
	}
}

// low53 makes the even samples to.
func low53(to, low, before, after []int32) {
	low, before, after = low[:len(to)], before[:len(to)], after[:len(to)]
	for j := range to {
		to[j] = low[j] - (before[j]+after[j]+2)>>2
	}
}

// first53 makes the even samples to and the odd ones of the row before, which is
// the first.
func first53(to, low, before, after, odd []int32) {
	low, before, after, odd = low[:len(to)], before[:len(to)], after[:len(to)], odd[:len(to)]
	for j := range to {
		h := before[j]
		e := low[j] - (h+after[j]+2)>>2
		to[j] = e
		odd[j] = h + e
	}
}

// both53 makes the even samples to and the odd ones between them and the even
// samples last.
func both53(to, low, before, after, odd, last []int32) {
	n := len(to)
	low, before, after, odd, last = low[:n], before[:n], after[:n], odd[:n], last[:n]
	for j := range to {
		h := before[j]
		e := low[j] - (h+after[j]+2)>>2
		odd[j] = h + (last[j]+e)>>1
		to[j] = e
	}
}
