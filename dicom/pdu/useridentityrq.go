package pdu

import (
	"log/slog"
	"slices"
)

// Values of User-Identity-Type, PS3.7 Table D.3-14.
const (
	IdentityUsername         byte = 1
	IdentityUsernamePasscode byte = 2
	IdentityKerberos         byte = 3
	IdentitySAML             byte = 4
	IdentityJWT              byte = 5
)

// UserIdentityRQ is the user identity sub-item of a request, PS3.7 Table
// D.3-14. It holds secrets: LogValue shows only the type.
type UserIdentityRQ struct {
	Kind                      byte
	PositiveResponseRequested bool
	Primary, Secondary        []byte // secondary: the passcode, else empty
}

// LogValue keeps names, passcodes and tokens out of logs.
func (u *UserIdentityRQ) LogValue() slog.Value {
	if u == nil {
		return slog.StringValue("none")
	}
	return slog.GroupValue(slog.Int("type", int(u.Kind)))
}

func decodeUserIdentityRQ(s *scanner) (*UserIdentityRQ, error) {
	s.item = "user identity"
	b, err := s.next(2)
	if err != nil {
		return nil, err
	}
	u := &UserIdentityRQ{Kind: b[0], PositiveResponseRequested: b[1] != 0}
	if b, err = s.counted("primary-field-length"); err != nil {
		return nil, err
	}
	u.Primary = slices.Clone(b)
	if b, err = s.counted("secondary-field-length"); err != nil {
		return nil, err
	}
	u.Secondary = slices.Clone(b)
	return u, nil
}

func (u *UserIdentityRQ) append(dst []byte) ([]byte, error) {
	dst, start := begin(dst, itemUserIdentityRQ)
	dst = append(dst, u.Kind, flag(u.PositiveResponseRequested))
	dst, err := appendCounted(dst, "user identity", u.Primary)
	if err != nil {
		return dst, err
	}
	if dst, err = appendCounted(dst, "user identity", u.Secondary); err != nil {
		return dst, err
	}
	return end(dst, start, "user identity")
}
