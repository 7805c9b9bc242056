package pdu

// decodeImplementationClassUID reads the sub-item of PS3.7 Tables D.3-1 and
// D.3-2.
func decodeImplementationClassUID(s *scanner) (string, error) {
	s.item = "implementation class UID"
	return s.uid(s.rest())
}

func appendImplementationClassUID(dst []byte, uid string) ([]byte, error) {
	if uid == "" {
		return dst, nil
	}
	return appendText(dst, itemImplementationClassUID, "implementation class UID", uid, maxUID)
}
