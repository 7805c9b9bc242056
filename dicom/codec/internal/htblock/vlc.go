package htblock

// vlcEntry is a decoded CxtVLC codeword (§7.3.5).
type vlcEntry struct {
	rho, ek, e1 uint8
	uOff        uint8
	length      uint8
}

// vlcTable is indexed by context << 7 | the next seven bits, first bit lowest.
var vlcTable = func() (t [2][1024]vlcEntry) {
	for row := range vlcCodes {
		for context, codes := range vlcCodes[row] {
			next := 0 // codeword, first bit highest, in seven bits
			for ; len(codes) >= 4; codes = codes[4:] {
				e := vlcEntry{rho: hex(codes[0]), ek: hex(codes[1]), e1: hex(codes[2]), uOff: hex(codes[3]) >> 3, length: hex(codes[3]) & 7}
				for range 1 << (7 - e.length) {
					t[row][context<<7|reverse7(next)] = e
					next++
				}
			}
		}
	}
	return t
}()

func hex(c byte) uint8 {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}

func reverse7(v int) (r int) {
	for range 7 {
		r, v = r<<1|v&1, v>>1
	}
	return r
}
