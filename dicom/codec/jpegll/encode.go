package jpegll

import (
	"encoding/binary"
	"math/bits"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// Encode appends m to dst as lossless JPEG, process 14, selection value 1
// (transfer syntax 1.2.840.10008.1.2.4.70), with a Huffman table made for the
// frame. Samples are taken as unsigned values of m.Precision bits: signed ones
// must be given as their two's complement within it (PS3.5 §8.2.1). All
// components are in one scan and share the table.
func Encode(dst []byte, m *codec.Image) ([]byte, error) {
	if m.Precision < 2 || m.Precision > 16 || m.Width <= 0 || m.Width > 65535 || m.Height <= 0 || m.Height > 65535 ||
		m.Samples <= 0 || m.Samples > t81.MaxComponents {
		return dst, codec.Errorf(codec.ErrUnsupported, 0, "lossless JPEG of %d × %d pixels of %d samples of %d bits", m.Width, m.Height, m.Samples, m.Precision)
	}
	if len(m.Pix) != m.FrameBytes() {
		return dst, codec.Errorf(codec.ErrMismatch, 0, "%d bytes of samples for a frame of %d", len(m.Pix), m.FrameBytes())
	}
	base := len(dst)
	diffs := make([]uint16, m.Width*m.Samples)
	var freq [17]int
	for y := range m.Height {
		rowDifferences(diffs, m, y)
		for _, v := range diffs {
			freq[category(v)]++
		}
	}
	table := newCodeTable(&freq)
	dst = append(dst, 0xFF, t81.SOI)
	dst = appendSOF(dst, m)
	dst = table.appendDHT(dst)
	dst = appendSOS(dst, m)
	w := bitWriter{dst: dst}
	for y := range m.Height {
		rowDifferences(diffs, m, y)
		for _, v := range diffs {
			s := category(v)
			w.write(uint32(table.code[s]), uint(table.length[s]))
			if s > 0 && s < 16 {
				value := v
				if int16(v) < 0 {
					value-- // §F.1.2.1.1: the low bits of the difference less one
				}
				w.write(uint32(value)&(1<<s-1), uint(s))
			}
		}
	}
	dst = append(w.flush(), 0xFF, t81.EOI)
	if (len(dst)-base)%2 != 0 {
		dst = append(dst, 0) // PS3.5 §A.4: fragments are even
	}
	return dst, nil
}

// rowDifferences is §H.1.2.1 for selection value 1.
func rowDifferences(diffs []uint16, m *codec.Image, y int) {
	n, row := m.Samples, m.Width*m.Samples
	mask := uint16(1<<m.Precision - 1)
	at := func(i int) uint16 {
		if m.Precision <= 8 {
			return uint16(m.Pix[i]) & mask
		}
		return binary.LittleEndian.Uint16(m.Pix[2*i:]) & mask
	}
	for i := range row {
		v := at(y*row + i)
		switch {
		case i >= n:
			diffs[i] = v - at(y*row+i-n)
		case y > 0:
			diffs[i] = v - at((y-1)*row+i)
		default:
			diffs[i] = v - 1<<(m.Precision-1)
		}
	}
}

// category is SSSS of Table H.2.
func category(diff uint16) int {
	if diff == 32768 {
		return 16
	}
	v := int32(int16(diff))
	return bits.Len32(uint32(max(v, -v)))
}

// appendSOF writes the frame header of §B.2.2.
func appendSOF(dst []byte, m *codec.Image) []byte {
	dst = append(dst, 0xFF, t81.SOF3, 0, byte(8+3*m.Samples), byte(m.Precision))
	dst = binary.BigEndian.AppendUint16(dst, uint16(m.Height))
	dst = binary.BigEndian.AppendUint16(dst, uint16(m.Width))
	dst = append(dst, byte(m.Samples))
	for c := range m.Samples {
		dst = append(dst, byte(c+1), 0x11, 0)
	}
	return dst
}

// appendSOS writes the scan header of §B.2.3.
func appendSOS(dst []byte, m *codec.Image) []byte {
	dst = append(dst, 0xFF, t81.SOS, 0, byte(6+2*m.Samples), byte(m.Samples))
	for c := range m.Samples {
		dst = append(dst, byte(c+1), 0)
	}
	return append(dst, 1, 0, 0)
}
