package codec

// Default limits, for zero fields of Options: a frame may have 2^25 pixels (5792
// squared: larger than CT, MR, DX and MG frames are) and 64 MiB of samples, so
// that with the work space of the hungriest codec a decode stays near 256 MiB.
const (
	DefaultMaxPixels = 1 << 25
	DefaultMaxBytes  = 64 << 20
)

// Options bound a decode and carry what the data set says of the frame. The
// zero value is usable for every codec but RLE, whose stream has no dimensions.
type Options struct {
	MaxPixels int64 // Width × Height; 0 means DefaultMaxPixels
	MaxBytes  int64 // size of Image.Pix; 0 means DefaultMaxBytes

	// What the data set declares: Columns, Rows, Samples per Pixel. Zero means
	// unknown. A stream that says otherwise is refused with ErrMismatch before
	// anything of its size is allocated.
	Width, Height, Samples int

	// BitsAllocated (0028,0100), needed by RLE only.
	BitsAllocated int

	// Reduce is the number of highest resolution levels to leave out, for the
	// codecs that have levels (j2k, htj2k; jpeg has three by the size of its
	// transform): the image is ceil(size / 2^Reduce). A stream with fewer levels
	// gives ErrUnsupported; other codecs do so for every value above zero.
	Reduce int
}

// Check tells whether a frame of shape c, as declared by a header at offset, is
// within o. Dimensions are those of the full frame, before Reduce.
func (o Options) Check(c Config, offset int64) error {
	if c.Width <= 0 || c.Height <= 0 || c.Samples <= 0 || c.Precision <= 0 {
		return Errorf(ErrCorrupt, offset, "frame of %d × %d pixels of %d samples of %d bits", c.Width, c.Height, c.Samples, c.Precision)
	}
	if (o.Width != 0 && o.Width != c.Width) || (o.Height != 0 && o.Height != c.Height) {
		return Errorf(ErrMismatch, offset, "stream has %d × %d pixels, the data set %d × %d", c.Width, c.Height, o.Width, o.Height)
	}
	if o.Samples != 0 && o.Samples != c.Samples {
		return Errorf(ErrMismatch, offset, "stream has %d samples per pixel, the data set %d", c.Samples, o.Samples)
	}
	maxPixels, maxBytes := o.MaxPixels, o.MaxBytes
	if maxPixels <= 0 {
		maxPixels = DefaultMaxPixels
	}
	if maxBytes <= 0 {
		maxBytes = DefaultMaxBytes
	}
	// Width and Height are at most 2^32-1 in any of the standards, so the
	// quotients below are exact comparisons without overflow.
	if int64(c.Width) > maxPixels/int64(c.Height) {
		return Errorf(ErrLimit, offset, "%d × %d pixels exceed the limit of %d", c.Width, c.Height, maxPixels)
	}
	perPixel := int64(c.Samples) * int64(BytesPerSample(c.Precision))
	if int64(c.Width)*int64(c.Height) > maxBytes/perPixel {
		return Errorf(ErrLimit, offset, "%d × %d pixels of %d bytes exceed the limit of %d bytes", c.Width, c.Height, perPixel, maxBytes)
	}
	return nil
}
