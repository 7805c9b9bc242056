package stream

// VR is a value representation, its two letters as a big-endian number (PS3.5 §6.2).
type VR uint16

// The value representations of PS3.5 Table 6.2-1.
const (
	AE VR = 'A'<<8 | 'E'
	AS VR = 'A'<<8 | 'S'
	AT VR = 'A'<<8 | 'T'
	CS VR = 'C'<<8 | 'S'
	DA VR = 'D'<<8 | 'A'
	DS VR = 'D'<<8 | 'S'
	DT VR = 'D'<<8 | 'T'
	FD VR = 'F'<<8 | 'D'
	FL VR = 'F'<<8 | 'L'
	IS VR = 'I'<<8 | 'S'
	LO VR = 'L'<<8 | 'O'
	LT VR = 'L'<<8 | 'T'
	OB VR = 'O'<<8 | 'B'
	OD VR = 'O'<<8 | 'D'
	OF VR = 'O'<<8 | 'F'
	OL VR = 'O'<<8 | 'L'
	OV VR = 'O'<<8 | 'V'
	OW VR = 'O'<<8 | 'W'
	PN VR = 'P'<<8 | 'N'
	SH VR = 'S'<<8 | 'H'
	SL VR = 'S'<<8 | 'L'
	SQ VR = 'S'<<8 | 'Q'
	SS VR = 'S'<<8 | 'S'
	ST VR = 'S'<<8 | 'T'
	SV VR = 'S'<<8 | 'V'
	TM VR = 'T'<<8 | 'M'
	UC VR = 'U'<<8 | 'C'
	UI VR = 'U'<<8 | 'I'
	UL VR = 'U'<<8 | 'L'
	UN VR = 'U'<<8 | 'N'
	UR VR = 'U'<<8 | 'R'
	US VR = 'U'<<8 | 'S'
	UT VR = 'U'<<8 | 'T'
	UV VR = 'U'<<8 | 'V'
)

// ParseVR reads two letters; anything shorter is UN.
func ParseVR(s string) VR {
	if len(s) < 2 {
		return UN
	}
	return VR(s[0])<<8 | VR(s[1])
}

// String returns the two letters, or "??" when they are not capitals.
func (v VR) String() string {
	if !v.letters() {
		return "??"
	}
	return string([]byte{byte(v >> 8), byte(v)})
}

// letters reports whether both bytes are capital letters, as every VR of today and,
// by PS3.5 §6.2, of tomorrow.
func (v VR) letters() bool {
	a, b := byte(v>>8), byte(v)
	return a >= 'A' && a <= 'Z' && b >= 'A' && b <= 'Z'
}

// printable reports whether both bytes are ASCII: something meant as a VR.
func (v VR) printable() bool {
	a, b := byte(v>>8), byte(v)
	return a >= ' ' && a < 0x7f && b >= ' ' && b < 0x7f
}

// Known reports whether v stands in PS3.5 Table 6.2-1.
func (v VR) Known() bool {
	switch v {
	case AE, AS, AT, CS, DA, DS, DT, FD, FL, IS, LO, LT, PN, SH, SL, SS, ST, TM, UI, UL, US:
		return true
	}
	return v.long()
}

// Long reports whether the explicit header has two reserved bytes and a 32 bit
// length (PS3.5 Table 7.1-1). Unknown VRs have that form too (§7.1.2).
func (v VR) Long() bool { return v.long() || !v.Known() }

func (v VR) long() bool {
	switch v {
	case OB, OD, OF, OL, OV, OW, SQ, SV, UC, UN, UR, UT, UV:
		return true
	}
	return false
}

// Unit is the size of the binary number the value is made of, that is what a change
// of byte order reverses; 1 for text and bytes. An AT is two 16 bit numbers.
func (v VR) Unit() int {
	switch v {
	case AT, OW, SS, US:
		return 2
	case FL, OF, OL, SL, UL:
		return 4
	case FD, OD, OV, SV, UV:
		return 8
	}
	return 1
}

// Text reports whether the VR holds characters.
func (v VR) Text() bool {
	switch v {
	case AE, AS, CS, DA, DS, DT, IS, LO, LT, PN, SH, ST, TM, UC, UI, UR, UT:
		return true
	}
	return false
}

// Bulk reports whether the value is a string of bytes or words, which is what may be
// encapsulated when its length is undefined.
func (v VR) Bulk() bool {
	switch v {
	case OB, OD, OF, OL, OV, OW:
		return true
	}
	return false
}

// SwapBytes reverses each unit of b in place. A last incomplete unit is left.
func SwapBytes(b []byte, unit int) {
	switch unit {
	case 2:
		for i := 0; i+2 <= len(b); i += 2 {
			b[i], b[i+1] = b[i+1], b[i]
		}
	case 4:
		for i := 0; i+4 <= len(b); i += 4 {
			b[i], b[i+1], b[i+2], b[i+3] = b[i+3], b[i+2], b[i+1], b[i]
		}
	case 8:
		for i := 0; i+8 <= len(b); i += 8 {
			for j := range 4 {
				b[i+j], b[i+7-j] = b[i+7-j], b[i+j]
			}
		}
	}
}
