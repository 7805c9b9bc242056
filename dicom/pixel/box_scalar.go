//go:build !goexperiment.simd || !amd64

package pixel

func sumRow2(sums []uint32, row []byte, signed bool) { addRow2(sums, row, signed) }
func sumRow4(sums []uint32, row []byte, signed bool) { addRow4(sums, row, signed) }
