package jpegls

// writer appends bits with the stuffing of T.87 Annex A.1: after a byte 0xFF
// the next one begins with a zero.
type writer struct {
	dst []byte
	acc uint64
	n   uint
	ff  bool // the last byte was 0xFF
}

// put appends the low n bits of v, at most 32.
func (w *writer) put(v uint64, n uint) {
	w.acc, w.n = w.acc<<n|v, w.n+n
	for {
		size := uint(8)
		if w.ff {
			size = 7
		}
		if w.n < size {
			return
		}
		w.n -= size
		b := byte(w.acc>>w.n) & (1<<size - 1)
		w.dst = append(w.dst, b)
		w.ff = b == 0xFF
	}
}

// golomb appends LG(k, limit) of §A.5.3.
func (w *writer) golomb(v, k, limit, qbpp int32) {
	zeros := v >> uint(k)
	escape := limit - qbpp - 1
	last, n := uint64(v)&(1<<uint(k)-1), uint(k)
	if zeros >= escape {
		zeros, last, n = escape, uint64(v-1), uint(qbpp)
	}
	for zeros >= 31 {
		w.put(0, 31)
		zeros -= 31
	}
	w.put(1, uint(zeros)+1)
	w.put(last, n)
}

// flush fills the last byte with zeros. A byte 0xFF is followed by its stuffed
// bit, lest it be taken for a marker.
func (w *writer) flush() {
	if w.ff {
		w.put(0, 7-w.n%7)
	} else if w.n > 0 {
		w.put(0, 8-w.n)
	}
	if w.ff {
		w.put(0, 7)
	}
	w.acc, w.n, w.ff = 0, 0, false
}
