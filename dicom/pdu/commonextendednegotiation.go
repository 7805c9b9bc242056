package pdu

import "encoding/binary"

// CommonExtendedNegotiation is the SOP class common extended negotiation
// sub-item, PS3.7 Table D.3-13: what a private or new SOP class specialises.
type CommonExtendedNegotiation struct {
	SOPClassUID                string
	ServiceClassUID            string
	RelatedGeneralSOPClassUIDs []string
}

func decodeCommonExtendedNegotiation(s *scanner) (CommonExtendedNegotiation, error) {
	s.item = "common extended negotiation"
	var e CommonExtendedNegotiation
	b, err := s.counted("SOP-class-uid-length")
	if err != nil {
		return e, err
	}
	if e.SOPClassUID, err = s.uid(b); err != nil {
		return e, err
	}
	if b, err = s.counted("service-class-uid-length"); err != nil {
		return e, err
	}
	if e.ServiceClassUID, err = s.uid(b); err != nil {
		return e, err
	}
	if !s.more() { // the list is missing in the wild, which says the same as empty
		return e, nil
	}
	if b, err = s.counted("related-general-sop-class-identification-length"); err != nil {
		return e, err
	}
	related := scanner{pdu: s.pdu, item: s.item, src: b, base: s.base + s.pos - len(b)}
	for related.more() {
		v, err := related.counted("related-general-sop-class-uid-length")
		if err != nil {
			return e, err
		}
		u, err := related.uid(v)
		if err != nil {
			return e, err
		}
		e.RelatedGeneralSOPClassUIDs = append(e.RelatedGeneralSOPClassUIDs, u)
	}
	return e, nil
}

func (e *CommonExtendedNegotiation) append(dst []byte) ([]byte, error) {
	const item = "common extended negotiation"
	dst, start := begin(dst, itemCommonExtendedNegotiation)
	var err error
	for _, u := range [...]string{e.SOPClassUID, e.ServiceClassUID} {
		if dst, err = appendCounted(dst, item, u); err != nil {
			return dst, err
		}
	}
	dst = append(dst, 0, 0)
	list := len(dst)
	for _, u := range e.RelatedGeneralSOPClassUIDs {
		if dst, err = appendCounted(dst, item, u); err != nil {
			return dst, err
		}
	}
	if n := len(dst) - list; n <= 0xFFFF {
		binary.BigEndian.PutUint16(dst[list-2:], uint16(n))
	} // longer: end reports it
	return end(dst, start, item)
}
