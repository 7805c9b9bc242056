package pdu

import "slices"

// ExtendedNegotiation is the SOP class extended negotiation sub-item, PS3.7
// Tables D.3-11 and D.3-12. The meaning of the information is the service
// class's.
type ExtendedNegotiation struct {
	SOPClassUID string
	Information []byte
}

func decodeExtendedNegotiation(s *scanner) (ExtendedNegotiation, error) {
	s.item = "extended negotiation"
	b, err := s.counted("SOP-class-uid-length")
	if err != nil {
		return ExtendedNegotiation{}, err
	}
	var e ExtendedNegotiation
	if e.SOPClassUID, err = s.uid(b); err != nil {
		return e, err
	}
	e.Information = slices.Clone(s.rest())
	return e, nil
}

func (e *ExtendedNegotiation) append(dst []byte) ([]byte, error) {
	dst, start := begin(dst, itemExtendedNegotiation)
	dst, err := appendCounted(dst, "extended negotiation", e.SOPClassUID)
	if err != nil {
		return dst, err
	}
	return end(append(dst, e.Information...), start, "extended negotiation")
}
