package pdu

// ReleaseRQ is the A-RELEASE-RQ PDU, PS3.8 Table 9-24.
type ReleaseRQ struct{}

// Type is TypeReleaseRQ.
func (*ReleaseRQ) Type() Type { return TypeReleaseRQ }

// Decode checks the length; the four bytes are reserved and not tested.
func (*ReleaseRQ) Decode(body []byte) error {
	if len(body) != 4 {
		return wrongLength(TypeReleaseRQ, len(body))
	}
	return nil
}

// Append adds the PDU to dst.
func (*ReleaseRQ) Append(dst []byte) ([]byte, error) {
	return append(dst, byte(TypeReleaseRQ), 0, 0, 0, 0, 4, 0, 0, 0, 0), nil
}
