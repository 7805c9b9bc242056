//go:build !amd64

package j2k

func (b *blockCoder) significancePass(orient int, plane uint) {
	b.significanceGo(&zeroContext[orient], 3<<plane)
}

func (b *blockCoder) refinementPass(plane uint) { b.refinementGo(1 << plane) }

func (b *blockCoder) cleanupPass(orient int, plane uint) {
	b.cleanupGo(&zeroContext[orient], 3<<plane)
}
