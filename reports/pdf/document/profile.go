package document

import (
	"bytes"
	"encoding/binary"
	"math"
)

// sRGB is a colour profile of sRGB (ICC.1:2001-04, a display profile of three
// colorants and one curve): what grey and RGB of the file mean. ISO 19005-2 6.2.3
// asks for one.
func sRGB() []byte {
	fixed := func(v float64) uint32 { return uint32(int32(math.Round(v * 65536))) }
	xyz := func(x, y, z float64) []byte {
		b := append([]byte("XYZ "), 0, 0, 0, 0)
		for _, v := range []float64{x, y, z} {
			b = binary.BigEndian.AppendUint32(b, fixed(v))
		}
		return b
	}
	text := func(s string) []byte { return append(append([]byte("text\x00\x00\x00\x00"), s...), 0) }
	desc := func(s string) []byte {
		b := append([]byte("desc"), 0, 0, 0, 0)
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)+1))
		b = append(append(b, s...), 0)
		return append(b, make([]byte, 4+4+2+1+67)...) // no other scripts
	}
	// The curve of IEC 61966-2-1, 256 places.
	curve := append([]byte("curv"), 0, 0, 0, 0)
	curve = binary.BigEndian.AppendUint32(curve, 256)
	for i := range 256 {
		v := float64(i) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		curve = binary.BigEndian.AppendUint16(curve, uint16(math.Round(v*65535)))
	}
	// Colorants under D50, as ICC profiles of sRGB have them.
	tags := []struct {
		name string
		data []byte
	}{
		{"desc", desc("sRGB")},
		{"cprt", text("No copyright, use freely")},
		{"wtpt", xyz(0.9642, 1, 0.8249)},
		{"rXYZ", xyz(0.43607, 0.22249, 0.01392)},
		{"gXYZ", xyz(0.38515, 0.71687, 0.09708)},
		{"bXYZ", xyz(0.14307, 0.06061, 0.71410)},
		{"rTRC", curve},
		{"gTRC", nil},
		{"bTRC", nil}, // the same curve
	}
	var table, body bytes.Buffer
	_ = binary.Write(&table, binary.BigEndian, uint32(len(tags)))
	at, last, size := 128+4+12*len(tags), 0, 0
	for _, t := range tags {
		if t.data != nil {
			for body.Len()%4 != 0 {
				body.WriteByte(0)
			}
			last, size = at+body.Len(), len(t.data)
			body.Write(t.data)
		}
		table.WriteString(t.name)
		_ = binary.Write(&table, binary.BigEndian, [2]uint32{uint32(last), uint32(size)})
	}
	for body.Len()%4 != 0 {
		body.WriteByte(0)
	}
	head := make([]byte, 128)
	binary.BigEndian.PutUint32(head, uint32(128+table.Len()+body.Len()))
	binary.BigEndian.PutUint32(head[8:], 0x02400000) // version 2.4
	copy(head[12:], "mntrRGB XYZ ")
	binary.BigEndian.PutUint16(head[24:], 2026)
	head[27], head[29] = 1, 1
	copy(head[36:], "acsp")
	copy(head[68:], xyz(0.9642, 1, 0.8249)[8:])
	return append(append(head, table.Bytes()...), body.Bytes()...)
}
