package pdu

// AssociateRQ is the A-ASSOCIATE-RQ PDU, PS3.8 Table 9-11.
type AssociateRQ struct {
	Version             uint16
	CalledAE, CallingAE string // without padding
	ApplicationContext  string // PS3.8 Table 9-12
	Contexts            []PresentationContextRQ
	User                UserInformation
}

// Type is TypeAssociateRQ.
func (*AssociateRQ) Type() Type { return TypeAssociateRQ }

// Decode reads the body. An application context that is missing is left
// empty: refusing it is the service's answer, not a format error.
func (p *AssociateRQ) Decode(body []byte) error {
	a := (*associate[PresentationContextRQ])(p)
	return a.decode(TypeAssociateRQ, body, itemPresentationContextRQ, decodePresentationContextRQ)
}

// Append adds the PDU to dst.
func (p *AssociateRQ) Append(dst []byte) ([]byte, error) {
	a := (*associate[PresentationContextRQ])(p)
	return a.append(dst, TypeAssociateRQ, (*PresentationContextRQ).append)
}
