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

// row97 filters low and high samples, one or more of each, in place and then
// interleaves them.
func row97(dst, low, high []float32, odd int) {
	update97(low, high, odd, -delta)
	update97(high, low, 1-odd, -gamma)
	update97(low, high, odd, -beta)
	update97(high, low, 1-odd, -alpha)
	i := odd
	for _, v := range low {
		dst[i] = v
		i += 2
	}
	i = 1 - odd
	for _, v := range high {
		dst[i] = v
		i += 2
	}
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
	for pass := range 2 {
		first, second := float32(-delta), float32(-gamma)
		if pass == 1 {
			first, second = -beta, -alpha
		}
		// A high sample waits until the low ones on both sides are ready.
		for i := range lowH {
			lift97(low(i), high(i-1+o), high(i+o), first)
			if j := i - 1 + o; j >= 0 {
				lift97(high(j), low(i-1), low(i), second)
			}
		}
		if highs > lowH-1+o {
			lift97(high(highs-1), low(lowH-1), low(lowH-1), second)
		}
	}
	for i := range max(lowH, highs) {
		if i < lowH && i < highs {
			a, b := plane[(2*i+o)*l.stride:][:n], plane[(2*i+1-o)*l.stride:][:n]
			hi := high(i)
			for j, v := range low(i) {
				h := hi[j]
				a[j], b[j] = v, h
			}
			continue
		}
		if i < lowH {
			copy(plane[(2*i+o)*l.stride:][:n], low(i))
		} else {
			copy(plane[(2*i+1-o)*l.stride:][:n], high(i))
		}
	}
}

// lift97 adds f times the sum of the neighbours.
func lift97(x, a, b []float32, f float32) {
	a, b = a[:len(x)], b[:len(x)]
	for i := range x {
		x[i] += f * (a[i] + b[i])
	}
}
