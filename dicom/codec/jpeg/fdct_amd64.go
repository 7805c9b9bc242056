package jpeg

import "golang.org/x/sys/cpu"

// fastQuantize2 is quantize2, where the processor has AVX2.
func fastQuantize2(pix []byte, stride int, s *steps, out *[128]int16, zeros *[4]uint32) bool {
	if !cpu.X86.HasAVX2 {
		return false
	}
	quantize2AVX2(&pix[0], stride, s, out, zeros)
	return true
}

//go:noescape
func quantize2AVX2(pix *byte, stride int, s *steps, out *[128]int16, zeros *[4]uint32)
