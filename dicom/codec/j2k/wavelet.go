package j2k

import "math"

// Lifting parameters of the 9-7 transformation (T.800 Table F.4).
const (
	alpha = -1.586134342059924
	beta  = -0.052980118572961
	gamma = 0.882911075530934
	delta = 0.443506852043971
	kappa = 1.230174104914001
)

// columns is how many columns are transformed at a time, so that the vertical
// filter reads whole cache lines.
const columns = 16

// synthesize undoes the levels of the wavelet transformation up to the
// resolution kept (§F.3). The plane holds, at each level, the lower resolution
// at the top left and the bands HL, LH and HH beside and below it.
func (d *Decoder) synthesize(c *component) {
	for r := 1; r <= c.kept; r++ {
		res, low := &c.resolutions[r], &c.resolutions[r-1]
		w, h := res.width(), res.height()
		if w == 0 || h == 0 {
			continue
		}
		if c.reversible {
			d.line = grow(d.line, max(w, h*columns))
			for y := range h {
				row := c.plane[y*c.stride:][:w]
				interleave(d.line[:w], row, low.width(), res.x0&1)
				lift53(d.line[:w], res.x0&1)
				copy(row, d.line[:w])
			}
			d.columns53(c, w, h, low.height(), res.y0&1)
		} else {
			d.fline = grow(d.fline, max(w, h*columns))
			for y := range h {
				row := c.plane[y*c.stride:][:w]
				d.row97(row, low.width(), res.x0&1)
			}
			d.columns97(c, w, h, low.height(), res.y0&1)
		}
	}
}

// interleave puts the n low and the other high samples of src into their places
// in dst (§F.3.3). odd is 1 when the first sample is a high one.
func interleave(dst, src []int32, n, odd int) {
	lo, hi := src[:n], src[n:]
	i := odd
	for _, v := range lo {
		dst[i] = v
		i += 2
	}
	i = 1 - odd
	for _, v := range hi {
		dst[i] = v
		i += 2
	}
}

// lift53 is 1D_FILTR of §F.3.8.1 on interleaved samples, with the symmetric
// extension of §F.3.7.
func lift53(x []int32, odd int) {
	n := len(x)
	if n == 1 {
		if odd == 1 {
			x[0] /= 2
		}
		return
	}
	// Low samples: subtract a quarter of the neighbours.
	i := odd
	if odd == 0 {
		x[0] -= (x[1] + x[1] + 2) >> 2
		i = 2
	}
	for ; i < n-1; i += 2 {
		x[i] -= (x[i-1] + x[i+1] + 2) >> 2
	}
	if i == n-1 {
		x[i] -= (x[i-1] + x[i-1] + 2) >> 2
	}
	// High samples: add half of the neighbours.
	i = 1 - odd
	if i == 0 {
		x[0] += x[1]
		i = 2
	}
	for ; i < n-1; i += 2 {
		x[i] += (x[i-1] + x[i+1]) >> 1
	}
	if i == n-1 {
		x[i] += x[i-1]
	}
}

// columns53 filters the columns of the w × h samples at the top left, n of each
// being low.
func (d *Decoder) columns53(c *component, w, h, n, odd int) {
	for x := 0; x < w; x += columns {
		k := min(columns, w-x)
		t := d.line[:h*columns]
		// Rows of t are the interleaved rows of this group of columns.
		for y := range h {
			at := 2*y + odd
			if y >= n {
				at = 2*(y-n) + 1 - odd
			}
			copy(t[at*columns:at*columns+k], c.plane[y*c.stride+x:][:k])
		}
		if h == 1 {
			if odd == 1 {
				for i := range k {
					t[i] /= 2
				}
			}
		} else {
			for y := odd; y < h; y += 2 {
				up, down := mirror(y-1, h), mirror(y+1, h)
				low53((*[columns]int32)(t[y*columns:]), (*[columns]int32)(t[up*columns:]), (*[columns]int32)(t[down*columns:]))
			}
			for y := 1 - odd; y < h; y += 2 {
				up, down := mirror(y-1, h), mirror(y+1, h)
				high53((*[columns]int32)(t[y*columns:]), (*[columns]int32)(t[up*columns:]), (*[columns]int32)(t[down*columns:]))
			}
		}
		for y := range h {
			copy(c.plane[y*c.stride+x:][:k], t[y*columns:][:k])
		}
	}
}

