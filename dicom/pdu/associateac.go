package pdu

// AssociateAC is the A-ASSOCIATE-AC PDU, PS3.8 Table 9-17. The titles are
// reserved fields: sent as received, not tested.
type AssociateAC struct {
	Version             uint16
	CalledAE, CallingAE string
	ApplicationContext  string
	Contexts            []PresentationContextAC
	User                UserInformation
}

// Type is TypeAssociateAC.
func (*AssociateAC) Type() Type { return TypeAssociateAC }

// Decode reads the body.
func (p *AssociateAC) Decode(body []byte) error {
	a := (*associate[PresentationContextAC])(p)
	return a.decode(TypeAssociateAC, body, itemPresentationContextAC, decodePresentationContextAC)
}

// Append adds the PDU to dst.
func (p *AssociateAC) Append(dst []byte) ([]byte, error) {
	a := (*associate[PresentationContextAC])(p)
	return a.append(dst, TypeAssociateAC, (*PresentationContextAC).append)
}
