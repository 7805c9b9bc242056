package pixel

import "encoding/binary"

// alignCells brings the value bits of every cell to the bottom: it drops what
// stands above High Bit and below it (overlay planes of old files, PS3.5
// 8.1.1) and extends the sign over the cell (PS3.5 8.1.1, Pixel
// Representation). Cells are little endian already. Whole cells are left alone.
func alignCells(pix []byte, allocated, stored, highBit int, signed bool) {
	if stored >= allocated {
		return
	}
	shift := uint(highBit + 1 - stored)
	switch allocated {
	case 8:
		alignLanes(pix, 8, shift, uint(stored), signed)
	case 16:
		alignLanes(pix, 16, shift, uint(stored), signed)
	case 32:
		alignLanes(pix, 32, shift, uint(stored), signed)
	}
}

// alignLanes works on all cells of eight bytes at once: a lane keeps its bits
// because shift+stored never exceeds its width, and the sign is spread by a
// multiplication whose product stays inside the lane.
func alignLanes(pix []byte, width, shift, stored uint, signed bool) {
	var ones uint64 // lowest bit of every lane
	for i := uint(0); i < 64; i += width {
		ones |= 1 << i
	}
	mask := ones * (1<<stored - 1)
	fill := uint64(1)<<width - 1<<stored
	align := func(v uint64) uint64 {
		v = v >> shift & mask
		if signed {
			v |= (v >> (stored - 1) & ones) * fill
		}
		return v
	}
	n := len(pix) &^ 7
	if signed {
		for i := 0; i < n; i += 8 {
			p := pix[i : i+8 : i+8]
			v := binary.LittleEndian.Uint64(p) >> shift & mask
			v |= (v >> (stored - 1) & ones) * fill
			binary.LittleEndian.PutUint64(p, v)
		}
	} else {
		for i := 0; i < n; i += 8 {
			p := pix[i : i+8 : i+8]
			binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)>>shift&mask)
		}
	}
	if rest := pix[n:]; len(rest) > 0 {
		var tail [8]byte
		copy(tail[:], rest)
		binary.LittleEndian.PutUint64(tail[:], align(binary.LittleEndian.Uint64(tail[:])))
		copy(rest, tail[:])
	}
}

// swapCells turns cells of size bytes from big to little endian in place.
// Cells of 8 bits in OW stand in 16 bit words (PS3.5 8.1.2, Annex D), so they
// are swapped in pairs too: call it with size 2.
func swapCells(pix []byte, size int) {
	switch size {
	case 2:
		n := len(pix) &^ 7
		for i := 0; i < n; i += 8 {
			p := pix[i : i+8 : i+8]
			v := binary.LittleEndian.Uint64(p)
			v = v>>8&0x00FF00FF00FF00FF | v&0x00FF00FF00FF00FF<<8
			binary.LittleEndian.PutUint64(p, v)
		}
		for i := n; i+1 < len(pix); i += 2 {
			pix[i], pix[i+1] = pix[i+1], pix[i]
		}
	case 4:
		for i := 0; i+3 < len(pix); i += 4 {
			p := pix[i : i+4 : i+4]
			binary.LittleEndian.PutUint32(p, binary.BigEndian.Uint32(p))
		}
	}
}

// unpackBits spreads n one bit cells, first cell in the lowest bit (PS3.5
// 8.1.1, figure in Annex D), over bytes. first is the number of bits to skip:
// frames of one bit follow each other without padding (PS3.5 8.1.1).
func unpackBits(dst, src []byte, first, n int) {
	for i := range n {
		b := first + i
		dst[i] = src[b>>3] >> (b & 7) & 1
	}
}

// interleave turns planar samples (Planar Configuration 1, PS3.3
// C.7.6.3.1.3) into pixel order.
func interleave(dst, src []byte, samples, size int) {
	pixels := len(src) / samples / size
	if samples == 3 && size == 1 {
		r, g, b := src[:pixels], src[pixels:2*pixels], src[2*pixels:3*pixels]
		for i := range r {
			p := dst[3*i : 3*i+3 : 3*i+3]
			p[0], p[1], p[2] = r[i], g[i], b[i]
		}
		return
	}
	for s := range samples {
		spreadCells(dst[s*size:], src[s*pixels*size:(s+1)*pixels*size], size, samples*size)
	}
}

// spreadCells writes cells of size bytes step bytes apart.
func spreadCells(dst, src []byte, size, step int) {
	if size == 1 {
		at := 0
		for _, v := range src {
			dst[at] = v
			at += step
		}
		return
	}
	for at := 0; len(src) >= size; src = src[size:] {
		copy(dst[at:at+size], src)
		at += step
	}
}

// expand422 turns native YBR_FULL_422 and YBR_PARTIAL_422 (Y1 Y2 Cb Cr for two
// pixels, PS3.3 C.7.6.3.1.2) into three samples for each pixel.
func expand422(dst, src []byte) {
	for len(src) >= 4 && len(dst) >= 6 {
		d, s := dst[:6:6], src[:4:4]
		d[0], d[1], d[2] = s[0], s[2], s[3]
		d[3], d[4], d[5] = s[1], s[2], s[3]
		dst, src = dst[6:], src[4:]
	}
	if len(src) >= 4 && len(dst) >= 3 { // an odd number of columns
		dst[0], dst[1], dst[2] = src[0], src[2], src[3]
	}
}
