package j2k

// mqWriter is the arithmetic encoder of T.800 Annex C.2.
type mqWriter struct {
	dst      []byte
	from     int // dst[from-1] stands for the byte before the first
	a, c, ct uint32
}

// start is INITENC (§C.2.8). The byte before the code is kept at dst's end and
// taken away by flush.
func (m *mqWriter) start(dst []byte) {
	m.dst = append(dst, 0)
	m.from = len(m.dst)
	m.a, m.c, m.ct = 0x8000, 0, 12
}

// encode is ENCODE (§C.2.2 to C.2.6).
func (m *mqWriter) encode(s *mqState, d uint32) {
	qe := uint32(*s >> 16)
	m.a -= qe
	if d == uint32(*s&1) {
		if m.a >= 0x8000 {
			m.c += qe
			return
		}
		if m.a < qe {
			m.a = qe
		} else {
			m.c += qe
		}
		*s = mqTable[*s>>1&127]
	} else {
		if m.a < qe {
			m.c += qe
		} else {
			m.a = qe
		}
		*s = mqTable[*s>>8&127]
	}
	for { // RENORME
		m.a <<= 1
		m.c <<= 1
		if m.ct--; m.ct == 0 {
			m.byteOut()
		}
		if m.a >= 0x8000 {
			return
		}
	}
}

// byteOut is BYTEOUT (§C.2.7).
func (m *mqWriter) byteOut() {
	last := &m.dst[len(m.dst)-1]
	if *last != 0xFF && m.c >= 1<<27 { // a carry
		*last++
		m.c &= 1<<27 - 1
	}
	if *last == 0xFF {
		m.dst = append(m.dst, byte(m.c>>20))
		m.c &= 1<<20 - 1
		m.ct = 7
		return
	}
	m.dst = append(m.dst, byte(m.c>>19))
	m.c &= 1<<19 - 1
	m.ct = 8
}

// flush is FLUSH (§C.2.9); a last byte 0xFF is left out.
func (m *mqWriter) flush() []byte {
	limit := m.c + m.a
	m.c |= 0xFFFF
	if m.c >= limit {
		m.c -= 0x8000
	}
	m.c <<= m.ct
	m.byteOut()
	m.c <<= m.ct
	m.byteOut()
	if m.dst[len(m.dst)-1] == 0xFF {
		m.dst = m.dst[:len(m.dst)-1]
	}
	// The code closes up to where it belongs.
	copy(m.dst[m.from-1:], m.dst[m.from:])
	dst := m.dst[:len(m.dst)-1]
	m.dst = nil
	return dst
}
