//go:build goexperiment.simd && amd64

package pixel

import (
	"simd/archsimd"
)

// sumRow2 and sumRow4 are addRow2 and addRow4 for eight sums at once, where the
// processor has AVX2.
func sumRow2(sums []uint32, row []byte, signed bool) {
	if !archsimd.X86.AVX2() {
		addRow2(sums, row, signed)
		return
	}
	flip := flipped(signed)
	low := archsimd.BroadcastUint32x8(0xFFFF)
	for len(sums) >= 8 && len(row) >= 32 {
		v := load(row).Xor(flip)
		to := (*[8]uint32)(sums)
		archsimd.LoadUint32x8(to).Add(v.And(low)).Add(v.ShiftAllRight(16)).Store(to)
		sums, row = sums[8:], row[32:]
	}
	addRow2(sums, row, signed)
}

// inOrder undoes the order in which AddPairsGrouped leaves the sums: those of the
// first operand and those of the second take turns, by halves of the vector.
var inOrder = [8]uint32{0, 1, 4, 5, 2, 3, 6, 7}

func sumRow4(sums []uint32, row []byte, signed bool) {
	if !archsimd.X86.AVX2() {
		addRow4(sums, row, signed)
		return
	}
	flip := flipped(signed)
	low := archsimd.BroadcastUint32x8(0xFFFF)
	order := archsimd.LoadUint32x8(&inOrder)
	for len(sums) >= 8 && len(row) >= 64 {
		a, b := load(row).Xor(flip), load(row[32:]).Xor(flip)
		a = a.And(low).Add(a.ShiftAllRight(16))
		b = b.And(low).Add(b.ShiftAllRight(16))
		to := (*[8]uint32)(sums)
		archsimd.LoadUint32x8(to).Add(a.AddPairsGrouped(b).Permute(order)).Store(to)
		sums, row = sums[8:], row[64:]
	}
	addRow4(sums, row, signed)
}

func flipped(signed bool) archsimd.Uint32x8 {
	if signed {
		return archsimd.BroadcastUint32x8(bias | bias<<16)
	}
	return archsimd.BroadcastUint32x8(0)
}

// load takes 32 bytes as words; amd64 is little endian, as the cells are.
func load(row []byte) archsimd.Uint32x8 {
	return archsimd.LoadUint8x32((*[32]uint8)(row)).AsUint32x8()
}
