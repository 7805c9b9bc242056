package pixel

import "golang.org/x/sys/cpu"

// halveFast is cells.halve for as many of n as fill vectors, and tells how many that
// was.
func halveFast(dst, a, b []byte, n int, c cells) int {
	n &^= 15
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	_, _, _ = dst[2*n-1], a[4*n-1], b[4*n-1]
	// Unsigned values become signed ones by moving zero to the middle.
	var flip, bias uint64
	if !c.signed {
		flip, bias = 1<<15, 1<<(15-c.down)
	}
	halveAVX2(&dst[0], &a[0], &b[0], n, uint64(c.up), uint64(c.down), flip, bias)
	return n
}

//go:noescape
func halveAVX2(dst, a, b *byte, n int, up, down, flip, bias uint64)
