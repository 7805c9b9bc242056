package j2k

// columns is how many columns are transformed at a time, so that the vertical
// filter stays in the nearest cache.
const columns = 32

// synthesize undoes the levels of the wavelet transformation up to the
// resolution kept (T.800 §F.3). The plane holds, at each level, the lower
// resolution at the top left and the bands HL, LH and HH beside and below it.
// Rows come first (§F.3.2), which matters to the reversible one.
func (d *Decoder) synthesize(c *component) {
	for r := 1; r <= c.kept; r++ {
		res, low := &c.resolutions[r], &c.resolutions[r-1]
		w, h := res.width(), res.height()
		if w == 0 || h == 0 {
			continue
		}
		d.Did(2 * w * h)
		l := level{w: w, h: h, lowW: low.width(), lowH: low.height(), oddX: res.x0 & 1, oddY: res.y0 & 1, stride: c.stride}
		d.line = grow(d.line, max(w, (h+1)/2*columns))
		if c.reversible {
			l.synthesize53(c.plane, d.line)
		} else {
			d.fline = grow(d.fline, max(w, (h+1)/2*columns))
			l.synthesize97(c.fplane, d.fline)
		}
	}
}

// level is the geometry of one level: the samples, how many rows and columns of
// them are low-pass, and whether the first of each is a high-pass one.
type level struct {
	w, h       int
	lowW, lowH int
	oddX, oddY int
	stride     int
}

// A signal of n samples is rebuilt from lows and highs in the order of the lows:
// before the first low comes, in an odd signal, a high with no low before it;
// each low takes the highs on both sides, at an end the one high twice
// (§F.3.7); then the high between it and the low before is complete.

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
