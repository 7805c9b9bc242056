package pixel

import "encoding/binary"

// cells says where the value stands in a cell of 16 bits (PS3.5 8.1.1).
type cells struct {
	up     uint // bits above High Bit
	down   uint // bits a value has less than the cell
	signed bool
}

// cellsOf is that of cells as they are stored.
func cellsOf(f Format) cells {
	return cells{up: uint(f.BitsAllocated - 1 - f.HighBit), down: uint(f.BitsAllocated - f.BitsStored), signed: f.Signed()}
}

// value is that of a cell.
func (c cells) value(v uint16) int32 {
	if c.signed {
		return int32(int16(v<<c.up) >> c.down)
	}
	return int32(v << c.up >> c.down)
}

// halve averages boxes of two by two cells of 16 bits in two rows into the cells of
// dst, as Frame has them. Half of a row's last cell, when it has an odd number, is
// left out: dst has half as many.
func (c cells) halve(dst, a, b []byte) {
	n := len(dst) / 2
	fast := halveFast(dst, a, b, n, c)
	dst, a, b = dst[2*fast:], a[4*fast:], b[4*fast:]
	for range n - fast {
		sum := c.value(binary.LittleEndian.Uint16(a)) + c.value(binary.LittleEndian.Uint16(a[2:])) +
			c.value(binary.LittleEndian.Uint16(b)) + c.value(binary.LittleEndian.Uint16(b[2:]))
		binary.LittleEndian.PutUint16(dst, uint16((sum+2)>>2))
		dst, a, b = dst[2:], a[4:], b[4:]
	}
}
