package jpeg

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// GrayEncoder writes grey pictures as baseline JPEG (T.81 §F.1.2), with the tables of
// Annex K. It is for pictures that are looked at, thousands at a time: coefficients of
// the cosine transform, up to 1024, are off by one and a half at most. It belongs to
// one goroutine.
type GrayEncoder struct {
	table  [64]int // steps of the coefficients, row by row
	header []byte  // all but the numbers of rows and columns
	size   int     // where these stand in it
	steps  steps

	edge   [8 * pair]byte // blocks that the picture ends in
	coeffs [2 * 64]int16  // of two blocks, by column and then row of the frequency
	zeros  [4]uint32      // a bit for each of them that is 0, as quantize2 leaves them
	out    []byte         // grown to what is needed
	pos    int            // in out
	acc    uint64         // bits that are not written yet, at the bottom
	n      int            // how many: fewer than 32 between symbols
	dc     int            // of the block before
}

const (
	pair     = 16  // columns of two blocks, which are made at a time
	blockMax = 512 // bytes a block takes at most, all stuffing included
)

// NewGrayEncoder makes an encoder of a quality from 1 to 100, as the libjpeg of the IJG
// counts it.
func NewGrayEncoder(quality int) *GrayEncoder {
	quality = min(max(quality, 1), 100)
	scale := 200 - 2*quality
	if quality < 50 {
		scale = 5000 / quality
	}
	e := new(GrayEncoder)
	for i, q := range luminance {
		e.table[i] = min(max((q*scale+50)/100, 1), 255)
	}
	e.steps.set(&e.table)
	b := []byte{0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0}
	b = append(b, 0xFF, 0xDB, 0, 67, 0)
	for _, i := range zigzag {
		b = append(b, byte(e.table[i]))
	}
	b = append(b, 0xFF, 0xC0, 0, 11, 8)
	e.size = len(b)
	b = append(b, 0, 0, 0, 0, 1, 1, 0x11, 0)
	for class, t := range []huffmanSpec{dcLuminance, acLuminance} {
		b = append(b, 0xFF, 0xC4, 0, byte(19+len(t.values)), byte(class<<4))
		b = append(b, t.counts[:]...)
		b = append(b, t.values...)
	}
	e.header = append(b, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0)
	return e
}

// Append writes the picture of width × height samples, of which a row begins every
// stride bytes, behind dst. Width and height are 1 to 65535.
func (e *GrayEncoder) Append(dst, pix []byte, stride, width, height int) []byte {
	at := len(dst)
	dst = append(dst, e.header...)
	binary.BigEndian.PutUint16(dst[at+e.size:], uint16(height))
	binary.BigEndian.PutUint16(dst[at+e.size+2:], uint16(width))
	e.out, e.pos = dst[:cap(dst)], len(dst)
	e.acc, e.n, e.dc = 0, 0, 0
	for y := 0; y < height; y += 8 {
		for x := 0; x < width; x += pair {
			from, every := pix[y*stride+x:], stride
			if x+pair > width || y+8 > height {
				e.extend(from, stride, width-x, height-y)
				from, every = e.edge[:], pair
			}
			e.steps.quantize2(from, every, &e.coeffs, &e.zeros)
			e.block((*[64]int16)(e.coeffs[:64]), e.mask(0))
			if x+8 < width {
				e.block((*[64]int16)(e.coeffs[64:]), e.mask(16))
			}
		}
	}
	if pad := -e.n & 7; pad > 0 {
		e.acc, e.n = e.acc<<pad|(1<<pad-1), e.n+pad // T.81 §F.1.2.3: ones to the end of the byte
	}
	for ; e.n > 0; e.n -= 8 {
		e.byte(byte(e.acc >> (e.n - 8)))
	}
	dst = append(e.out[:e.pos], 0xFF, 0xD9)
	e.out = nil
	return dst
}

// extend repeats the last columns and rows of a picture that ends in two blocks.
func (e *GrayEncoder) extend(from []byte, stride, width, height int) {
	width, height = min(width, pair), min(height, 8)
	for y := range 8 {
		row := from[min(y, height-1)*stride:]
		to := e.edge[y*pair : (y+1)*pair]
		copy(to, row[:width])
		for x := width; x < pair; x++ {
			to[x] = row[width-1]
		}
	}
}

// mask has a bit for each coefficient of a block that is not 0, in the order of the
// zigzag; its sixteen bits in each of zeros begin at shift.
func (e *GrayEncoder) mask(shift uint) (m uint64) {
	for i, z := range e.zeros {
		z = ^z >> shift
		m |= zigzagOf[2*i][z&0xFF] | zigzagOf[2*i+1][z>>8&0xFF]
	}
	return m
}

