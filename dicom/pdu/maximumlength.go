package pdu

import "encoding/binary"

// MaximumLength is the maximum length sub-item, PS3.8 Table D.1-1 and D.1-2:
// the largest body of a P-DATA-TF its sender receives; 0 is no limit.
type MaximumLength struct{ Received uint32 }

func decodeMaximumLength(s *scanner) (*MaximumLength, error) {
	s.item = "maximum length"
	if len(s.src) != 4 {
		return nil, s.fail("%d bytes, must be 4", len(s.src))
	}
	return &MaximumLength{binary.BigEndian.Uint32(s.rest())}, nil
}

func (m *MaximumLength) append(dst []byte) []byte {
	return binary.BigEndian.AppendUint32(append(dst, itemMaximumLength, 0, 0, 4), m.Received)
}
