package codec

// Image is one decoded frame. The caller owns it and passes it in again for the
// next frame so that Pix is reused.
type Image struct {
	Config
	// Pix holds Height rows of Width pixels of Samples samples, interleaved,
	// BytesPerSample(Precision) bytes each, little endian, in the low bits.
	// A signed sample (Config.Signed) is sign extended to its bytes.
	Pix []byte
}

// Config is what the header of a stream says of the frame. Zero Width or Height
// means that the stream does not say (RLE).
type Config struct {
	Width, Height int
	Samples       int // components per pixel
	Precision     int // bits per sample as the stream declares them
	Signed        bool
	Lossless      bool // the process used is reversible
	Color         ColorModel
}

// ColorModel is what the stream itself knows about the meaning of its samples.
type ColorModel uint8

// Color models. A hint of the stream never outranks Photometric Interpretation
// for the DCT processes (PS3.5 §8.2.1).
const (
	ColorUnknown ColorModel = iota // the stream says nothing: ask the data set
	ColorGray
	ColorRGB // Adobe transform 0, component identifiers R G B, or RCT/ICT undone
	ColorYBR // JFIF, or Adobe transform 1: YCbCr of ITU-T T.871, full range
	ColorCMYK
)

// BytesPerSample is the size of one sample in Image.Pix.
func BytesPerSample(precision int) int {
	switch {
	case precision <= 8:
		return 1
	case precision <= 16:
		return 2
	default:
		return 4
	}
}

// FrameBytes is the size of Pix that c asks for. The product cannot overflow
// for a Config that passed [Options.Check].
func (c Config) FrameBytes() int {
	return c.Width * c.Height * c.Samples * BytesPerSample(c.Precision)
}

// Reset gives m the shape c and a Pix of that size, reusing its memory when it
// is large enough. The samples are not cleared. Only decoders call it, after
// Options.Check.
func (m *Image) Reset(c Config) {
	n := c.FrameBytes()
	if cap(m.Pix) < n {
		m.Pix = make([]byte, n)
	}
	m.Pix = m.Pix[:n]
	m.Config = c
}
