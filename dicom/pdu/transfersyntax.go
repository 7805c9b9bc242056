package pdu

// decodeTransferSyntax reads the transfer syntax sub-item, PS3.8 Tables 9-15
// and 9-19.
func decodeTransferSyntax(s *scanner) (string, error) {
	s.item = "transfer syntax"
	return s.uid(s.rest())
}

func appendTransferSyntax(dst []byte, uid string) ([]byte, error) {
	return appendText(dst, itemTransferSyntax, "transfer syntax", uid, maxUID)
}
