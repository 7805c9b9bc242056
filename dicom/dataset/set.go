package dataset

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
)

// SetString sets an element of a text VR to Unicode values; none makes it empty. They
// are encoded when d is, in the Specific Character Set d has then.
func (d *Dataset) SetString(t tag.Tag, vr string, values ...string) {
	d.put(element{tag: t, vr: stream.ParseVR(vr), unicode: true, value: []byte(strings.Join(values, `\`))})
}

// SetInt sets an element of an integer VR, or an IS or DS. A value out of the range
// of its VR is set to the nearest bound.
func (d *Dataset) SetInt(t tag.Tag, vr string, values ...int) {
	v := stream.ParseVR(vr)
	if v.Text() {
		text := make([]string, len(values))
		for i, k := range values {
			text[i] = strconv.Itoa(k)
		}
		d.SetString(t, vr, text...)
		return
	}
	var b []byte
	for _, k := range values {
		switch v {
		case stream.US, stream.OW:
			b = binary.LittleEndian.AppendUint16(b, uint16(clamp(k, 0, math.MaxUint16)))
		case stream.SS:
			b = binary.LittleEndian.AppendUint16(b, uint16(int16(clamp(k, math.MinInt16, math.MaxInt16))))
		case stream.UL, stream.OL:
			b = binary.LittleEndian.AppendUint32(b, uint32(clamp(k, 0, math.MaxUint32)))
		case stream.SL:
			b = binary.LittleEndian.AppendUint32(b, uint32(int32(clamp(k, math.MinInt32, math.MaxInt32))))
		case stream.AT:
			b = binary.LittleEndian.AppendUint16(b, tag.Tag(k).Group())
			b = binary.LittleEndian.AppendUint16(b, tag.Tag(k).Element())
		case stream.FL, stream.OF:
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(k)))
		case stream.FD, stream.OD:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(k)))
		default:
			b = binary.LittleEndian.AppendUint64(b, uint64(k))
		}
	}
	d.put(element{tag: t, vr: v, value: b})
}

func clamp(k, lo, hi int) int { return max(lo, min(k, hi)) }

// SetFloat sets an FL, FD, OF, OD or DS. A DS takes at most 16 characters (PS3.5
// Table 6.2-1), so it may lose digits.
func (d *Dataset) SetFloat(t tag.Tag, vr string, values ...float64) {
	v := stream.ParseVR(vr)
	switch v {
	case stream.DS, stream.IS:
		text := make([]string, len(values))
		for i, f := range values {
			text[i] = decimal(f)
		}
		d.SetString(t, vr, text...)
	case stream.FL, stream.OF:
		var b []byte
		for _, f := range values {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(f)))
		}
		d.put(element{tag: t, vr: v, value: b})
	default:
		var b []byte
		for _, f := range values {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
		}
		d.put(element{tag: t, vr: v, value: b})
	}
}

// decimal writes f in at most 16 characters.
func decimal(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	for digits := 16; len(s) > 16 && digits > 0; digits-- {
		s = strconv.FormatFloat(f, 'g', digits, 64)
	}
	return s
}

// SetBytes sets a value as it is to be stored, numbers little endian. d keeps b.
func (d *Dataset) SetBytes(t tag.Tag, vr string, b []byte) {
	d.put(element{tag: t, vr: stream.ParseVR(vr), value: b})
}

// SetItems sets a sequence. An item belongs to one data set.
func (d *Dataset) SetItems(t tag.Tag, items ...*Dataset) {
	d.put(element{tag: t, vr: stream.SQ, items: items})
}

// SetFragments sets an encapsulated value (PS3.5 §A.4): the Basic Offset Table, which
// may be empty, and the fragments. d keeps the slices.
func (d *Dataset) SetFragments(t tag.Tag, offsets []uint32, fragments ...[]byte) {
	table := []byte{}
	for _, o := range offsets {
		table = binary.LittleEndian.AppendUint32(table, o)
	}
	d.put(element{tag: t, vr: stream.OB, fragments: append([][]byte{table}, fragments...)})
}

// Set copies one element, items included, from another data set. It does nothing when
// from has no such element.
func (d *Dataset) Set(t tag.Tag, from *Dataset) {
	e := from.find(t)
	if e == nil {
		return
	}
	c := *e
	if !e.unicode && e.vr.Text() {
		// The character set of from may not be that of d.
		s, _ := from.text().Decode(e.vr.String(), e.value)
		c.value, c.unicode = []byte(s), true
	}
	c.items = make([]*Dataset, len(e.items))
	for i, it := range e.items {
		n := New()
		for _, u := range it.Tags() {
			if u != tag.SpecificCharacterSet {
				n.Set(u, it)
			}
		}
		c.items[i] = n
	}
	d.put(c)
}
