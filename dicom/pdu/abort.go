package pdu

import "fmt"

// Sources of an A-ABORT, PS3.8 Table 9-26.
const (
	AbortServiceUser     byte = 0
	AbortServiceProvider byte = 2
)

// Reasons of an A-ABORT whose source is the service provider, PS3.8 Table
// 9-26.
const (
	ReasonNotSpecified          byte = 0
	ReasonUnrecognizedPDU       byte = 1
	ReasonUnexpectedPDU         byte = 2
	ReasonUnrecognizedParameter byte = 4
	ReasonUnexpectedParameter   byte = 5
	ReasonInvalidParameter      byte = 6
)

// Abort is the A-ABORT PDU, PS3.8 Table 9-26.
type Abort struct{ Source, Reason byte }

// Type is TypeAbort.
func (*Abort) Type() Type { return TypeAbort }

// Decode reads the body.
func (p *Abort) Decode(body []byte) error {
	if len(body) != 4 {
		return wrongLength(TypeAbort, len(body))
	}
	*p = Abort{Source: body[2], Reason: body[3]}
	return nil
}

// Append adds the PDU to dst.
func (p *Abort) Append(dst []byte) ([]byte, error) {
	return append(dst, byte(TypeAbort), 0, 0, 0, 0, 4, 0, 0, p.Source, p.Reason), nil
}

// String says in words who aborted and why.
func (p Abort) String() string {
	if p.Source == AbortServiceUser {
		return "aborted by service user"
	}
	reason := fmt.Sprintf("reason %d", p.Reason)
	switch p.Reason {
	case ReasonNotSpecified:
		reason = "reason not specified"
	case ReasonUnrecognizedPDU:
		reason = "unrecognized PDU"
	case ReasonUnexpectedPDU:
		reason = "unexpected PDU"
	case ReasonUnrecognizedParameter:
		reason = "unrecognized PDU parameter"
	case ReasonUnexpectedParameter:
		reason = "unexpected PDU parameter"
	case ReasonInvalidParameter:
		reason = "invalid PDU parameter value"
	}
	return "aborted by service provider: " + reason
}
