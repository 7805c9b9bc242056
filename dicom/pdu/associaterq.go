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
	*p = AssociateRQ{}
	s := &scanner{pdu: TypeAssociateRQ, src: body, base: HeaderLength}
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
		case itemPresentationContextRQ:
			var c PresentationContextRQ
			if c, err = decodePresentationContextRQ(&v); err != nil {
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
func (p *AssociateRQ) Append(dst []byte) ([]byte, error) {
	start := len(dst)
	dst, err := appendFixed(dst, TypeAssociateRQ, p.Version, p.CalledAE, p.CallingAE)
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
