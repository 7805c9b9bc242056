package jpegll

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
)

// variant is a way to write a lossless stream that Encode does not offer.
type variant struct {
	selection, pointTransform int
	restartRows               int  // rows per restart interval, 0 for none
	separate                  bool // a scan for each component
}

// encodeVariant writes m by the letter of T.81 Annex H, slowly: one fixed table
// of 17 codes of 5 bits, so that the tests do not lean on Encode.
func encodeVariant(m *codec.Image, v variant) []byte {
	out := []byte{0xFF, 0xD8, 0xFF, 0xC4, 0, 19 + 17, 0}
	counts := [16]byte{4: 17}
	out = append(out, counts[:]...)
	for i := range 17 {
		out = append(out, byte(i))
	}
	out = appendSOF(out, m)
	if v.restartRows > 0 {
		out = append(out, 0xFF, 0xDD, 0, 4)
		out = binary.BigEndian.AppendUint16(out, uint16(v.restartRows*m.Width))
	}
	scans := [][]int{nil}
	for c := range m.Samples {
		if v.separate && c > 0 {
			scans = append(scans, nil)
		}
		scans[len(scans)-1] = append(scans[len(scans)-1], c)
	}
	for _, comps := range scans {
		out = append(out, 0xFF, 0xDA, 0, byte(6+2*len(comps)), byte(len(comps)))
		for _, c := range comps {
			out = append(out, byte(c+1), 0)
		}
		out = append(out, byte(v.selection), 0, byte(v.pointTransform))
		out = scanVariant(out, m, comps, v)
	}
	return append(out, 0xFF, 0xD9)
}

func scanVariant(out []byte, m *codec.Image, comps []int, v variant) []byte {
	sample := func(x, y, c int) int {
		i := (y*m.Width+x)*m.Samples + c
		if m.Precision <= 8 {
			return int(m.Pix[i]) >> v.pointTransform
		}
		return int(binary.LittleEndian.Uint16(m.Pix[2*i:])) >> v.pointTransform
	}
	w := bitWriter{dst: out}
	for y := range m.Height {
		first := y == 0
		if v.restartRows > 0 && y > 0 && y%v.restartRows == 0 {
			first = true
			w.dst = append(w.flush(), 0xFF, byte(0xD0+(y/v.restartRows-1)%8))
		}
		for x := range m.Width {
			for _, c := range comps {
				p := 0
				switch {
				case first && x == 0:
					p = 1 << (m.Precision - v.pointTransform - 1)
				case first:
					p = sample(x-1, y, c)
				case x == 0:
					p = sample(x, y-1, c)
				default:
					a, b, d := sample(x-1, y, c), sample(x, y-1, c), sample(x-1, y-1, c)
					p = [...]int{0, a, b, d, a + b - d, a + (b-d)>>1, b + (a-d)>>1, (a + b) >> 1}[v.selection]
				}
				diff := uint16(sample(x, y, c) - p)
				s := category(diff)
				w.write(uint32(s), 5)
				if s > 0 && s < 16 {
					if diff >= 0x8000 {
						diff--
					}
					w.write(uint32(diff)&(1<<s-1), uint(s))
				}
			}
		}
	}
	return w.flush()
}
