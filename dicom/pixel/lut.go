package pixel

import "encoding/binary"

// maxLUTEntries is the most a LUT Descriptor can say (PS3.3 C.11.1.1.1: 0
// means 65536).
const maxLUTEntries = 1 << 16

// LUT is a look-up table of the Modality LUT or VOI LUT Module (PS3.3
// C.11.1.1, C.11.2.1.1).
type LUT struct {
	First       int // first stored value mapped
	Bits        int // of an entry, 8…16
	Data        []uint16
	Explanation string
}

// At is the entry for v; values outside the table take its first or last
// entry (PS3.3 C.11.1.1.1).
func (l *LUT) At(v int) uint16 {
	i := v - l.First
	if i < 0 {
		i = 0
	}
	if i >= len(l.Data) {
		i = len(l.Data) - 1
	}
	return l.Data[i]
}

// max is the largest value an entry may take.
func (l *LUT) max() float64 { return float64(int(1)<<l.Bits - 1) }

// descriptor is a LUT Descriptor, PS3.3 C.11.1.1.1 and C.7.6.3.1.5.
type descriptor struct{ entries, first, bits int }

// parseDescriptor reads the three values. The first mapped value is signed
// when the pixels are (its VR follows Pixel Representation); the number of entries
// never is, whatever VR it came in.
func parseDescriptor(values []int, signed bool) (descriptor, error) {
	if len(values) < 3 {
		return descriptor{}, &FormatError{"LUTDescriptor", "needs three values"}
	}
	d := descriptor{entries: int(uint16(values[0])), first: int(uint16(values[1])), bits: values[2]}
	if d.entries == 0 {
		d.entries = maxLUTEntries
	}
	if signed {
		d.first = int(int16(values[1]))
	}
	if d.bits < 1 || d.bits > 16 {
		return descriptor{}, &FormatError{"LUTDescriptor", "bits per entry outside 1 to 16"}
	}
	return d, nil
}

// parseEntries reads LUT Data. Entries take 16 bits each, or 8 bits when
// there are just as many bytes as entries (PS3.3 C.11.1.1.2, C.7.6.3.1.6). A
// short table is padded with its last entry: real files miss a few. The bytes
// are little endian words, as dicom/dataset keeps them.
func parseEntries(d descriptor, raw []byte) ([]uint16, error) {
	if len(raw) == 0 {
		return nil, &FormatError{"LUTData", "is empty"}
	}
	out := make([]uint16, d.entries)
	n := 0
	if len(raw) < 2*d.entries && len(raw) >= d.entries && d.bits <= 8 {
		n = d.entries
		for i := range out {
			out[i] = uint16(raw[i])
		}
	} else {
		n = min(len(raw)/2, d.entries)
		for i := range n {
			out[i] = binary.LittleEndian.Uint16(raw[2*i:])
		}
	}
	if n == 0 {
		return nil, &FormatError{"LUTData", "is shorter than one entry"}
	}
	for i := n; i < len(out); i++ {
		out[i] = out[n-1]
	}
	return out, nil
}

// newLUT joins descriptor and data. Entries above the declared bits mean that
// the declared number is wrong; the table is kept and its bits raised, so that
// the picture saturates nowhere.
func newLUT(d descriptor, raw []byte) (*LUT, error) {
	data, err := parseEntries(d, raw)
	if err != nil {
		return nil, err
	}
	l := &LUT{First: d.first, Bits: d.bits, Data: data}
	var top uint16
	for _, v := range data {
		top = max(top, v)
	}
	for l.Bits < 16 && int(top) >= 1<<l.Bits {
		l.Bits++
	}
	return l, nil
}
