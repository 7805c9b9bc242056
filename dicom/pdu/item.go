package pdu

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Item types of PS3.8 9.3.2 and PS3.7 D.3.3.
const (
	itemApplicationContext        = 0x10
	itemPresentationContextRQ     = 0x20
	itemPresentationContextAC     = 0x21
	itemAbstractSyntax            = 0x30
	itemTransferSyntax            = 0x40
	itemUserInformation           = 0x50
	itemMaximumLength             = 0x51
	itemImplementationClassUID    = 0x52
	itemAsyncOperationsWindow     = 0x53
	itemRoleSelection             = 0x54
	itemImplementationVersionName = 0x55
	itemExtendedNegotiation       = 0x56
	itemCommonExtendedNegotiation = 0x57
	itemUserIdentityRQ            = 0x58
	itemUserIdentityAC            = 0x59
)

// Bounds beyond those of the lengths themselves.
const (
	maxContexts         = 128  // odd identifiers 1 to 255, PS3.8 9.3.2.2
	maxTransferSyntaxes = 1024 // of one context
	maxSubItems         = 1024 // of the user information
	maxUID              = 64   // PS3.5 9.1
)

// scanner walks the bytes of one PDU or item and knows where in the PDU it is.
type scanner struct {
	pdu  Type
	item string
	src  []byte
	base int // offset of src[0] in the PDU
	pos  int
}

func (s *scanner) more() bool { return s.pos < len(s.src) }

func (s *scanner) fail(reason string, args ...any) error {
	return &FormatError{PDU: s.pdu, Item: s.item, Offset: s.base + s.pos, Reason: fmt.Sprintf(reason, args...), AbortReason: ReasonInvalidParameter}
}

// next gives the following n bytes, aliasing the source.
func (s *scanner) next(n int) ([]byte, error) {
	if n > len(s.src)-s.pos {
		return nil, s.fail("needs %d bytes, %d left", n, len(s.src)-s.pos)
	}
	b := s.src[s.pos : s.pos+n : s.pos+n]
	s.pos += n
	return b, nil
}

func (s *scanner) u16() (int, error) {
	b, err := s.next(2)
	if err != nil {
		return 0, err
	}
	return int(binary.BigEndian.Uint16(b)), nil
}

// counted gives the bytes of a field that carries its own two-byte length.
func (s *scanner) counted(name string) ([]byte, error) {
	n, err := s.u16()
	if err != nil {
		return nil, err
	}
	if n > len(s.src)-s.pos {
		return nil, s.fail("%s says %d bytes, %d left", name, n, len(s.src)-s.pos)
	}
	return s.next(n)
}

// child reads the header of an item (type, reserved, two-byte length) and
// gives a scanner over its value.
func (s *scanner) child() (kind byte, value scanner, err error) {
	h, err := s.next(4)
	if err != nil {
		return 0, scanner{}, err
	}
	n := int(binary.BigEndian.Uint16(h[2:]))
	if n > len(s.src)-s.pos {
		return 0, scanner{}, s.fail("item %02XH says %d bytes, %d left", h[0], n, len(s.src)-s.pos)
	}
	value = scanner{pdu: s.pdu, base: s.base + s.pos}
	value.src, _ = s.next(n)
	return h[0], value, nil
}

// uid reads the rest of an item as a UID. Trailing NUL and spaces are padding
// that PS3.8 does not allow and peers send. The grammar is the caller's
// business: an unknown UID is refused, not an error.
func (s *scanner) uid(b []byte) (string, error) {
	v := strings.TrimRight(string(b), "\x00 ")
	if len(v) > maxUID {
		return "", s.fail("UID of %d characters", len(v))
	}
	return v, nil
}

func (s *scanner) rest() []byte { b, _ := s.next(len(s.src) - s.pos); return b }

// begin appends an item header whose length end fills in.
func begin(dst []byte, kind byte) ([]byte, int) {
	dst = append(dst, kind, 0, 0, 0)
	return dst, len(dst)
}

func end(dst []byte, start int, item string) ([]byte, error) {
	n := len(dst) - start
	if n > 0xFFFF {
		return dst, &EncodeError{item, fmt.Sprintf("%d bytes do not fit its length field", n)}
	}
	binary.BigEndian.PutUint16(dst[start-2:], uint16(n))
	return dst, nil
}

func appendText(dst []byte, kind byte, item, v string, limit int) ([]byte, error) {
	if len(v) > limit {
		return dst, &EncodeError{item, fmt.Sprintf("%d characters, at most %d", len(v), limit)}
	}
	dst = append(dst, kind, 0, 0, byte(len(v)))
	return append(dst, v...), nil
}

// appendCounted appends a two-byte length and the value.
func appendCounted[T string | []byte](dst []byte, item string, v T) ([]byte, error) {
	if len(v) > 0xFFFF {
		return dst, &EncodeError{item, fmt.Sprintf("%d bytes do not fit its length field", len(v))}
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(v)))
	return append(dst, v...), nil
}

// endPDU fills in the four-byte length of the PDU that starts at start.
func endPDU(dst []byte, start int) []byte {
	binary.BigEndian.PutUint32(dst[start+2:], uint32(len(dst)-start-HeaderLength))
	return dst
}