// mirror is the symmetric extension by one sample (§F.3.7).
func mirror(i, n int) int {
	if i < 0 {
		return 1
	}
	if i >= n {
		return n - 2
	}
	return i
}

func low53(x, a, b *[columns]int32) {
	for i := range x {
		x[i] -= (a[i] + b[i] + 2) >> 2
	}
}

func high53(x, a, b *[columns]int32) {
	for i := range x {
		x[i] += (a[i] + b[i]) >> 1
	}
}

// row97 filters a row whose first n samples are low. The samples are the bits of
// float32.
func (d *Decoder) row97(row []int32, n, odd int) {
	x := d.fline[:len(row)]
	if len(row) == 1 {
		if odd == 1 {
			row[0] = int32(math.Float32bits(math.Float32frombits(uint32(row[0])) / 2))
		}
		return
	}
	i := odd
	for _, v := range row[:n] {
		x[i] = math.Float32frombits(uint32(v)) * kappa
		i += 2
	}
	i = 1 - odd
	for _, v := range row[n:] {
		x[i] = math.Float32frombits(uint32(v)) * (1 / kappa)
		i += 2
	}
	step97(x, odd, -delta)
	step97(x, 1-odd, -gamma)
	step97(x, odd, -beta)
	step97(x, 1-odd, -alpha)
	for i, v := range x {
		row[i] = int32(math.Float32bits(v))
	}
}

// step97 is one lifting step (§F.3.8.2): samples first, first+2 … get f times
// the sum of their neighbours.
func step97(x []float32, first int, f float32) {
	n := len(x)
	i := first
	if i == 0 {
		x[0] += 2 * f * x[1]
		i = 2
	}
	for ; i < n-1; i += 2 {
		x[i] += f * (x[i-1] + x[i+1])
	}
	if i == n-1 {
		x[i] += 2 * f * x[i-1]
	}
}

func (d *Decoder) columns97(c *component, w, h, n, odd int) {
	for x := 0; x < w; x += columns {
		k := min(columns, w-x)
		t := d.fline[:h*columns]
		for y := range h {
			at, scale := 2*y+odd, float32(kappa)
			if y >= n {
				at, scale = 2*(y-n)+1-odd, 1/kappa
			}
			if h == 1 {
				at, scale = 0, 1
				if odd == 1 {
					scale = 0.5
				}
			}
			row := t[at*columns : at*columns+k]
			for i, v := range c.plane[y*c.stride+x:][:k] {
				row[i] = math.Float32frombits(uint32(v)) * scale
			}
		}
		if h > 1 {
			lift97Columns(t, h, odd, -delta)
			lift97Columns(t, h, 1-odd, -gamma)
			lift97Columns(t, h, odd, -beta)
			lift97Columns(t, h, 1-odd, -alpha)
		}
		for y := range h {
			row := t[y*columns:][:k]
			for i, v := range row {
				c.plane[y*c.stride+x+i] = int32(math.Float32bits(v))
			}
		}
	}
}

func lift97Columns(t []float32, h, first int, f float32) {
	for y := first; y < h; y += 2 {
		up, down := mirror(y-1, h), mirror(y+1, h)
		x, a, b := (*[columns]float32)(t[y*columns:]), (*[columns]float32)(t[up*columns:]), (*[columns]float32)(t[down*columns:])
		for i := range x {
			x[i] += f * (a[i] + b[i])
		}
	}
}
