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
	*p = AssociateAC{}
	s := &scanner{pdu: TypeAssociateAC, src: body, base: HeaderLength}
	var err error
	if p.Version, p.CalledAE, p.CallingAE, err = decodeFixed(s); err != nil {
		return err
	}
	var seen [256]bool
	for s.more() {
		s.item = "variable items"
		kind, v, err := s.child()
		if err != nil {
			return err
		}
		switch kind {
		case itemApplicationContext:
			p.ApplicationContext, err = decodeApplicationContext(&v)
		case itemPresentationContextAC:
			var c PresentationContextAC
			if c, err = decodePresentationContextAC(&v); err != nil {
				return err
			}
			if seen[c.ID] {
				return v.fail("identifier %d comes twice", c.ID)
			}
			if len(p.Contexts) == maxContexts {
				return v.fail("more than %d contexts", maxContexts)
			}
			seen[c.ID] = true
			p.Contexts = append(p.Contexts, c)
		case itemUserInformation:
			err = p.User.decode(&v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Append adds the PDU to dst.
func (p *AssociateAC) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	dst, err := appendFixed(dst, TypeAssociateAC, p.Version, p.CalledAE, p.CallingAE)
	if err != nil {
		return dst, err
	}
	if dst, err = appendApplicationContext(dst, p.ApplicationContext); err != nil {
		return dst, err
	}
	for i := range p.Contexts {
		if dst, err = p.Contexts[i].append(dst); err != nil {
			return dst, err
		}
	}
	if dst, err = p.User.append(dst); err != nil {
		return dst, err
	}
	return endPDU(dst, start), nil
}
