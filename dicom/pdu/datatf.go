package pdu

import "encoding/binary"

// Bits of the message control header, PS3.8 Annex E.2.
const (
	pdvCommand = 1 << 0
	pdvLast    = 1 << 1
)

// PDVHeaderLength is the size of item length, context identifier and message
// control header before a fragment (PS3.8 Table 9-23, Annex E.2).
const PDVHeaderLength = 6

// PDVHeader is what stands before the bytes of a message fragment.
type PDVHeader struct {
	ContextID byte
	Command   bool // command, else data set
	Last      bool // last fragment of its stream
	Length    uint32
}

// DecodePDVHeader reads the first PDVHeaderLength bytes of src. The item
// length counts the identifier and the control header, so it is at least 2
// and, a whole message fragment being sent in one P-DATA-TF, never more than
// remaining bytes.
func DecodePDVHeader(src []byte, remaining uint32) (PDVHeader, error) {
	s := scanner{pdu: TypeDataTF, item: "PDV item", src: src}
	b, err := s.next(PDVHeaderLength)
	if err != nil {
		return PDVHeader{}, err
	}
	n := binary.BigEndian.Uint32(b)
	s.pos = 0
	switch {
	case n < 2:
		return PDVHeader{}, s.fail("item length %d, must be 2 or more", n)
	case remaining < 4 || n > remaining-4:
		return PDVHeader{}, s.fail("item length %d, PDU has %d left", n, max(remaining, 4)-4)
	}
	return PDVHeader{ContextID: b[4], Command: b[5]&pdvCommand != 0, Last: b[5]&pdvLast != 0, Length: n - 2}, nil
}

// Put writes the header to the first PDVHeaderLength bytes of dst.
func (h PDVHeader) Put(dst []byte) {
	binary.BigEndian.PutUint32(dst, h.Length+2)
	dst[4], dst[5] = h.ContextID, 0
	if h.Command {
		dst[5] |= pdvCommand
	}
	if h.Last {
		dst[5] |= pdvLast
	}
}

// PutDataTF writes, to the first HeaderLength+PDVHeaderLength bytes of dst, the
// headers of a P-DATA-TF with one presentation data value: the way a sender
// frames a buffer it has filled behind them.
func PutDataTF(dst []byte, h PDVHeader) {
	dst[0], dst[1] = byte(TypeDataTF), 0
	binary.BigEndian.PutUint32(dst[2:], h.Length+PDVHeaderLength)
	h.Put(dst[HeaderLength:])
}

// PDV is a presentation data value item, PS3.8 Table 9-23.
type PDV struct {
	ContextID     byte
	Command, Last bool
	Data          []byte // aliases the source
}

// DataTF is a whole P-DATA-TF PDU, PS3.8 Table 9-22.
type DataTF struct{ Items []PDV }

// Type is TypeDataTF.
func (*DataTF) Type() Type { return TypeDataTF }

// Decode reads the body; the fragments alias it.
func (p *DataTF) Decode(body []byte) error {
	p.Items = p.Items[:0]
	s := scanner{pdu: TypeDataTF, item: "PDV item", src: body, base: HeaderLength}
	for s.more() {
		h, err := DecodePDVHeader(s.src[s.pos:], uint32(len(s.src)-s.pos))
		if err != nil {
			if fe, ok := err.(*FormatError); ok {
				fe.Offset += s.base + s.pos
			}
			return err
		}
		s.pos += PDVHeaderLength
		data, err := s.next(int(h.Length))
		if err != nil {
			return err
		}
		p.Items = append(p.Items, PDV{h.ContextID, h.Command, h.Last, data})
	}
	if len(p.Items) == 0 {
		return s.fail("none")
	}
	return nil
}

// Append adds the PDU to dst.
func (p *DataTF) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	dst = append(dst, byte(TypeDataTF), 0, 0, 0, 0, 0)
	for _, v := range p.Items {
		var h [PDVHeaderLength]byte
		PDVHeader{v.ContextID, v.Command, v.Last, uint32(len(v.Data))}.Put(h[:])
		dst = append(append(dst, h[:]...), v.Data...)
	}
	return endPDU(dst, start), nil
}
