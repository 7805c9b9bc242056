package pixel

import (
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Limits bound what Open accepts. A zero field has the value said.
type Limits struct {
	MaxFrameBytes int64 // of one decoded frame; 128 MiB
	MaxFrames     int   // 1 Mi
}

func (l Limits) frameBytes() int64 {
	if l.MaxFrameBytes > 0 {
		return l.MaxFrameBytes
	}
	return 128 << 20
}

func (l Limits) frames() int {
	if l.MaxFrames > 0 {
		return l.MaxFrames
	}
	return 1 << 20
}

// Format is the Image Pixel Module (PS3.3 C.7.6.3) of an object, checked: any
// Format that FormatOf returns describes frames that fit into memory.
type Format struct {
	Rows, Columns       int
	Samples             int // Samples per Pixel (0028,0002): 1 or 3
	BitsAllocated       int // 1, 8, 16 or 32
	BitsStored          int // 1 … BitsAllocated
	HighBit             int
	PixelRepresentation int // 0 unsigned, 1 two's complement
	PlanarConfiguration int
	Photometric         string
	Frames              int
}

// Signed tells whether samples are two's complement.
func (f Format) Signed() bool { return f.PixelRepresentation == 1 }

// FrameBytes is the size of a decoded frame with cells as allocated; one bit
// cells take a byte.
func (f Format) FrameBytes() int64 {
	return int64(f.Rows) * int64(f.Columns) * int64(f.Samples) * int64(cellBytes(f.BitsAllocated))
}

// Interleaved is f for samples as decoders give them, when they are decoded.
func (f Format) Interleaved(decoded bool) Format {
	if decoded {
		f.PlanarConfiguration = 0
	}
	return f
}

// FormatOf reads and checks the Image Pixel Module with default limits. The
// error is a *FormatError.
func FormatOf(d *dataset.Dataset) (Format, error) { return FormatWithin(d, Limits{}) }

// FormatWithin is FormatOf with limits.
func FormatWithin(d *dataset.Dataset, lim Limits) (Format, error) {
	var f Format
	for _, a := range []struct {
		t       tag.Tag
		name    string
		to      *int
		lo, hi  int
		missing int // value when absent; lo-1: the attribute is needed
	}{
		{tag.Rows, "Rows", &f.Rows, 1, 65535, 0},
		{tag.Columns, "Columns", &f.Columns, 1, 65535, 0},
		{tag.SamplesPerPixel, "SamplesPerPixel", &f.Samples, 1, 4, 1},
		{tag.BitsAllocated, "BitsAllocated", &f.BitsAllocated, 1, 64, 0},
		{tag.PixelRepresentation, "PixelRepresentation", &f.PixelRepresentation, 0, 1, 0},
		{tag.PlanarConfiguration, "PlanarConfiguration", &f.PlanarConfiguration, 0, 1, 0},
	} {
		v, ok := d.Int(a.t)
		switch {
		case !ok && a.missing < a.lo:
			return Format{}, &FormatError{a.name, "is missing"}
		case !ok:
			v = a.missing
		case v < a.lo || v > a.hi:
			return Format{}, &FormatError{a.name, strconv.Itoa(v) + " is outside " + strconv.Itoa(a.lo) + " to " + strconv.Itoa(a.hi)}
		}
		*a.to = v
	}
	if err := f.bits(d); err != nil {
		return Format{}, err
	}
	if err := f.photometric(d); err != nil {
		return Format{}, err
	}
	f.Frames = 1
	if n, ok := d.Int(tag.NumberOfFrames); ok && n > 0 { // 0 is written by some for one
		f.Frames = n
	}
	if f.Frames > lim.frames() {
		return Format{}, &FormatError{"NumberOfFrames", strconv.Itoa(f.Frames) + " exceeds the limit of " + strconv.Itoa(lim.frames())}
	}
	n := f.FrameBytes()
	if f.Photometric == PaletteColor { // shown as RGB
		n = max(n, 3*int64(f.Rows)*int64(f.Columns))
	}
	if n > lim.frameBytes() {
		return Format{}, &FormatError{"Rows", strconv.FormatInt(n, 10) + " bytes of a frame exceed the limit of " + strconv.FormatInt(lim.frameBytes(), 10)}
	}
	return f, nil
}

// bits settles the cell (PS3.5 8.1.1). A Bits Stored or High Bit that is
// missing or does not fit into the cell is taken for the usual one, as every
// other reader does: only Bits Allocated decides where samples lie.
func (f *Format) bits(d *dataset.Dataset) error {
	switch f.BitsAllocated {
	case 1, 8, 16, 32:
	default:
		return &FormatError{"BitsAllocated", strconv.Itoa(f.BitsAllocated) + " is not 1, 8, 16 or 32"}
	}
	f.BitsStored = f.BitsAllocated
	if v, ok := d.Int(tag.BitsStored); ok && v >= 1 && v <= f.BitsAllocated {
		f.BitsStored = v
	}
	f.HighBit = f.BitsStored - 1
	if v, ok := d.Int(tag.HighBit); ok && v >= f.BitsStored-1 && v < f.BitsAllocated {
		f.HighBit = v
	}
	return nil
}

// photometric checks Photometric Interpretation against Samples per Pixel
// (PS3.3 C.7.6.3.1.2).
func (f *Format) photometric(d *dataset.Dataset) error {
	f.Photometric = strings.ToUpper(d.String(tag.PhotometricInterpretation))
	switch f.Photometric {
	case "":
		f.Photometric = Monochrome2
		if f.Samples == 3 {
			f.Photometric = RGB
		}
	case Monochrome1, Monochrome2, PaletteColor, RGB, YBRFull, YBRFull422, YBRPartial422, YBRICT, YBRRCT:
	default:
		// The value comes from the file and may be anything: it is not repeated.
		return &FormatError{"PhotometricInterpretation", "is none that can be shown"}
	}
	want := 3
	switch f.Photometric {
	case Monochrome1, Monochrome2, PaletteColor:
		want = 1
	}
	if f.Samples != want {
		return &FormatError{"SamplesPerPixel", strconv.Itoa(f.Samples) + " does not go with the photometric interpretation"}
	}
	if f.Samples == 3 && f.BitsAllocated == 1 {
		return &FormatError{"BitsAllocated", "1 does not go with colour"}
	}
	return nil
}
