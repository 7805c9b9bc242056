package rle

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
)

// Encode appends the RLE stream of m to dst (PS3.5 §G.3.1, §G.4, §G.5). Runs do
// not cross rows. The stream has an even length. Frames of one bit per sample
// are not encoded.
func Encode(dst []byte, m *codec.Image) ([]byte, error) {
	depth := codec.BytesPerSample(m.Precision)
	n := m.Samples * depth
	if m.Precision <= 1 || n > maxSegments || m.Width <= 0 || m.Height <= 0 || m.Samples <= 0 {
		return dst, codec.Errorf(codec.ErrUnsupported, 0, "RLE of %d samples of %d bits", m.Samples, m.Precision)
	}
	if len(m.Pix) != m.FrameBytes() {
		return dst, codec.Errorf(codec.ErrMismatch, 0, "%d bytes of samples for a frame of %d", len(m.Pix), m.FrameBytes())
	}
	base := len(dst)
	dst = append(dst, make([]byte, headerSize)...)
	binary.LittleEndian.PutUint32(dst[base:], uint32(n))
	row := make([]byte, m.Width)
	for s := range n {
		offset := len(dst) - base
		if int64(offset) > 1<<31 {
			return dst[:base], codec.Errorf(codec.ErrLimit, 0, "RLE stream above 2 GiB")
		}
		binary.LittleEndian.PutUint32(dst[base+4+4*s:], uint32(offset))
		first := s/depth*depth + depth - 1 - s%depth
		for y := range m.Height {
			at := y*m.Width*n + first
			for x := range row {
				row[x] = m.Pix[at]
				at += n
			}
			dst = pack(dst, row)
		}
		if (len(dst)-base)%2 != 0 {
			dst = append(dst, 0)
		}
	}
	return dst, nil
}

// pack appends the runs of one row. A run of two is worth replicating only
// where it does not break a literal run.
func pack(dst, row []byte) []byte {
	for len(row) > 0 {
		if n := min(runLength(row), 128); n >= 2 {
			dst = append(dst, byte(257-n), row[0])
			row = row[n:]
			continue
		}
		n := 1
		for n < len(row) && n < 128 && (n+2 >= len(row) || row[n] != row[n+1] || row[n] != row[n+2]) {
			n++
		}
		dst = append(dst, byte(n-1))
		dst = append(dst, row[:n]...)
		row = row[n:]
	}
	return dst
}
