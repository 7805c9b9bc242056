package stream

import "github.com/dokuei/dokuei/dicom/tag"

// Undefined is the length field of a value that ends with a delimiter (PS3.5 §7.1).
const Undefined = 0xFFFFFFFF

// Kind says what a header begins or ends.
type Kind uint8

const (
	// KindValue is an element with a value of Length bytes, native Pixel Data among them.
	KindValue Kind = iota
	// KindSequence begins a sequence; items follow, then KindSequenceEnd.
	KindSequence
	// KindItem begins an item of a sequence; elements follow, then KindItemEnd.
	KindItem
	// KindItemEnd ends an item, whether a delimiter or its length says so.
	KindItemEnd
	// KindSequenceEnd ends a sequence, likewise.
	KindSequenceEnd
	// KindFragments begins an encapsulated value (PS3.5 §A.4); fragments follow, the first
	// being the Basic Offset Table, then KindFragmentsEnd.
	KindFragments
	// KindFragment is one fragment with a value of Length bytes.
	KindFragment
	// KindFragmentsEnd ends an encapsulated value.
	KindFragmentsEnd
)

// Element is one header. For an item, a fragment or an end, Tag is that of the
// sequence or encapsulated element it belongs to.
type Element struct {
	Tag  tag.Tag
	VR   VR
	Kind Kind
	// BigEndian says how the numbers of the value are stored.
	BigEndian bool
	// Implicit says that the VR comes from the dictionary, not from the stream.
	Implicit bool
	// Length is the length field; an end has 0.
	Length uint32
	// Depth counts the items around the element: 0 at the top level. An item counts
	// itself.
	Depth int
	// Offset is where the header starts and ValueOffset where the value does, in the
	// stream the Scanner was given (after inflation).
	Offset, ValueOffset int64
}

// PixelData reports whether e is one of the pixel data elements (PS3.3 §C.7.6.3,
// §C.7.6.24, §C.7.6.25) at the top level.
func (e Element) PixelData() bool {
	return e.Depth == 0 && (e.Kind == KindValue || e.Kind == KindFragments) && pixelTag(e.Tag)
}

func pixelTag(t tag.Tag) bool {
	return t == tag.PixelData || t == tag.FloatPixelData || t == tag.DoubleFloatPixelData
}
