package pdu

// ReleaseRP is the A-RELEASE-RP PDU, PS3.8 Table 9-25.
type ReleaseRP struct{}

// Type is TypeReleaseRP.
func (*ReleaseRP) Type() Type { return TypeReleaseRP }

// Decode checks the length; the four bytes are reserved and not tested.
func (*ReleaseRP) Decode(body []byte) error {
	if len(body) != 4 {
		return wrongLength(TypeReleaseRP, len(body))
	}
	return nil
}

// Append adds the PDU to dst.
func (*ReleaseRP) Append(dst []byte) ([]byte, error) {
	return append(dst, byte(TypeReleaseRP), 0, 0, 0, 0, 4, 0, 0, 0, 0), nil
}
