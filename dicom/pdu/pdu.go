package pdu

import (
	"encoding/binary"
	"fmt"
)

// Type is a PDU type, PS3.8 clause 9.3.1.
type Type byte

// The PDU types of PS3.8 9.3.2 to 9.3.8.
const (
	TypeAssociateRQ Type = 0x01
	TypeAssociateAC Type = 0x02
	TypeAssociateRJ Type = 0x03
	TypeDataTF      Type = 0x04
	TypeReleaseRQ   Type = 0x05
	TypeReleaseRP   Type = 0x06
	TypeAbort       Type = 0x07
)

// String gives the name of the standard.
func (t Type) String() string {
	switch t {
	case TypeAssociateRQ:
		return "A-ASSOCIATE-RQ"
	case TypeAssociateAC:
		return "A-ASSOCIATE-AC"
	case TypeAssociateRJ:
		return "A-ASSOCIATE-RJ"
	case TypeDataTF:
		return "P-DATA-TF"
	case TypeReleaseRQ:
		return "A-RELEASE-RQ"
	case TypeReleaseRP:
		return "A-RELEASE-RP"
	case TypeAbort:
		return "A-ABORT"
	}
	return fmt.Sprintf("PDU type %02XH", byte(t))
}

// PDU is one protocol data unit. Decode reads the body; Append adds the whole
// unit with its header to dst. Append fails only on values that have no
// encoding: a text longer than its field, an item above 65535 bytes.
type PDU interface {
	Type() Type
	Decode(body []byte) error
	Append(dst []byte) ([]byte, error)
}

// HeaderLength is the size of the fields every PDU starts with, PS3.8 9.3.1.
const HeaderLength = 6

// Header is the PDU-type, a reserved byte and the PDU-length.
type Header struct {
	Type   Type
	Length uint32
}

// DecodeHeader reads the first HeaderLength bytes of src.
func DecodeHeader(src []byte) (Header, error) {
	if len(src) < HeaderLength {
		return Header{}, &FormatError{Item: "PDU header", Offset: len(src), Reason: "ends early"}
	}
	return Header{Type: Type(src[0]), Length: binary.BigEndian.Uint32(src[2:])}, nil
}

// MaxBody is the largest body this package accepts of a PDU that is not
// P-DATA-TF; 0 and false for a type PS3.8 does not know. An association with
// 128 contexts of 64 transfer syntaxes needs 600 KiB.
func (t Type) MaxBody() (uint32, bool) {
	switch t {
	case TypeAssociateRQ, TypeAssociateAC:
		return 1 << 20, true
	case TypeAssociateRJ, TypeReleaseRQ, TypeReleaseRP, TypeAbort:
		return 4, true
	case TypeDataTF:
		return 1<<32 - 1, true
	}
	return 0, false
}

// Decode reads the body that followed h into the PDU of its type.
func Decode(h Header, body []byte) (PDU, error) {
	var p PDU
	switch h.Type {
	case TypeAssociateRQ:
		p = new(AssociateRQ)
	case TypeAssociateAC:
		p = new(AssociateAC)
	case TypeAssociateRJ:
		p = new(AssociateRJ)
	case TypeDataTF:
		p = new(DataTF)
	case TypeReleaseRQ:
		p = new(ReleaseRQ)
	case TypeReleaseRP:
		p = new(ReleaseRP)
	case TypeAbort:
		p = new(Abort)
	default:
		return nil, &FormatError{PDU: h.Type, Item: "PDU-type", Reason: "unknown", AbortReason: ReasonUnrecognizedPDU}
	}
	if uint64(h.Length) != uint64(len(body)) {
		return nil, &FormatError{PDU: h.Type, Item: "PDU-length", Offset: 2, Reason: fmt.Sprintf("says %d, body has %d", h.Length, len(body))}
	}
	return p, p.Decode(body)
}
