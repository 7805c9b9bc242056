package j2k

// Lifting parameters of the 9-7 transformation (T.800 Table F.4).
const (
	alpha = -1.586134342059924
	beta  = -0.052980118572961
	gamma = 0.882911075530934
	delta = 0.443506852043971
	kappa = 1.230174104914001
)

// gains gives what the scaling by kappa and 1/kappa (§F.3.8.2) of all levels up
// to the resolution kept makes of the samples of a band. The quantization step
// takes it, so that synthesize97 need not scale. A single row or column is not
// filtered: a low-pass one stays, a high-pass one is halved (§F.3.6).
func (c *component) gains(r, orient int) float64 {
	g := 1.0
	for ; r <= c.kept; r++ {
		res := &c.resolutions[r]
		if r == 0 {
			continue
		}
		g *= gain(res.width(), orient&1) * gain(res.height(), orient>>1)
		orient = 0 // it is low-pass in the levels above
	}
	return g
}

func gain(n, high int) float64 {
	switch {
	case n == 1:
		return 1 - 0.5*float64(high)
	case high == 1:
		return 1 / kappa
	default:
		return kappa
	}
}

// synthesize97 is the irreversible transformation (§F.3.8.2) of a level, without
// the scaling.
func (l *level) synthesize97(plane, line []float32) {
	if l.w > 1 {
		for y := range l.h {
			row := plane[y*l.stride:][:l.w]
			row97(line[:l.w], row[:l.lowW], row[l.lowW:], l.oddX)
			copy(row, line)
		}
	}
	if l.h > 1 {
		for x := 0; x < l.w; x += columns {
			l.columns97(plane[x:], line, min(columns, l.w-x))
		}
	}
}

// row97 filters and interleaves low and high samples, one or more of each.
func row97(dst, low, high []float32, odd int) {
	if odd == 0 && len(low) > 2 {
		evenRow97(dst, low, high)
		return
	}
	update97(low, high, odd, -delta)
	update97(high, low, 1-odd, -gamma)
	update97(low, high, odd, -beta)
	update97(high, low, 1-odd, -alpha)
	for i, v := range low {
		dst[2*i+odd] = v
	}
	for i, v := range high {
		dst[2*i+1-odd] = v
	}
}

// evenRow97 does so in one pass for rows of five samples or more that begin with
// a low one. s1 and s2 are the low sample after the first and the third lifting
// step, d1 the high one after the second.
func evenRow97(dst, low, high []float32) {
	n := len(low)
	s0 := low[0] - 2*delta*high[0]
	s1 := low[1] - delta*(high[0]+high[1])
	d1 := high[0] - gamma*(s0+s1)
	s2 := s0 - 2*beta*d1
	dst[0] = s2
	rest := dst[1:]
	before := high[1]
	inner := min(n, len(high))
	lows, highs := low[2:inner], high[2:inner]
	for i, h := range highs {
		next := lows[i] - delta*(before+h)
		d := before - gamma*(s1+next)
		s := s1 - beta*(d1+d)
		p := rest[:2]
		p[0], p[1] = d1-alpha*(s2+s), s
		rest = rest[2:]
		before, s1, d1, s2 = h, next, d, s
	}
	if len(high) < n { // ends with a low: one more step, mirrored
		next := low[n-1] - 2*delta*before
		d := before - gamma*(s1+next)
		s := s1 - beta*(d1+d)
		e := next - 2*beta*d
		rest[0], rest[1], rest[2], rest[3] = d1-alpha*(s2+s), s, d-alpha*(s+e), e
		return
	}
	d := before - 2*gamma*s1
	s := s1 - beta*(d1+d)
	rest[0], rest[1], rest[2] = d1-alpha*(s2+s), s, d-2*alpha*s
}

// update97 is a lifting step: each sample of x gets f times the sum of its two
// neighbours in y. late is 1 when x begins after y.
func update97(x, y []float32, late int, f float32) {
	if late == 0 {
		x[0] += 2 * f * y[0]
		x = x[1:]
	}
	n := min(len(x), len(y)-1)
	both, a, b := x[:n], y[:n], y[1:n+1]
	for i := range both {
		both[i] += f * (a[i] + b[i])
	}
	if n < len(x) {
		x[n] += 2 * f * y[len(y)-1]
	}
}

// columns97 filters n columns of plane in place; then the low rows are copied
// out of the way and all put where they belong.
func (l *level) columns97(plane, lows []float32, n int) {
	lowH, highs := l.lowH, l.h-l.lowH
	high := func(i int) []float32 { return plane[(lowH+min(max(i, 0), highs-1))*l.stride:][:n] }
	low := func(i int) []float32 { return lows[min(max(i, 0), lowH-1)*columns:][:n] }
	o := l.oddY
	for i := range lowH {
		copy(low(i), plane[i*l.stride:][:n])
	}
	// A high sample waits until the low ones on both sides are ready.
	for i := range lowH {
		if i+o == 0 {
			lift97(low(0), high(0), high(0), -delta)
			continue
		}
		lifts97(low(i), high(i-1+o), high(i+o), low(i-1))
	}
	if highs > lowH-1+o {
		lift97(high(highs-1), low(lowH-1), low(lowH-1), -gamma)
	}
	// The last two steps go where the samples belong; the rows of highs are read
	// before the results reach them.
	row := func(i int) []float32 { return plane[i*l.stride:][:n] }
	for i := range lowH {
		to := row(2*i + o)
		switch {
		case i > 0:
			both97(to, low(i), high(i-1+o), high(i+o), row(2*i+o-1), row(2*i+o-2))
		case o == 1:
			first97(to, low(0), high(0), high(1), row(0))
		default:
			before, after := high(0)[:len(to)], low(0)[:len(to)]
			for j := range to {
				to[j] = after[j] - 2*beta*before[j]
			}
		}
	}
	if 2*(lowH-1)+o < l.h-1 { // ends with a high
		last, to := row(l.h-2), row(l.h-1)
		last = last[:len(to)]
		for j, h := range high(highs - 1)[:len(to)] {
			to[j] = h - 2*alpha*last[j]
		}
	}
}

// first97 makes the even samples to and the odd ones of the row before, which is
// the first.
func first97(to, low, before, after, odd []float32) {
	low, before, after, odd = low[:len(to)], before[:len(to)], after[:len(to)], odd[:len(to)]
	for j := range to {
		h := before[j]
		e := low[j] - beta*(h+after[j])
		to[j] = e
		odd[j] = h - 2*alpha*e
	}
}

// both97 makes the even samples to and the odd ones between them and the even
// samples last.
func both97(to, low, before, after, odd, last []float32) {
	n := len(to)
	low, before, after, odd, last = low[:n], before[:n], after[:n], odd[:n], last[:n]
	for j := range to {
		h := before[j]
		e := low[j] - beta*(h+after[j])
		odd[j] = h - alpha*(last[j]+e)
		to[j] = e
	}
}

// lifts97 is the first step for low, between the high rows before and after, and
// the second for the row before, which is between the low rows last and low.
func lifts97(low, before, after, last []float32) {
	before, after, last = before[:len(low)], after[:len(low)], last[:len(low)]
	for i, v := range low {
		h := before[i]
		e := v - delta*(h+after[i])
		low[i] = e
		before[i] = h - gamma*(last[i]+e) // last may be low
	}
}

// lift97 adds f times the sum of the neighbours.
func lift97(x, a, b []float32, f float32) {
	a, b = a[:len(x)], b[:len(x)]
	for i := range x {
		x[i] += f * (a[i] + b[i])
	}
}
