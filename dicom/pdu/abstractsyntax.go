package pdu

// decodeAbstractSyntax reads the abstract syntax sub-item, PS3.8 Table 9-14.
func decodeAbstractSyntax(s *scanner) (string, error) {
	s.item = "abstract syntax"
	return s.uid(s.rest())
}

func appendAbstractSyntax(dst []byte, uid string) ([]byte, error) {
	return appendText(dst, itemAbstractSyntax, "abstract syntax", uid, maxUID)
}
