package pdu

// ApplicationContextName is the DICOM application context, PS3.7 Annex A.2.1.
const ApplicationContextName = "1.2.840.10008.3.1.1.1"

// decodeApplicationContext reads the application context item, PS3.8 Table
// 9-12.
func decodeApplicationContext(s *scanner) (string, error) {
	s.item = "application context"
	return s.uid(s.rest())
}

func appendApplicationContext(dst []byte, name string) ([]byte, error) {
	return appendText(dst, itemApplicationContext, "application context", name, maxUID)
}
