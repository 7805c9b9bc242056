package pdu

import "slices"

// UserIdentityAC is the user identity sub-item of an acceptance, PS3.7 Table
// D.3-15.
type UserIdentityAC struct{ ServerResponse []byte }

func decodeUserIdentityAC(s *scanner) (*UserIdentityAC, error) {
	s.item = "user identity response"
	b, err := s.counted("server-response-length")
	if err != nil {
		return nil, err
	}
	return &UserIdentityAC{slices.Clone(b)}, nil
}

func (u *UserIdentityAC) append(dst []byte) ([]byte, error) {
	dst, start := begin(dst, itemUserIdentityAC)
	dst, err := appendCounted(dst, "user identity response", u.ServerResponse)
	if err != nil {
		return dst, err
	}
	return end(dst, start, "user identity response")
}
