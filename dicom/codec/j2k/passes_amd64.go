package j2k

// The passes keep the interval, the code register and the slack in processor
// registers, which the compiler cannot do across the many places where a decision is
// made. They are those of passes.go otherwise, which has the words. No block is without
// samples.

func (b *blockCoder) significancePass(orient int, plane uint) {
	significanceAMD64(b, &zeroContext[orient], 3<<plane)
}

func (b *blockCoder) refinementPass(plane uint) { refinementAMD64(b, 1<<plane) }

func (b *blockCoder) cleanupPass(orient int, plane uint) {
	cleanupAMD64(b, &zeroContext[orient], 3<<plane)
}

//go:noescape
func significanceAMD64(b *blockCoder, zc *[512]uint8, value uint32)

//go:noescape
func refinementAMD64(b *blockCoder, half uint32)

//go:noescape
func cleanupAMD64(b *blockCoder, zc *[512]uint8, value uint32)
