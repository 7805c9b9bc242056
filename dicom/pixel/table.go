package pixel

import "math"

// Transform is the grayscale transformation of one frame (PS3.3 C.11, the
// sequence of PS3.4 N.2): modality LUT, then window or VOI LUT, then inversion
// for MONOCHROME1 or a Presentation LUT Shape of INVERSE.
type Transform struct {
	Modality Modality
	Window   Window
	VOI      *LUT // used instead of Window when set
	Grey     *LUT // Presentation LUT (PS3.3 C.11.6) over all that comes of Window or VOI; nil: as it is
	Invert   bool
	Padding  Padding // shown as background, whatever the window
}

// Table is a Transform worked out for every stored value of up to 16 bits. It
// is indexed with the bit pattern of the cell, so signed samples need no offset.
// A Table is 64 KiB; keep it and Set it for each frame: setting it to what it
// already holds costs nothing.
type Table struct {
	grey   [1 << 16]uint8
	signed bool
	ready  bool
	key    tableKey
	sums   []uint32 // of Reduce
	narrow Frame    // of frames deeper than 16 bits
}

type tableKey struct {
	t      Transform
	stored int
	signed bool
}

// Set works out t for samples of bitsStored bits, 1 to 16.
func (tb *Table) Set(t Transform, bitsStored int, signed bool) {
	key := tableKey{t, bitsStored, signed}
	if tb.ready && tb.key == key {
		return
	}
	tb.key, tb.ready, tb.signed = key, true, signed
	lo, hi := (&Frame{BitsStored: bitsStored, Signed: signed}).Range()
	switch {
	case t.Grey != nil:
		last, top := float64(len(t.Grey.Data)-1), t.Grey.max()
		tb.each(lo, hi, func(v int) uint8 { return uint8(float64(t.Grey.Data[int(t.share(v)*last+0.5)])/top*255 + 0.5) })
	case t.VOI != nil:
		top := t.VOI.max()
		tb.each(lo, hi, func(v int) uint8 {
			return uint8(float64(t.VOI.At(int(math.Floor(t.Modality.At(v)+0.5))))/top*255 + 0.5)
		})
	case t.Modality.LUT != nil:
		tb.each(lo, hi, func(v int) uint8 { return t.Window.grey(t.Modality.At(v)) })
	default:
		tb.line(t, lo, hi)
	}
	if t.Padding.Present {
		for v := max(lo, t.Padding.Value); v <= min(hi, t.Padding.Last); v++ {
			tb.grey[uint16(v)] = 0
		}
	}
	if t.Invert {
		tb.each(lo, hi, func(v int) uint8 { return 255 - tb.grey[uint16(v)] })
		if t.Padding.Present { // background stays black
			for v := max(lo, t.Padding.Value); v <= min(hi, t.Padding.Last); v++ {
				tb.grey[uint16(v)] = 0
			}
		}
	}
}

// share is how bright a stored value is before the presentation LUT, of 1.
func (t *Transform) share(v int) float64 {
	x := t.Modality.At(v)
	if t.VOI != nil {
		return float64(t.VOI.At(int(math.Floor(x+0.5)))) / t.VOI.max()
	}
	return t.Window.At(x)
}

func (tb *Table) each(lo, hi int, f func(v int) uint8) {
	for v := lo; v <= hi; v++ {
		tb.grey[uint16(v)] = f(v)
	}
}

// line fills the table for a rescale line and a window function: the flat
// parts by fill, the ramp, which is usually a few hundred values, by value.
func (tb *Table) line(t Transform, lo, hi int) {
	slope := t.Modality.slope()
	a, b := t.Window.bounds()
	from, to := (a-t.Modality.Intercept)/slope, (b-t.Modality.Intercept)/slope
	low, high := uint8(0), uint8(255)
	if from > to {
		from, to, low, high = to, from, high, low
	}
	// One value of margin: rounding at the ends is left to the function itself.
	start := clampInt(math.Floor(from)-1, lo, hi+1)
	end := clampInt(math.Ceil(to)+2, start, hi+1)
	tb.fill(lo, start, low)
	for v := start; v < end; v++ {
		tb.grey[uint16(v)] = t.Window.grey(t.Modality.At(v))
	}
	tb.fill(end, hi+1, high)
}

func clampInt(v float64, lo, hi int) int {
	if !(v > float64(lo)) { // NaN too
		return lo
	}
	if v > float64(hi) {
		return hi
	}
	return int(v)
}

// fill sets the stored values from … to-1, which may straddle zero.
func (tb *Table) fill(from, to int, g uint8) {
	if from < 0 && to > 0 {
		tb.fill(from, 0, g)
		from = 0
	}
	if from >= to {
		return
	}
	part := tb.grey[uint16(from) : int(uint16(to-1))+1]
	for i := range part {
		part[i] = g
	}
}

// SetFrame prepares the table for f and gives the frame to look up: f itself,
// or, for cells of 32 bits, a 16 bit copy stretched over the values it holds,
// with the modality line adjusted so that the picture is the same.
func (tb *Table) SetFrame(t Transform, f *Frame) *Frame {
	if f.BitsStored <= 16 {
		tb.Set(t, f.BitsStored, f.Signed)
		if f.CellBytes() <= 2 {
			return f
		}
		return tb.halve(f)
	}
	base, step := spread(f, t.Padding)
	n := &tb.narrow
	n.Rows, n.Columns, n.Samples = f.Rows, f.Columns, 1
	n.BitsAllocated, n.BitsStored, n.Signed, n.Photometric = 16, 16, false, f.Photometric
	n.resize(2 * f.Pixels())
	for i := range f.Pixels() {
		v := min(max((f.Value(i/f.Columns, i%f.Columns, 0)-base)/step, 0), 1<<16-1)
		n.Pix[2*i], n.Pix[2*i+1] = uint8(v), uint8(v>>8)
	}
	if t.Modality.LUT == nil { // a modality table has 16 bit input by definition
		s := t.Modality.slope()
		t.Modality.Intercept += s * float64(base)
		t.Modality.Slope = s * float64(step)
	}
	t.Padding = Padding{}
	tb.Set(t, 16, false)
	return n
}

// halve copies values of up to 16 bits out of cells of 32.
func (tb *Table) halve(f *Frame) *Frame {
	n := &tb.narrow
	pix := n.Pix
	*n = *f
	n.Pix, n.BitsAllocated = pix, 16
	n.resize(2 * f.Pixels())
	for i := range f.Pixels() {
		n.Pix[2*i], n.Pix[2*i+1] = f.Pix[4*i], f.Pix[4*i+1]
	}
	return n
}