// block writes a block (T.81 §F.1.2.1, §F.1.2.2).
func (e *GrayEncoder) block(c *[64]int16, mask uint64) {
	if len(e.out)-e.pos < blockMax {
		e.out = slices.Grow(e.out[:e.pos], max(len(e.out), 16*blockMax))
		e.out = e.out[:cap(e.out)]
	}
	v := int(c[0]) - e.dc
	e.dc = int(c[0])
	z, category, low := symbol(&dcCodes, 0, v)
	acc, n := e.acc<<(z.length+category)|uint64(z.code)<<category|low, e.n+int(z.length+category)
	if n >= 32 {
		n = e.write(acc, n)
	}
	last := 0
	for mask &^= 1; mask != 0; mask &= mask - 1 {
		k := bits.TrailingZeros64(mask)
		run := k - last - 1
		last = k
		for ; run > 15; run -= 16 {
			z := acCodes[0xF0]
			acc, n = acc<<z.length|uint64(z.code), n+int(z.length)
			if n >= 32 {
				n = e.write(acc, n)
			}
		}
		z, category, low := symbol(&acCodes, run, int(c[place[k&63]&63]))
		acc, n = acc<<(z.length+category)|uint64(z.code)<<category|low, n+int(z.length+category)
		if n >= 32 {
			n = e.write(acc, n)
		}
	}
	if last < 63 {
		z := acCodes[0]
		acc, n = acc<<z.length|uint64(z.code), n+int(z.length)
		if n >= 32 {
			n = e.write(acc, n)
		}
	}
	e.acc, e.n = acc, n
}

// symbol is the code of a run and a category, and the bits of the value.
func symbol(codes *[256]code, run, v int) (z code, category uint8, low uint64) {
	sign := v >> 63
	category = uint8(bits.Len16(uint16((v ^ sign) - sign)))
	// T.81 Table F.1: the bits of what is negative are those of one less.
	return codes[uint8(run<<4)|category], category, uint64(v+sign) & (1<<(category&31) - 1)
}

// write writes the first four bytes of n bits at the bottom of acc, 32 or more, and
// tells how many bits are left.
func (e *GrayEncoder) write(acc uint64, n int) int {
	n -= 32
	w := uint32(acc >> (n & 63))
	if (^w-0x01010101)&w&0x80808080 == 0 { // no byte is 0xFF
		binary.BigEndian.PutUint32(e.out[e.pos:], w)
		e.pos += 4
		return n
	}
	for shift := 24; shift >= 0; shift -= 8 {
		e.byte(byte(w >> shift))
	}
	return n
}

// byte writes one, and a 0 behind 0xFF (T.81 §B.1.1.5).
func (e *GrayEncoder) byte(b byte) {
	e.out[e.pos] = b
	e.pos++
	if b == 0xFF {
		e.out[e.pos] = 0
		e.pos++
	}
}

// code is one of a Huffman table.
type code struct {
	code   uint16
	length uint8
}

// huffmanSpec is a table as a file has it (T.81 §B.2.4.2).
type huffmanSpec struct {
	counts [16]byte
	values []byte
}

// codes generates the codes of the table (T.81 Annex C).
func (h huffmanSpec) codes() (list [256]code) {
	next, i := uint16(0), 0
	for length, n := range h.counts {
		for range n {
			list[h.values[i]] = code{next, uint8(length + 1)}
			next++
			i++
		}
		next <<= 1
	}
	return list
}

var (
	dcCodes = dcLuminance.codes()
	acCodes = acLuminance.codes()
)

// place is where the coefficients of the zigzag stand in a block of steps.quantize2.
var place = func() (p [64]uint8) {
	for k, i := range zigzag {
		p[k] = uint8(i%8*8 + i/8)
	}
	return p
}()

// zigzagOf turns the bits of a byte of a mask, in the order of steps.quantize2, into
// those in the order of the zigzag.
var zigzagOf = func() (t [8][256]uint64) {
	var at [64]int
	for k, i := range place {
		at[i] = k
	}
	for i := range t {
		for b := range t[i] {
			for bit := range 8 {
				if b>>bit&1 == 1 {
					t[i][b] |= 1 << at[8*i+bit]
				}
			}
		}
	}
	return t
}()

// luminance is T.81 Table K.1, row by row.
var luminance = [64]int{
	16, 11, 10, 16, 24, 40, 51, 61,
	12, 12, 14, 19, 26, 58, 60, 55,
	14, 13, 16, 24, 40, 57, 69, 56,
	14, 17, 22, 29, 51, 87, 80, 62,
	18, 22, 37, 56, 68, 109, 103, 77,
	24, 35, 55, 64, 81, 104, 113, 92,
	49, 64, 78, 87, 103, 121, 120, 101,
	72, 92, 95, 98, 112, 100, 103, 99,
}

// dcLuminance and acLuminance are T.81 Tables K.3 and K.5.
var (
	dcLuminance = huffmanSpec{
		[16]byte{0, 1, 5, 1, 1, 1, 1, 1, 1},
		[]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
	}
	acLuminance = huffmanSpec{
		[16]byte{0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D},
		[]byte{
			0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07,
			0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0,
			0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28,
			0x29, 0x2A, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49,
			0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69,
			0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
			0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7,
			0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5,
			0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2,
			0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8,
			0xF9, 0xFA,
		},
	}
)
