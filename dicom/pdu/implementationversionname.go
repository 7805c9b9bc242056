package pdu

import "strings"

// decodeImplementationVersionName reads the sub-item of PS3.7 Tables D.3-3 and
// D.3-4: 1 to 16 characters. Longer ones are cut, not refused: it is a name
// for logs.
func decodeImplementationVersionName(s *scanner) (string, error) {
	s.item = "implementation version name"
	b := s.rest()
	return strings.TrimRight(string(b[:min(len(b), 16)]), "\x00 "), nil
}

func appendImplementationVersionName(dst []byte, name string) ([]byte, error) {
	if name == "" {
		return dst, nil
	}
	return appendText(dst, itemImplementationVersionName, "implementation version name", name, 16)
}
