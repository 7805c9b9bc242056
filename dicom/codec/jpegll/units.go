package jpegll

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// inUnits tells whether the samples of a scan do not come pixel by pixel: components of
// several sizes, or more than one sample of each in a minimum coded unit (T.81 §A.2.3).
func (d *Decoder) inUnits(sc *t81.Scan) bool {
	f := &d.frame
	return f.Subsampled() || sc.N > 1 && (f.HMax > 1 || f.VMax > 1)
}

// samples is how many the components of the frame have together.
func (d *Decoder) samples() (n int64) {
	f := &d.frame
	for _, k := range f.Components[:f.N] {
		n += int64(ceilDiv(f.Width*k.H, f.HMax)) * int64(ceilDiv(f.Height*k.V, f.VMax))
	}
	return n
}

// plane is a component of a scan in units.
type plane struct {
	index         int // in the frame
	h, v          int // samples in a unit
	width, height int // samples that count
	stride        int // samples of a row in whole units
	rows          []uint16
}

// cur and prev are the row in hand and the one above, diff is row v of the differences.
func (p *plane) cur() []uint16       { return p.rows[:p.stride] }
func (p *plane) prev() []uint16      { return p.rows[p.stride:][:p.stride] }
func (p *plane) diff(v int) []uint16 { return p.rows[(2+v)*p.stride:][:p.stride] }

// units decodes a scan in units: in each, h × v samples of each component (§A.2.3), those
// beyond the right and the lower edge filled up (§A.2.4). A component that is smaller than the
// frame is brought to its size by repetition.
func (d *Decoder) units(dst *codec.Image, r *t81.Reader, sc *t81.Scan) error {
	var planes [t81.MaxComponents]plane
	across, down, err := d.layUnits(&planes, sc, int64(r.Pos))
	if err != nil {
		return err
	}
	every := down
	if d.restart > 0 {
		every = d.restart / across
	}
	for y := 0; y < down; {
		if y > 0 {
			if err := d.restartMarker(r, y/every-1); err != nil {
				return err
			}
		}
		start := r.Pos
		d.data, r.Pos = t81.Unstuff(d.data[:0], d.src, start)
		b := t81.Bits{Data: d.data}
		d.Did(len(d.data))
		for end := min(y+every, down); y < end; y++ {
			if err := d.unitRow(dst, &b, sc, planes[:sc.N], across, y, every); err != nil {
				return d.fail(err, start, &b)
			}
		}
		if b.Surplus() {
			return d.fail(errSurplus, start, &b)
		}
	}
	return nil
}

// layUnits gives the components of a scan and the number of units across and down.
func (d *Decoder) layUnits(planes *[t81.MaxComponents]plane, sc *t81.Scan, at int64) (across, down int, err error) {
	f := &d.frame
	across, down = ceilDiv(f.Width, f.HMax), ceilDiv(f.Height, f.VMax)
	room := 0
	for i, c := range sc.Components[:sc.N] {
		k := f.Components[c.Index]
		p := &planes[i]
		*p = plane{index: c.Index, h: k.H, v: k.V, width: ceilDiv(f.Width*k.H, f.HMax), height: ceilDiv(f.Height*k.V, f.VMax)}
		if sc.N == 1 { // §A.2.2: a unit is a sample
			p.h, p.v, across, down = 1, 1, p.width, p.height
		}
		p.stride = across * p.h
		room += (2 + p.v) * p.stride
	}
	if d.restart%across != 0 { // §H.1.1
		return 0, 0, codec.Errorf(codec.ErrCorrupt, at, "restart interval of %d in rows of %d units", d.restart, across)
	}
	d.rows = grow(d.rows, room)
	rest := d.rows
	for i := range sc.N {
		n := (2 + planes[i].v) * planes[i].stride
		planes[i].rows, rest = rest[:n:n], rest[n:]
	}
	return across, down, nil
}

// unitRow decodes row y of the units; every so many begin an interval.
func (d *Decoder) unitRow(dst *codec.Image, b *t81.Bits, sc *t81.Scan, planes []plane, across, y, every int) error {
	for x := range across {
		for i := range planes {
			p := &planes[i]
			table, huffman := d.table(sc, i)
			for v := range p.v {
				diff := p.diff(v)[x*p.h:][:p.h]
				for h := range diff {
					value, ok := difference(b, table, huffman)
					if !ok {
						return errCode
					}
					diff[h] = value
				}
			}
		}
	}
	if b.Left() < 0 {
		return errShort
	}
	for i := range planes {
		p := &planes[i]
		for v := range p.v {
			d.Did(2 * p.stride)
			cur, prev := p.cur(), p.prev()
			if v == 0 && y%every == 0 {
				cur[0] = 1 << (dst.Precision - sc.Al - 1)
				predictFirst(cur, p.diff(v), 1)
			} else {
				cur[0] = prev[0]
				predict(sc.Ss, cur, prev, p.diff(v), 1)
			}
			if !d.repeat(dst, p, y*p.v+v, sc.Al) {
				return errRange
			}
			copy(prev, cur)
		}
	}
	return nil
}

// table gives those of component i of a scan.
func (d *Decoder) table(sc *t81.Scan, i int) (*diffTable, *t81.Huffman) {
	td := sc.Components[i].Td
	if td == sc.Components[0].Td {
		return &d.diffs[0], &d.tables[0][td]
	}
	return &d.diffs[i], &d.tables[0][td]
}

// repeat writes row y of a component wherever the frame shows it; false for a sample beyond
// the precision.
func (d *Decoder) repeat(dst *codec.Image, p *plane, y, pt int) bool {
	if y >= p.height {
		return true
	}
	row := p.cur()[:p.width]
	if limit := dst.Precision - pt; limit < 16 {
		for _, v := range row {
			if v>>limit != 0 {
				return false
			}
		}
	}
	f := &d.frame
	k := f.Components[p.index]
	for at := ceilDiv(y*f.VMax, k.V); at < dst.Height && at*k.V/f.VMax == y; at++ {
		pos := at*dst.Width*dst.Samples + p.index
		d.Did(dst.Width)
		for x := range dst.Width {
			v := row[x*k.H/f.HMax] << pt
			if dst.Precision <= 8 {
				dst.Pix[pos] = byte(v)
			} else {
				binary.LittleEndian.PutUint16(dst.Pix[2*pos:], v)
			}
			pos += dst.Samples
		}
	}
	return true
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
