package pixel

import "encoding/binary"

// Histogram counts the stored values of a grey frame of 8 or 16 bits allocated while
// its cells come, for the window of a frame that brings none (see AutoWindow). Begin it
// for each frame; its 256 KiB are kept.
type Histogram struct {
	histogram
	format Format
	left   int64 // bytes of the frame that are still to come
	low    int   // the lower byte of a cell of which half has come, or -1
}

// Begin prepares for the stored cells of a frame of format f, little endian.
func (h *Histogram) Begin(f Format) {
	h.begin(f.BitsStored, f.HighBit, f.Signed())
	h.format, h.left, h.low = f, f.FrameBytes(), -1
}

// Write takes the next bytes, of which what is beyond the frame is ignored.
func (h *Histogram) Write(p []byte) {
	p = p[:min(int64(len(p)), h.left)]
	h.left -= int64(len(p))
	switch {
	case len(p) == 0:
		return
	case h.format.BitsAllocated == 8:
		h.add8(p)
		return
	}
	if h.low >= 0 {
		h.add16([]byte{byte(h.low), p[0]})
		p, h.low = p[1:], -1
	}
	if len(p)%2 != 0 {
		h.low = int(p[len(p)-1])
	}
	h.add16(p)
}

// histogram counts stored values; bin i stands for base + i·step.
type histogram struct {
	bins       [1 << 16]uint32
	base, step int
	total      int
	cells      cells // where the value is in a cell of 16 bits
}

// begin prepares for cells of up to 16 bits.
func (h *histogram) begin(stored, high int, signed bool) {
	clear(h.bins[:])
	h.cells = cells{up: uint(15 - high), down: uint(16 - stored), signed: signed}
	h.base, h.step, h.total = 0, 1, 0
	if signed {
		h.base = -bias
	}
}

func (h *histogram) add16(pix []byte) {
	c, flip := h.cells, uint16(-h.base)
	for ; len(pix) >= 2; pix = pix[2:] {
		h.bins[uint16(c.value(binary.LittleEndian.Uint16(pix)))^flip]++
	}
}

func (h *histogram) add8(pix []byte) {
	c, flip := h.cells, uint16(-h.base)
	for _, v := range pix {
		h.bins[uint16(c.value(uint16(v)))^flip]++
	}
}

// addDeep counts cells of 32 bits.
func (h *histogram) addDeep(f *Frame, pad Padding) {
	lo, hi := f.Range()
	if h.base = lo; hi-lo >= len(h.bins) {
		h.base, h.step = spread(f, pad)
	}
	for y := range f.Rows {
		for x := range f.Columns {
			if v := f.Value(y, x, 0); !pad.Has(v) {
				h.bins[min(max((v-h.base)/h.step, 0), len(h.bins)-1)]++
			}
		}
	}
}

// window is that of what was counted, of cells of stored bits: see AutoWindow.
func (h *histogram) window(m Modality, pad Padding, stored int, signed bool) Window {
	if pad.Present && h.step == 1 {
		for v := max(pad.Value, h.base); v <= min(pad.Last, h.base+len(h.bins)-1); v++ {
			h.bins[v-h.base] = 0
		}
	}
	h.total = 0
	for _, n := range h.bins {
		h.total += int(n)
	}
	lo, hi, ok := h.robust()
	if !ok {
		lo, hi = (&Frame{BitsStored: stored, Signed: signed}).Range()
	}
	return between(m.At(lo), m.At(hi))
}
