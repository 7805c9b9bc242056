package jpegll

import "github.com/dokuei/dokuei/dicom/codec/internal/t81"

// diffBits is the width of diffTable: most differences of CT and MR frames have
// a code and magnitude bits that fit together.
const diffBits = 12

// diffTable decodes a whole difference, its Huffman code and its magnitude bits
// (T.81 §H.1.2.2, §F.1.2.1.1), in one step: length | difference << 16. Zero
// stands for those that are longer.
type diffTable [1 << diffBits]uint32

func (t *diffTable) build(h *t81.Huffman) {
	for i := 0; i < len(t); {
		bits := uint64(i) << (64 - diffBits)
		length, ssss := h.Lookup(bits)
		total := length + uint(ssss)
		switch {
		case length == 0 || length > diffBits || total > diffBits || ssss > 15:
			// No entry for this index, nor for its neighbours under the same
			// code.
			n := 1
			if length != 0 && length <= diffBits {
				n = 1 << (diffBits - length)
			}
			end := min(i+n, len(t))
			clear(t[i:end])
			i = end
		default:
			diff := t81.Extend(bits<<length, uint(ssss))
			entry := uint32(total) | uint32(uint16(diff))<<16
			for range 1 << (diffBits - total) {
				t[i] = entry
				i++
			}
		}
	}
}
