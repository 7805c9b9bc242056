package pdu

// PresentationContextRQ is a proposed presentation context, PS3.8 Table 9-13,
// with its abstract syntax (Table 9-14) and transfer syntaxes (Table 9-15).
type PresentationContextRQ struct {
	ID               byte // odd
	AbstractSyntax   string
	TransferSyntaxes []string
}

func decodePresentationContextRQ(s *scanner) (PresentationContextRQ, error) {
	s.item = "presentation context"
	b, err := s.next(4)
	if err != nil {
		return PresentationContextRQ{}, err
	}
	c := PresentationContextRQ{ID: b[0]}
	if c.ID&1 == 0 {
		s.pos = 0
		return c, s.fail("identifier %d is not odd", c.ID)
	}
	for s.more() {
		kind, v, err := s.child()
		if err != nil {
			return c, err
		}
		switch kind {
		case itemAbstractSyntax:
			if c.AbstractSyntax, err = decodeAbstractSyntax(&v); err != nil {
				return c, err
			}
		case itemTransferSyntax:
			ts, err := decodeTransferSyntax(&v)
			if err != nil {
				return c, err
			}
			if len(c.TransferSyntaxes) == maxTransferSyntaxes {
				return c, s.fail("more than %d transfer syntaxes", maxTransferSyntaxes)
			}
			c.TransferSyntaxes = append(c.TransferSyntaxes, ts)
		}
	}
	return c, nil
}

func (c PresentationContextRQ) id() byte { return c.ID }

func (c *PresentationContextRQ) append(dst []byte) ([]byte, error) {
	dst, start := begin(dst, itemPresentationContextRQ)
	dst = append(dst, c.ID, 0, 0, 0)
	dst, err := appendAbstractSyntax(dst, c.AbstractSyntax)
	if err != nil {
		return dst, err
	}
	for _, ts := range c.TransferSyntaxes {
		if dst, err = appendTransferSyntax(dst, ts); err != nil {
			return dst, err
		}
	}
	return end(dst, start, "presentation context")
}
