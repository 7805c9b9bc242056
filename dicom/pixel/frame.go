package pixel

import "encoding/binary"

// Frame is one decoded frame: samples interleaved (planar configuration 0),
// little endian, each in ceil(BitsAllocated/8) bytes.
//
// Grey samples are masked to BitsStored, right aligned and, when Signed, sign
// extended over the whole cell, so that a 16 bit cell read as int16 is the
// stored value. Pix is reused by the functions that fill a Frame.
type Frame struct {
	Rows, Columns int
	Samples       int // 1 or 3
	BitsAllocated int // 1 (kept in a byte), 8, 16 or 32
	BitsStored    int
	Signed        bool
	Photometric   string // of Pix, not of the object: see Reader.Frame
	Pix           []byte
}

// CellBytes is the number of bytes a sample takes in Pix.
func (f *Frame) CellBytes() int { return cellBytes(f.BitsAllocated) }

func cellBytes(bitsAllocated int) int { return (bitsAllocated + 7) / 8 }

// Pixels is Rows × Columns.
func (f *Frame) Pixels() int { return f.Rows * f.Columns }

// Value is the stored value of sample s of the pixel in row y, column x.
func (f *Frame) Value(y, x, s int) int {
	i := ((y*f.Columns+x)*f.Samples + s) * f.CellBytes()
	switch f.CellBytes() {
	case 1:
		if f.Signed {
			return int(int8(f.Pix[i]))
		}
		return int(f.Pix[i])
	case 2:
		v := binary.LittleEndian.Uint16(f.Pix[i:])
		if f.Signed {
			return int(int16(v))
		}
		return int(v)
	default:
		v := binary.LittleEndian.Uint32(f.Pix[i:])
		if f.Signed {
			return int(int32(v))
		}
		return int(v)
	}
}

// Range is the lowest and the highest value a sample can have.
func (f *Frame) Range() (lo, hi int) {
	if f.Signed {
		return -1 << (f.BitsStored - 1), 1<<(f.BitsStored-1) - 1
	}
	return 0, 1<<f.BitsStored - 1
}

// resize makes Pix n bytes long and keeps its memory when that suffices.
func (f *Frame) resize(n int) {
	if cap(f.Pix) < n {
		f.Pix = make([]byte, n)
		return
	}
	f.Pix = f.Pix[:n]
}
