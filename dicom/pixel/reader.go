package pixel

import (
	"context"
	"errors"
	"io"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/registry"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// Reader gives the frames of one Part 10 file in any order. It reads only what
// a frame needs and keeps its buffers from frame to frame.
type Reader struct {
	ra     io.ReaderAt
	size   int64
	lim    Limits
	meta   stream.Meta
	header *dataset.Dataset
	format Format

	pixels  stream.PixelData // where Pixel Data is; not to be read from
	index   *stream.Index    // of encapsulated frames, made when first needed
	memory  *Memory
	own     Memory
	image   codec.Image
	high    int // High Bit of the cells last decoded
	inflate inflated
	palette *Palette
}

// Open reads the header of a Part 10 file of size bytes. Errors: ErrNoPixels,
// *FormatError, *stream.FormatError, or what ra says. A transfer syntax without
// decoder is no error yet: header and format can be had all the same.
func Open(ra io.ReaderAt, size int64) (*Reader, error) { return OpenWithin(ra, size, Limits{}) }

// OpenWithin is Open with limits.
func OpenWithin(ra io.ReaderAt, size int64, lim Limits) (*Reader, error) {
	r := &Reader{ra: ra, size: size, lim: lim}
	r.memory = &r.own
	meta, header, pixels, err := dataset.ReadFile(io.NewSectionReader(ra, 0, size), stream.Limits{})
	if err != nil {
		return nil, err
	}
	r.meta, r.header = meta, header
	if pixels == nil {
		return nil, ErrNoPixels
	}
	if pixels.Tag != tag.PixelData {
		return nil, &FormatError{"PixelData", "floating point pixels are not shown"}
	}
	if ts, known := uid.LookupTransferSyntax(meta.TransferSyntaxUID); known && !ts.Encapsulated && pixels.Encapsulated {
		return nil, &FormatError{"PixelData", "is in fragments, which its transfer syntax has not"}
	}
	r.pixels = *pixels
	if r.format, err = FormatWithin(header, lim); err != nil {
		return nil, err
	}
	return r, nil
}

// Meta is the file meta information.
func (r *Reader) Meta() stream.Meta { return r.meta }

// Header is the data set before Pixel Data. It must not be changed.
func (r *Reader) Header() *dataset.Dataset { return r.header }

// Format describes the pixels.
func (r *Reader) Format() Format { return r.format }

// Overlays are those of the header: see OverlaysOf.
func (r *Reader) Overlays() []Overlay { return OverlaysOf(r.header) }

// Presentation is how frame n (from 0) is to be shown.
func (r *Reader) Presentation(n int) Presentation { return PresentationOf(r.header, n) }

// Displayable tells whether there is a decoder for the frames; the error is
// nil or a *NoDecoderError.
func (r *Reader) Displayable() error {
	if !r.pixels.Encapsulated || r.meta.TransferSyntaxUID == uid.EncapsulatedUncompressed || r.memory.decoders[r.meta.TransferSyntaxUID] != nil {
		return nil
	}
	if _, ok := registry.ForTransferSyntax(r.meta.TransferSyntaxUID); !ok {
		return &NoDecoderError{r.meta.TransferSyntaxUID}
	}
	return nil
}

// Stored decodes frame n (from 0) into dst as the object holds it: whole cells,
// Bits Allocated wide and interleaved, with whatever stands above and below the
// value, signs not extended, colour not converted. This is the form of digests and
// of comparison with other decoders; it is not for Table.
func (r *Reader) Stored(ctx context.Context, n int, dst *Frame) error {
	_, err := r.stored(ctx, n, 0, dst)
	return err
}

// Frame decodes frame n (from 0) into dst for showing: grey samples aligned and
// sign extended as the comment of Frame says, colour of any kind as RGB with 8
// bits.
func (r *Reader) Frame(ctx context.Context, n int, dst *Frame) error {
	return r.FrameReduced(ctx, n, 0, dst)
}

// FrameReduced is Frame at ceil(size / 2^reduce), where the code-stream can be decoded
// so and means of its samples mean something: neither indices of a palette, nor bits,
// nor samples beside which padding stands (PS3.3 C.7.5.1.1.2). Otherwise dst is the
// whole frame. Its Rows and Columns tell.
func (r *Reader) FrameReduced(ctx context.Context, n, reduce int, dst *Frame) error {
	if f := r.format; !r.pixels.Encapsulated || f.Photometric == PaletteColor || f.BitsAllocated == 1 || r.header.Has(tag.PixelPaddingValue) {
		reduce = 0
	}
	model, err := r.stored(ctx, n, reduce, dst)
	if err != nil {
		return err
	}
	if dst.Photometric == PaletteColor && r.palette == nil {
		if r.palette, err = PaletteOf(r.header); err != nil {
			return err
		}
	}
	show(dst, r.high, model, r.palette, &r.memory.raw)
	return nil
}

func (r *Reader) stored(ctx context.Context, n, reduce int, dst *Frame) (codec.ColorModel, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	f := r.format
	if n < 0 || n >= f.Frames {
		return 0, &FormatError{"NumberOfFrames", "has no such frame"}
	}
	dst.Rows, dst.Columns, dst.Samples = f.Rows, f.Columns, f.Samples
	dst.BitsAllocated, dst.BitsStored = f.BitsAllocated, f.BitsStored
	dst.Signed, dst.Photometric = f.Signed(), f.Photometric
	r.high = f.HighBit
	if r.pixels.Encapsulated {
		return r.encapsulated(ctx, n, reduce, dst)
	}
	return codec.ColorUnknown, r.native(n, dst)
}

// read fills p from the file; a file that ends too early is a broken frame.
func (r *Reader) read(n int, p []byte, at int64) error {
	got, err := r.ra.ReadAt(p, at)
	if got == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return &FrameError{Frame: n, Offset: at + int64(got), Reason: "file ends inside the frame", Err: io.ErrUnexpectedEOF}
	}
	return err
}
