package jpegls

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// tables are the mapping tables of a stream (LSE types 2 and 3, §C.2.4.1.2): what a
// decoded sample stands for.
type tables struct {
	of [256]mapping // by Table Identifier; 0 is none

	bytes   int  // of a mapped sample in this frame: 0 unmapped, 1 or 2
	palette bool // one component, whose entries are red, green and blue
	now     [t81.MaxComponents]*mapping
}

// mapping is one table.
type mapping struct {
	width   int // bytes of an entry
	entries []byte
}

// largestTable is an entry for each value a sample can have.
const largestTable = 1 << 16

// add takes a table, or more of one.
func (t *tables) add(more bool, id byte, width int, entries []byte, at int64) error {
	m := &t.of[id]
	switch {
	case id == 0 || width == 0:
		return codec.Errorf(codec.ErrCorrupt, at, "mapping table %d of entries of %d bytes", id, width)
	case more && m.width != width:
		return codec.Errorf(codec.ErrCorrupt, at, "mapping table %d goes on with entries of %d bytes in place of %d", id, width, m.width)
	case !more:
		*m = mapping{width: width}
	}
	if (len(m.entries)+len(entries))/width > largestTable {
		return codec.Errorf(codec.ErrCorrupt, at, "mapping table %d of more than %d entries", id, largestTable)
	}
	m.entries = append(m.entries, entries...)
	return nil
}

// table is that of a component of a scan, nil without one.
func (t *tables) table(c t81.ScanComponent, at int64) (*mapping, error) {
	id := c.Td<<4 | c.Ta
	if id == 0 {
		return nil, nil
	}
	if t.of[id].width == 0 {
		return nil, codec.Errorf(codec.ErrCorrupt, at, "mapping table %d is not there", id)
	}
	return &t.of[id], nil
}

// shape gives a frame the shape that its samples have once mapped. The first scan says
// it for all.
func (t *tables) shape(c *codec.Config, sc *t81.Scan, at int64) error {
	m, err := t.table(sc.Components[0], at)
	if err != nil || m == nil {
		return err
	}
	switch {
	case m.width <= 2:
		t.bytes, c.Precision = m.width, 8*m.width
	case m.width == 3 && c.Samples == 1:
		t.bytes, t.palette = 1, true
		c.Samples, c.Precision, c.Color = 3, 8, codec.ColorRGB
	default:
		return codec.Errorf(codec.ErrUnsupported, at, "mapping table of %d bytes an entry for %d components", m.width, c.Samples)
	}
	return nil
}

// use finds the tables of a scan.
func (t *tables) use(sc *t81.Scan, at int64) error {
	if t.bytes == 0 && !t.palette {
		// Unmapped, or a palette whose colours the data set has.
		t.now = [t81.MaxComponents]*mapping{}
		for i, c := range sc.Components[:sc.N] {
			if m, err := t.table(c, at); err != nil || m != nil && i > 0 {
				return codec.Errorf(codec.ErrUnsupported, at, "mapping table for some of the components")
			}
		}
		return nil
	}
	for i, c := range sc.Components[:sc.N] {
		m, err := t.table(c, at)
		if err != nil {
			return err
		}
		if m == nil || !t.palette && m.width != t.bytes || t.palette && m.width != 3 {
			return codec.Errorf(codec.ErrUnsupported, at, "mapping tables of several widths")
		}
		t.now[i] = m
	}
	return nil
}

// store writes a row of component i of the scan, mapped, which is component index of
// the frame.
func (t *tables) store(dst *codec.Image, row []int32, y, index, i int, at int64) error {
	m := t.now[i]
	count := int32(len(m.entries) / m.width)
	n := dst.Samples
	pos := y*dst.Width*n + index
	for _, v := range row {
		if v >= count {
			return codec.Errorf(codec.ErrCorrupt, at, "sample %d of a mapping table of %d entries, in line %d", v, count, y)
		}
		e := m.entries[int(v)*m.width:][:m.width]
		switch m.width {
		case 1:
			dst.Pix[pos] = e[0]
		case 2:
			binary.LittleEndian.PutUint16(dst.Pix[2*pos:], binary.BigEndian.Uint16(e))
		default:
			copy(dst.Pix[pos:], e)
		}
		pos += n
	}
	return nil
}
