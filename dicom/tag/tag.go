package tag

// Tag is a data element tag: the group number in the upper, the element number in
// the lower 16 bits, so that tags compare in the order of PS3.5 §7.1.
type Tag uint32

// New returns the tag (group,element).
func New(group, element uint16) Tag { return Tag(group)<<16 | Tag(element) }

// Group returns the group number.
func (t Tag) Group() uint16 { return uint16(t >> 16) }

// Element returns the element number.
func (t Tag) Element() uint16 { return uint16(t) }

// Private reports whether the group is odd (PS3.5 §7.8).
func (t Tag) Private() bool { return t&0x10000 != 0 }

// PrivateCreator reports whether t is a block reservation, (gggg,0010-00FF) with
// an odd group (PS3.5 §7.8.1).
func (t Tag) PrivateCreator() bool {
	return t.Private() && t.Element() >= 0x10 && t.Element() <= 0xff
}

// GroupLength reports whether t is a retired group length, (gggg,0000) (PS3.5 §7.2).
func (t Tag) GroupLength() bool { return t.Element() == 0 }

// String returns t as PS3.6 prints it: "(0010,0020)".
func (t Tag) String() string {
	const hex = "0123456789ABCDEF"
	b := []byte("(0000,0000)")
	for i := range 4 {
		b[1+i] = hex[t>>(28-4*i)&0xf]
		b[6+i] = hex[t>>(12-4*i)&0xf]
	}
	return string(b)
}
