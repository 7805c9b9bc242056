package jpegls

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// subsampled decodes a scan of components of several sizes (§A.2.1, by the sampling
// factors of T.81 §A.1.1). Each is brought to the size of the frame by repetition.
func (d *Decoder) subsampled(dst *codec.Image, r *t81.Reader, sc *t81.Scan, ilv Interleave, at int64) error {
	f := &d.frame
	switch {
	case d.restart > 0:
		return codec.Errorf(codec.ErrUnsupported, at, "restart intervals of subsampled components")
	case ilv == InterleaveSample && sc.N > 1:
		return codec.Errorf(codec.ErrUnsupported, at, "subsampled components interleaved by sample")
	case sc.N > 1 && f.Height%f.VMax != 0:
		return codec.Errorf(codec.ErrUnsupported, at, "%d lines of components with %d in a group", f.Height, f.VMax)
	case d.tables.bytes > 0:
		return codec.Errorf(codec.ErrUnsupported, at, "mapping tables of subsampled components")
	}
	d.prepareRows(f.Width, sc.N)
	groups, lines := 1, [t81.MaxComponents]int{} // in a group, of each component
	for i, c := range sc.Components[:sc.N] {
		k := f.Components[c.Index]
		width := (f.Width*k.H + f.HMax - 1) / f.HMax
		d.cur[i], d.prev[i] = d.cur[i][:width+2], d.prev[i][:width+2]
		if sc.N == 1 {
			lines[i] = (f.Height*k.V + f.VMax - 1) / f.VMax
		} else {
			lines[i], groups = k.V, f.Height/f.VMax
		}
	}
	start := r.Pos
	var n int
	d.data, n, r.Pos = unstuff(d.data[:0], d.src, start)
	d.in = reader{data: d.data, bits: n}
	d.resetState()
	clear(d.rows)
	for g := range groups {
		for i, c := range sc.Components[:sc.N] {
			for y := g * lines[i]; y < (g+1)*lines[i]; y++ {
				d.Did(2 * len(d.cur[i]))
				d.lineNear(d.cur[i], d.prev[i], i)
				if d.in.left() < 0 {
					return codec.Errorf(codec.ErrTruncated, int64(r.Pos), "entropy-coded data end in line %d of component %d", y, c.Index+1)
				}
				if d.in.bad {
					return codec.Errorf(codec.ErrCorrupt, sourceOffset(d.src, start, d.in.consumed()), "a code that no encoder makes, in line %d of component %d", y, c.Index+1)
				}
				d.repeat(dst, d.cur[i][1:len(d.cur[i])-1], y, c.Index)
				d.cur[i], d.prev[i] = d.prev[i], d.cur[i]
			}
		}
	}
	if d.in.left() > 32 {
		return codec.Errorf(codec.ErrCorrupt, sourceOffset(d.src, start, d.in.consumed()), "entropy-coded data go on after the last line")
	}
	return nil
}

// repeat writes line y of a component wherever the frame shows it.
func (d *Decoder) repeat(dst *codec.Image, row []int32, y, index int) {
	f := &d.frame
	k := f.Components[index]
	for at := (y*f.VMax + k.V - 1) / k.V; at < dst.Height && at*k.V/f.VMax == y; at++ {
		pos := at*dst.Width*dst.Samples + index
		for x := range dst.Width {
			v := row[x*k.H/f.HMax]
			if dst.Precision <= 8 {
				dst.Pix[pos] = byte(v)
			} else {
				binary.LittleEndian.PutUint16(dst.Pix[2*pos:], uint16(v))
			}
			pos += dst.Samples
		}
	}
}
