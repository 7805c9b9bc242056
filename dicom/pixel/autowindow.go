package pixel

// Padding is Pixel Padding Value (0028,0120) with Pixel Padding Range Limit
// (0028,0121): stored values that are not image (PS3.3 C.7.5.1.1.2).
type Padding struct {
	Present     bool
	Value, Last int // inclusive, Value <= Last
}

// Has tells whether a stored value is padding.
func (p Padding) Has(v int) bool { return p.Present && v >= p.Value && v <= p.Last }

// AutoWindow finds a window for a grey frame that brings none: the modality
// values of the 1st and the 99th percentile of what is not background. Air
// around the patient (the lowest value, when more than a tenth of the pixels
// share it) and padding are left out of the count. Frames of up to 16 bits take
// one pass and 64 Ki counters; deeper ones are sampled.
func AutoWindow(f *Frame, m Modality, pad Padding) Window {
	var h histogram
	h.begin(min(f.BitsStored, 16), min(f.BitsStored, 16)-1, f.Signed)
	switch f.CellBytes() {
	case 1:
		h.add8(f.Pix)
	case 2:
		h.add16(f.Pix)
	default:
		h.addDeep(f, pad)
	}
	return h.window(m, pad, f.BitsStored, f.Signed)
}

// between is the window that shows a as black and b as white. A frame of one
// value is shown black.
func between(a, b float64) Window {
	if a > b {
		a, b = b, a
	}
	w := Window{Center: (a+b)/2 + 0.5, Width: b - a + 1, Function: Linear}
	if a == b {
		w.Center, w.Width = a+2, 2
	}
	if !w.Valid() {
		w = Window{Center: 0.5, Width: 2, Function: Linear}
	}
	return w
}

// spread fits the bins of a histogram over the values a deep frame really has.
func spread(f *Frame, pad Padding) (base, step int) {
	lo, hi, any := 0, 0, false
	for y := range f.Rows {
		for x := range f.Columns {
			v := f.Value(y, x, 0)
			if pad.Has(v) {
				continue
			}
			if !any {
				lo, hi, any = v, v, true
			}
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	return lo, (hi-lo)>>16 + 1
}

// robust gives the stored values at 1 % and 99 % without the background.
func (h *histogram) robust() (lo, hi int, ok bool) {
	if h.total == 0 {
		return 0, 0, false
	}
	first := h.lowest()
	total := h.total
	if n := int(h.bins[first]); n > total/10 && n < total {
		total -= n
		first++
	}
	low, high := percentile(&h.bins, first, total, 1), percentile(&h.bins, first, total, 99)
	if low == high { // one value on a background: a mask
		low, high = h.lowest(), percentile(&h.bins, first, total, 100)
	}
	return h.base + low*h.step, h.base + high*h.step, true
}

// lowest is the first bin that holds something.
func (h *histogram) lowest() int {
	i := 0
	for i < len(h.bins)-1 && h.bins[i] == 0 {
		i++
	}
	return i
}

func percentile(bins *[1 << 16]uint32, first, total, percent int) int {
	want := (total*percent + 99) / 100
	sum := 0
	for i := first; i < len(bins); i++ {
		sum += int(bins[i])
		if sum >= want {
			return i
		}
	}
	return len(bins) - 1
}
