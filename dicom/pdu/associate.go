package pdu

import (
	"fmt"
	"strings"
)

// ProtocolVersion is version 1: bit 0 set, PS3.8 Table 9-11.
const ProtocolVersion uint16 = 1

// fixedLength is the size of the fields before the variable items: version,
// reserved, two titles, 32 reserved bytes (PS3.8 Tables 9-11 and 9-17).
const fixedLength = 2 + 2 + 16 + 16 + 32

// decodeFixed reads the fields A-ASSOCIATE-RQ and -AC share.
func decodeFixed(s *scanner) (version uint16, called, calling string, err error) {
	s.item = "fixed fields"
	b, err := s.next(fixedLength)
	if err != nil {
		return 0, "", "", err
	}
	return uint16(b[0])<<8 | uint16(b[1]), title(b[4:20]), title(b[20:36]), nil
}

// title strips the padding of an AE title: leading and trailing spaces do not
// count (PS3.8 Table 9-11); some peers pad with NUL.
func title(b []byte) string { return strings.Trim(string(b), " \x00") }

func appendFixed(dst []byte, t Type, version uint16, called, calling string) ([]byte, error) {
	dst = append(dst, byte(t), 0, 0, 0, 0, 0, byte(version>>8), byte(version), 0, 0)
	for _, ae := range [...]string{called, calling} {
		if len(ae) > 16 {
			return dst, &EncodeError{"AE title", fmt.Sprintf("%d characters, at most 16", len(ae))}
		}
		dst = append(dst, ae...)
		dst = append(dst, "                "[len(ae):]...)
	}
	return append(dst, make([]byte, 32)...), nil
}

// associate is an A-ASSOCIATE-RQ or -AC: PS3.8 Tables 9-11 and 9-17 differ in
// the kind of their presentation contexts only. The PDUs convert to it.
type associate[C interface{ id() byte }] struct {
	Version             uint16
	CalledAE, CallingAE string
	ApplicationContext  string
	Contexts            []C
	User                UserInformation
}

// decode reads the body of a PDU whose contexts are items of the kind contexts.
func (p *associate[C]) decode(t Type, body []byte, contexts byte, context func(*scanner) (C, error)) error {
	*p = associate[C]{}
	s := &scanner{pdu: t, src: body, base: HeaderLength}
	var err error
	if p.Version, p.CalledAE, p.CallingAE, err = decodeFixed(s); err != nil {
		return err
	}
	var seen [256]bool
	for s.more() {
		s.item = "variable items"
		kind, v, err := s.child()
		if err != nil {
			return err
		}
		switch kind {
		case itemApplicationContext:
			p.ApplicationContext, err = decodeApplicationContext(&v)
		case contexts:
			var c C
			if c, err = context(&v); err != nil {
				return err
			}
			if seen[c.id()] {
				return v.fail("identifier %d comes twice", c.id())
			}
			if len(p.Contexts) == maxContexts {
				return v.fail("more than %d contexts", maxContexts)
			}
			seen[c.id()] = true
			p.Contexts = append(p.Contexts, c)
		case itemUserInformation:
			err = p.User.decode(&v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *associate[C]) append(dst []byte, t Type, context func(*C, []byte) ([]byte, error)) ([]byte, error) {
	start := len(dst)
	dst, err := appendFixed(dst, t, p.Version, p.CalledAE, p.CallingAE)
	if err != nil {
		return dst, err
	}
	if dst, err = appendApplicationContext(dst, p.ApplicationContext); err != nil {
		return dst, err
	}
	for i := range p.Contexts {
		if dst, err = context(&p.Contexts[i], dst); err != nil {
			return dst, err
		}
	}
	if dst, err = p.User.append(dst); err != nil {
		return dst, err
	}
	return endPDU(dst, start), nil
}

// ValidAETitle says whether s can be an AE title: 1 to 16 characters of the
// default repertoire, not all spaces, no backslash, no control character
// (PS3.5 Table 6.2-1, AE).
func ValidAETitle(s string) bool {
	if len(s) == 0 || len(s) > 16 || strings.TrimSpace(s) == "" {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '\\' {
			return false
		}
	}
	return true
}
