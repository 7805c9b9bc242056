package j2k

import "math/bits"

// mqState is a row of T.800 Table C.2 for one value of the more probable symbol:
// bit 0 is the symbol, bits 1 to 7 and 8 to 14 are the indices in mqTable of the next
// state after it and after the other, the high half is Qe.
type mqState uint32

// mqRows is Table C.2: Qe, NMPS, NLPS, SWITCH.
var mqRows = [47][4]uint16{
	{0x5601, 1, 1, 1},
	{0x3401, 2, 6, 0},
	{0x1801, 3, 9, 0},
	{0x0AC1, 4, 12, 0},
	{0x0521, 5, 29, 0},
	{0x0221, 38, 33, 0},
	{0x5601, 7, 6, 1},
	{0x5401, 8, 14, 0},
	{0x4801, 9, 14, 0},
	{0x3801, 10, 14, 0},
	{0x3001, 11, 17, 0},
	{0x2401, 12, 18, 0},
	{0x1C01, 13, 20, 0},
	{0x1601, 29, 21, 0},
	{0x5601, 15, 14, 1},
	{0x5401, 16, 14, 0},
	{0x5101, 17, 15, 0},
	{0x4801, 18, 16, 0},
	{0x3801, 19, 17, 0},
	{0x3401, 20, 18, 0},
	{0x3001, 21, 19, 0},
	{0x2801, 22, 19, 0},
	{0x2401, 23, 20, 0},
	{0x2201, 24, 21, 0},
	{0x1C01, 25, 22, 0},
	{0x1801, 26, 23, 0},
	{0x1601, 27, 24, 0},
	{0x1401, 28, 25, 0},
	{0x1201, 29, 26, 0},
	{0x1101, 30, 27, 0},
	{0x0AC1, 31, 28, 0},
	{0x09C1, 32, 29, 0},
	{0x08A1, 33, 30, 0},
	{0x0521, 34, 31, 0},
	{0x0441, 35, 32, 0},
	{0x02A1, 36, 33, 0},
	{0x0221, 37, 34, 0},
	{0x0141, 38, 35, 0},
	{0x0111, 39, 36, 0},
	{0x0085, 40, 37, 0},
	{0x0049, 41, 38, 0},
	{0x0025, 42, 39, 0},
	{0x0015, 43, 40, 0},
	{0x0009, 44, 41, 0},
	{0x0005, 45, 42, 0},
	{0x0001, 45, 43, 0},
	{0x5601, 46, 46, 0},
}

// mqTable has 128 entries so that a masked index needs no check: a row of Table C.2
// times two plus the symbol.
var mqTable = func() (t [128]mqState) {
	for i, r := range mqRows {
		for mps := range uint16(2) {
			nmps, nlps := 2*r[1]|mps, 2*r[2]|mps^r[3]
			t[2*i+int(mps)] = mqState(r[0])<<16 | mqState(nlps)<<8 | mqState(nmps)<<1 | mqState(mps)
		}
	}
	return t
}()

// mq is the arithmetic decoder of Annex C.3. A decision for the more probable
// symbol that asks for no renormalization takes Qe from the interval A and from
// the high half of the code register C. Both stay large enough as long as Qe is
// not above the lesser of A - 0x8000 and C's high half: that is the slack, the
// only thing the coding passes touch. Everything else is settled when it runs
// out.
type mq struct {
	buf      []byte // a codeword segment followed by 0xFF 0xFF
	pos      int
	a, c, ct uint32
	full     int32 // slack when a and c were last settled
	slack    int32 // between passes
}

// start is INITDEC (§C.3.5).
func (m *mq) start(buf []byte) {
	m.buf, m.pos = buf, 0
	m.c, m.ct = m.byteIn(uint32(buf[0]) << 16)
	m.c <<= 7
	m.ct -= 7
	m.a = 0x8000
	m.full = min(int32(m.a)-0x8000, int32(m.c>>16))
	m.slack = m.full
}

// spent tells whether all bytes of the segment have been taken in, of which two or three
// may still count.
func (m *mq) spent() bool { return m.pos >= len(m.buf)-2 }

// byteIn is BYTEIN (§C.3.4).
func (m *mq) byteIn(c uint32) (uint32, uint32) {
	if m.pos+1 >= len(m.buf) {
		return c + 0xFF00, 8
	}
	next := uint32(m.buf[m.pos+1])
	if m.buf[m.pos] == 0xFF {
		if next > 0x8F {
			return c + 0xFF00, 8
		}
		m.pos++
		return c + next<<9, 7
	}
	m.pos++
	return c + next<<8, 8
}

// settle finishes a decision (§C.3.2, Figure C.15) in the context s, whose Qe has
// made the slack negative. It gives the decision, in bit 0, and the new slack.
func (m *mq) settle(s *mqState, slack int32) (d uint32, full int32) {
	qe := uint32(*s >> 16)
	taken := uint32(m.full-slack) - qe // by the decisions before
	a, c := m.a-taken-qe, m.c-taken<<16
	// Without branches, for they would be guesses: the lower subinterval is
	// taken (lower, all ones), and the conditional exchange applies (swap).
	lower := uint32(int32(c>>16-qe) >> 31)
	swap := uint32(int32(a-qe) >> 31)
	less := lower ^ swap
	d = uint32(*s) ^ less
	c -= qe << 16 &^ lower
	a ^= (a ^ qe) & lower
	*s = mqTable[uint32(*s)>>(1+7&less)&127]
	// RENORMD (§C.3.3), several shifts at a time.
	n, ct := uint32(bits.LeadingZeros16(uint16(a))), m.ct
	for n > ct {
		a, c = a<<(ct&31), c<<(ct&31)
		n -= ct
		c, ct = m.byteIn(c)
	}
	a, c = a<<(n&31), c<<(n&31)
	m.a, m.c, m.ct = a, c, ct-n
	m.full = min(int32(a)-0x8000, int32(c>>16))
	return d, m.full
}

// decide decodes one decision between passes.
func (m *mq) decide(s *mqState) uint32 {
	d := uint32(*s)
	if m.slack -= int32(*s >> 16); m.slack < 0 {
		d, m.slack = m.settle(s, m.slack)
	}
	return d & 1
}

// raw reads the bits of a lazy pass (§D.6).
type raw struct {
	buf []byte
	pos int
	cur byte
	n   uint
}

func (r *raw) bit() uint32 {
	if r.n == 0 {
		r.n = 8
		if r.cur == 0xFF {
			r.n = 7
		}
		r.cur = 0xFF
		if r.pos < len(r.buf) {
			r.cur = r.buf[r.pos]
		}
		r.pos++
	}
	r.n--
	return uint32(r.cur>>r.n) & 1
}
