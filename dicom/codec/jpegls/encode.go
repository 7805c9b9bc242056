package jpegls

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// EncodeOptions choose the process. The zero value is lossless, components in
// scans of their own.
type EncodeOptions struct {
	Near        int // largest difference from the original; 0 is lossless
	Interleave  Interleave
	RestartRows int // lines between restart markers; 0 for none
}

// encoder is the state of Encode.
type encoder struct {
	model
	out writer
}

// Encode appends m to dst as JPEG-LS with default coding parameters. Samples are
// taken as unsigned values of m.Precision bits: signed ones must be given as
// their two's complement within it (PS3.5 §8.2.3).
func Encode(dst []byte, m *codec.Image, o EncodeOptions) ([]byte, error) {
	if m.Precision < 2 || m.Precision > 16 || m.Width <= 0 || m.Width > 65535 || m.Height <= 0 || m.Height > 65535 ||
		m.Samples <= 0 || m.Samples > t81.MaxComponents || o.RestartRows < 0 || o.RestartRows > 65535 ||
		o.Interleave < InterleaveNone || o.Interleave > InterleaveSample {
		return dst, codec.Errorf(codec.ErrUnsupported, 0, "JPEG-LS of %d × %d pixels of %d samples of %d bits", m.Width, m.Height, m.Samples, m.Precision)
	}
	if len(m.Pix) != m.FrameBytes() {
		return dst, codec.Errorf(codec.ErrMismatch, 0, "%d bytes of samples for a frame of %d", len(m.Pix), m.FrameBytes())
	}
	p, ok := newParams(preset{}, m.Precision, o.Near)
	if !ok {
		return dst, codec.Errorf(codec.ErrUnsupported, 0, "NEAR %d with %d bits", o.Near, m.Precision)
	}
	if m.Samples == 1 {
		o.Interleave = InterleaveNone
	}
	base := len(dst)
	e := new(encoder)
	e.prepare(p)
	e.out.dst = append(dst, 0xFF, t81.SOI, 0xFF, t81.SOF55, 0, byte(8+3*m.Samples), byte(m.Precision))
	e.out.dst = binary.BigEndian.AppendUint16(e.out.dst, uint16(m.Height))
	e.out.dst = binary.BigEndian.AppendUint16(e.out.dst, uint16(m.Width))
	e.out.dst = append(e.out.dst, byte(m.Samples))
	for c := range m.Samples {
		e.out.dst = append(e.out.dst, byte(c+1), 0x11, 0)
	}
	if o.RestartRows > 0 {
		e.out.dst = append(e.out.dst, 0xFF, t81.DRI, 0, 4, byte(o.RestartRows>>8), byte(o.RestartRows))
	}
	if o.Interleave == InterleaveNone {
		for c := range m.Samples {
			e.scan(m, c, 1, o)
		}
	} else {
		e.scan(m, 0, m.Samples, o)
	}
	dst = append(e.out.dst, 0xFF, t81.EOI)
	if (len(dst)-base)%2 != 0 {
		dst = append(dst, 0) // PS3.5 §A.4: fragments are even
	}
	return dst, nil
}

// scan writes components first to first+n-1.
func (e *encoder) scan(m *codec.Image, first, n int, o EncodeOptions) {
	out := append(e.out.dst, 0xFF, t81.SOS, 0, byte(6+2*n), byte(n))
	for c := range n {
		out = append(out, byte(first+c+1), 0)
	}
	e.out.dst = append(out, byte(o.Near), byte(o.Interleave), 0)
	size := m.Width + 2
	rows := make([]int32, 2*n*size)
	cur, prev := make([][]int32, n), make([][]int32, n)
	for c := range n {
		cur[c], prev[c] = rows[2*c*size:][:size], rows[(2*c+1)*size:][:size]
	}
	e.resetState()
	for y := range m.Height {
		if o.RestartRows > 0 && y > 0 && y%o.RestartRows == 0 {
			e.out.flush()
			e.out.dst = append(e.out.dst, 0xFF, byte(t81.RST0+(y/o.RestartRows-1)%8))
			e.resetState()
			clear(rows)
		}
		for c := range n {
			load(cur[c][1:size-1], m, y, first+c)
			edges(cur[c], prev[c])
		}
		if o.Interleave == InterleaveSample {
			e.lineSample(cur, prev)
		} else {
			for c := range n {
				e.line(cur[c], prev[c], c)
			}
		}
		cur, prev = prev, cur
	}
	e.out.flush()
}

// load reads a row of component index.
func load(row []int32, m *codec.Image, y, index int) {
	at := y*m.Width*m.Samples + index
	mask := int32(1)<<m.Precision - 1
	for x := range row {
		if m.Precision <= 8 {
			row[x] = int32(m.Pix[at]) & mask
		} else {
			row[x] = int32(binary.LittleEndian.Uint16(m.Pix[2*at:])) & mask
		}
		at += m.Samples
	}
}

