package preview

// Ref names an instance, the series it belongs to and where its file is.
type Ref struct {
	InstanceID string
	SeriesID   string
	ObjectKey  string
}

// Size is one of the pictures of an instance.
type Size int

// Sizes, each half the next.
const (
	Thumbnail Size = iota // at most 128 pixels a side
	Scroll                // at most 256: what a stack is scrolled through at first
	Preview               // at most 512: made when somebody asks, and not kept on disk
	sizes                 // how many there are
)

// kept is how many of the sizes, from the smallest, are made of every instance
// and kept.
const kept = Preview

// Pixels is the longest side of a picture.
func (s Size) Pixels() int { return 128 << s }

// Placeholder says why an instance has no picture of its own; empty: it has.
type Placeholder string

// Placeholders.
const (
	NoDecoder Placeholder = "no-decoder" // the transfer syntax cannot be decoded yet
	Broken    Placeholder = "broken"     // pixels are damaged, or described wrongly
	NoPixels  Placeholder = "no-pixels"  // the object holds none
	Document  Placeholder = "document"   // a report or an encapsulated document
)

// EventPlaceholder is the kind of the event that tells of an image without a
// picture; whoever is given Options.OnPlaceholder writes it.
const EventPlaceholder = "instance.placeholder"

func (p Placeholder) known() bool {
	return p == NoDecoder || p == Broken || p == NoPixels || p == Document
}

// Picture is an encoded image.
type Picture struct {
	Data        []byte
	ContentType string // image/jpeg
	Placeholder Placeholder
}
