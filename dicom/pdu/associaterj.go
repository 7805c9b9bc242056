package pdu

import "fmt"

// Values of the fields of A-ASSOCIATE-RJ, PS3.8 Table 9-21.
const (
	RejectedPermanent byte = 1
	RejectedTransient byte = 2

	SourceServiceUser                 byte = 1
	SourceServiceProviderACSE         byte = 2
	SourceServiceProviderPresentation byte = 3
)

// AssociateRJ is the A-ASSOCIATE-RJ PDU, PS3.8 Table 9-21.
type AssociateRJ struct{ Result, Source, Reason byte }

// Type is TypeAssociateRJ.
func (*AssociateRJ) Type() Type { return TypeAssociateRJ }

// Decode reads the body. Values the standard reserves are kept as they are.
func (p *AssociateRJ) Decode(body []byte) error {
	if len(body) != 4 {
		return wrongLength(TypeAssociateRJ, len(body))
	}
	*p = AssociateRJ{Result: body[1], Source: body[2], Reason: body[3]}
	return nil
}

// Append adds the PDU to dst.
func (p *AssociateRJ) Append(dst []byte) ([]byte, error) {
	return append(dst, byte(TypeAssociateRJ), 0, 0, 0, 0, 4, 0, p.Result, p.Source, p.Reason), nil
}

// String says in words why, PS3.8 Table 9-21.
func (p AssociateRJ) String() string {
	result := "permanently"
	if p.Result == RejectedTransient {
		result = "for now"
	}
	reason := fmt.Sprintf("source %d reason %d", p.Source, p.Reason)
	switch [2]byte{p.Source, p.Reason} {
	case [2]byte{1, 1}, [2]byte{2, 1}:
		reason = "no reason given"
	case [2]byte{1, 2}:
		reason = "application context name not supported"
	case [2]byte{1, 3}:
		reason = "calling AE title not recognized"
	case [2]byte{1, 7}:
		reason = "called AE title not recognized"
	case [2]byte{2, 2}:
		reason = "protocol version not supported"
	case [2]byte{3, 1}:
		reason = "temporary congestion"
	case [2]byte{3, 2}:
		reason = "local limit exceeded"
	}
	return "rejected " + result + ": " + reason
}

func wrongLength(t Type, n int) error {
	return &FormatError{PDU: t, Item: "PDU-length", Offset: 2, Reason: fmt.Sprintf("%d, must be 4", n), AbortReason: ReasonInvalidParameter}
}