// line encodes a row; cur becomes what the decoder will see.
func (e *encoder) line(cur, prev []int32, comp int) {
	for x := 1; x < len(cur)-1; x++ {
		ra, rb, rc := cur[x-1], prev[x], prev[x-1]
		q := e.contextOf(cur, prev, x)
		if q != 0 {
			cur[x] = e.regular(q, cur[x], ra, rb, rc)
			continue
		}
		n := 0
		for x+n < len(cur)-1 && abs(cur[x+n]-ra) <= int32(e.near) {
			cur[x+n] = ra
			n++
		}
		x += n
		whole := x == len(cur)-1
		e.runLength(n, whole, comp)
		if whole {
			return
		}
		rb = prev[x]
		t := int32(0)
		if abs(ra-rb) <= int32(e.near) {
			t = 1
		}
		cur[x] = e.interrupt(cur[x], ra, rb, t, comp)
		e.leaveRun(comp)
	}
}

func (e *encoder) lineSample(cur, prev [][]int32) {
	last := len(cur[0]) - 1
	for x := 1; x < last; x++ {
		any := int32(0)
		for c := range cur {
			any |= e.contextOf(cur[c], prev[c], x)
		}
		if any != 0 {
			for c := range cur {
				cur[c][x] = e.regular(e.contextOf(cur[c], prev[c], x), cur[c][x], cur[c][x-1], prev[c][x], prev[c][x-1])
			}
			continue
		}
		n := 0
		for x+n < last && e.continues(cur, x-1, x+n) {
			for c := range cur {
				cur[c][x+n] = cur[c][x-1]
			}
			n++
		}
		x += n
		e.runLength(n, x == last, 0)
		if x == last {
			return
		}
		for c := range cur {
			cur[c][x] = e.interrupt(cur[c][x], cur[c][x-1], prev[c][x], 0, 0)
		}
		e.leaveRun(0)
	}
}

func (e *encoder) continues(cur [][]int32, start, x int) bool {
	for c := range cur {
		if abs(cur[c][x]-cur[c][start]) > int32(e.near) {
			return false
		}
	}
	return true
}

func (e *encoder) contextOf(cur, prev []int32, x int) int32 {
	ra, rb, rc, rd := cur[x-1], prev[x], prev[x-1], prev[x+1]
	return (int32(e.quant[quantHalf+rd-rb])*9+int32(e.quant[quantHalf+rb-rc]))*9 + int32(e.quant[quantHalf+rc-ra])
}

// quantizeError is code segments A.8 and A.9 for the encoder: the error to code
// and the sample that the decoder will have. An error of zero keeps px.
func (e *encoder) quantizeError(v, px, sign int32) (err, rx int32) {
	near, step := int32(e.near), int32(e.step)
	err = ((v - px) ^ sign) - sign
	if err > 0 {
		err = (err + near) / step
	} else {
		err = -((near - err) / step)
	}
	rx = min(max(px+(err*step^sign-sign), 0), int32(e.maxVal))
	r := int32(e.rangeSize)
	if err < 0 {
		err += r
	}
	if err >= (r+1)/2 {
		err -= r
	}
	return err, rx
}

func (e *encoder) regular(q, v, ra, rb, rc int32) int32 {
	sign := q >> 31
	c := &e.contexts[(q^sign)-sign]
	px := min(max(predict(ra, rb, rc)+(c.c^sign-sign), 0), int32(e.maxVal))
	err, rx := e.quantizeError(v, px, sign)
	folded := err ^ c.flip
	e.out.golomb(folded<<1^folded>>31, c.k, int32(e.limit), int32(e.qbpp))
	c.update(err, int32(e.step), int32(e.reset))
	return rx
}

// runLength is §A.7.1.
func (e *encoder) runLength(n int, whole bool, comp int) {
	for n >= 1<<runOrder[e.runIndex[comp]] {
		e.out.put(1, 1)
		n -= 1 << runOrder[e.runIndex[comp]]
		if e.runIndex[comp] < 31 {
			e.runIndex[comp]++
		}
	}
	if whole {
		if n > 0 {
			e.out.put(1, 1)
		}
		return
	}
	e.out.put(0, 1)
	e.out.put(uint64(n), uint(runOrder[e.runIndex[comp]]))
}

// interrupt is §A.7.2.
func (e *encoder) interrupt(v, ra, rb, t int32, comp int) int32 {
	px, sign := rb, int32(0)
	if t == 1 {
		px = ra
	} else if ra > rb {
		sign = -1
	}
	err, rx := e.quantizeError(v, px, sign)
	c := &e.run[t]
	k := c.parameter(t)
	odd := int32(0)
	if err != 0 && (k != 0 || 2*c.nn >= c.n) == (err < 0) {
		odd = 1
	}
	mapped := 2*abs(err) - t - odd
	e.out.golomb(mapped, k, int32(e.limit)-int32(runOrder[e.runIndex[comp]])-1, int32(e.qbpp))
	c.update(err, mapped, t, int32(e.reset))
	return rx
}

func (m *model) leaveRun(comp int) {
	if m.runIndex[comp] > 0 {
		m.runIndex[comp]--
	}
}
