package jpegls

import (
	"bytes"
	"encoding/binary"
)

// unstuff appends to dst the bits of the entropy-coded segment of src that
// begins at pos, without the zero bit stuffed after each byte 0xFF (T.87 §C.2.1,
// Annex A.1). It gives their number and the position of the marker that ends
// them. Sixteen bytes beyond may be read.
func unstuff(dst, src []byte, pos int) (data []byte, n, end int) {
	var acc uint64 // fewer than 8 bits, at the top
	var fill uint
	for pos < len(src) {
		i := bytes.IndexByte(src[pos:], 0xFF)
		run := src[pos:]
		if i >= 0 {
			run = run[:i+1]
		}
		cut := i >= 0 && pos+i+1 >= len(src) // half a marker at the end
		marker := i >= 0 && !cut && src[pos+i+1] >= 0x80
		if marker || cut {
			run = run[:i]
		}
		pos += len(run)
		if fill == 0 {
			dst = append(dst, run...)
		} else {
			for len(run) >= 8 {
				w := binary.BigEndian.Uint64(run)
				dst = binary.BigEndian.AppendUint64(dst, acc|w>>fill)
				acc = w << (64 - fill)
				run = run[8:]
			}
			for _, v := range run {
				acc |= uint64(v) << (56 - fill)
				dst = append(dst, byte(acc>>56))
				acc <<= 8
			}
		}
		if marker {
			break
		}
		if i < 0 || cut {
			pos = len(src)
			break
		}
		// Seven bits follow the byte 0xFF.
		acc |= uint64(src[pos]) << (57 - fill)
		pos++
		if fill += 7; fill >= 8 {
			dst = append(dst, byte(acc>>56))
			acc <<= 8
			fill -= 8
		}
	}
	n = len(dst)*8 + int(fill)
	dst = binary.BigEndian.AppendUint64(dst, acc)
	dst = binary.BigEndian.AppendUint64(dst, 0)
	return dst, n, pos
}

// sourceOffset is about where bit n of the segment at pos lies in src.
func sourceOffset(src []byte, pos, n int) int64 {
	for n > 0 && pos < len(src) {
		if n -= 8; src[pos] == 0xFF {
			n++
		}
		pos++
	}
	return int64(min(pos, len(src)))
}
