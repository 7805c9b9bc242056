package pdu

// Result/Reason of a presentation context, PS3.8 Table 9-18.
const (
	ContextAccepted                     byte = 0
	ContextUserRejection                byte = 1
	ContextNoReason                     byte = 2
	ContextAbstractSyntaxNotSupported   byte = 3
	ContextTransferSyntaxesNotSupported byte = 4
)

// PresentationContextAC is the answer to a proposed context, PS3.8 Table 9-18.
// The transfer syntax is significant only when the result is acceptance.
type PresentationContextAC struct {
	ID             byte
	Result         byte
	TransferSyntax string
}

func decodePresentationContextAC(s *scanner) (PresentationContextAC, error) {
	s.item = "presentation context"
	b, err := s.next(4)
	if err != nil {
		return PresentationContextAC{}, err
	}
	c := PresentationContextAC{ID: b[0], Result: b[2]}
	for s.more() {
		kind, v, err := s.child()
		if err != nil {
			return c, err
		}
		// Not to be tested when the context is refused: some peers leave
		// nonsense there (PS3.8 Table 9-18).
		if kind != itemTransferSyntax || c.Result != ContextAccepted {
			continue
		}
		if c.TransferSyntax, err = decodeTransferSyntax(&v); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (c PresentationContextAC) id() byte { return c.ID }

func (c *PresentationContextAC) append(dst []byte) ([]byte, error) {
	dst, start := begin(dst, itemPresentationContextAC)
	dst = append(dst, c.ID, 0, c.Result, 0)
	// The sub-item is always sent: exactly one, says PS3.8 Table 9-18, and
	// older peers fall over a refused context without it.
	dst, err := appendTransferSyntax(dst, c.TransferSyntax)
	if err != nil {
		return dst, err
	}
	return end(dst, start, "presentation context")
}
