package pixel

import (
	"context"
	"errors"
	"io"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/uid"
)

// slack is what a compressed frame may have above the size of the limit of
// decoded ones: headers, markers, incompressible noise.
const slack = 1 << 20

// extents are the fragments of frame n.
func (r *Reader) extents(n int) (list []stream.Extent, err error) {
	if r.index == nil {
		if r.index, err = stream.IndexFrames(r.ra, r.size); err != nil {
			return nil, err
		}
	}
	if list, _, err = r.index.Extents(n); err != nil {
		return nil, &FrameError{Frame: n, Offset: r.pixels.Offset, Reason: err.Error(), Err: err}
	}
	return list, nil
}

// fragments reads and joins the fragments of frame n (PS3.5 A.4).
func (r *Reader) fragments(n int) (data []byte, offset int64, err error) {
	extents, err := r.extents(n)
	if err != nil {
		return nil, 0, err
	}
	if len(extents) > 0 {
		offset = extents[0].Offset
	}
	var total int64
	for _, e := range extents {
		if e.Offset+e.Length > r.size {
			return nil, 0, &FrameError{Frame: n, Offset: r.size, Reason: "file ends inside the frame", Err: io.ErrUnexpectedEOF}
		}
		total += e.Length
	}
	if total > r.lim.frameBytes()+slack {
		return nil, 0, &FrameError{Frame: n, Offset: offset, Reason: "compressed frame exceeds the limit"}
	}
	if cap(r.memory.raw) < int(total) {
		r.memory.raw = make([]byte, total)
	}
	data = r.memory.raw[:0]
	for _, e := range extents {
		part := data[len(data) : len(data)+int(e.Length)]
		if err := r.read(n, part, e.Offset); err != nil {
			return nil, 0, err
		}
		data = data[:len(data)+int(e.Length)]
	}
	return data, offset, nil
}

// Encoded gives the code-stream of frame n (from 0) as the object holds it, its
// fragments joined. It is nil for native Pixel Data, and good until the next call.
func (r *Reader) Encoded(ctx context.Context, n int) ([]byte, error) {
	if !r.pixels.Encapsulated || r.meta.TransferSyntaxUID == uid.EncapsulatedUncompressed {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if n < 0 || n >= r.format.Frames {
		return nil, &FormatError{"NumberOfFrames", "has no such frame"}
	}
	data, _, err := r.fragments(n)
	return data, err
}

// EncodedAt tells where in the file the code-stream of frame n (from 0) lies, in its
// fragments one after the other; nil when it is native or broken, which Encoded tells
// apart.
func (r *Reader) EncodedAt(n int) []stream.Extent {
	if !r.pixels.Encapsulated || r.meta.TransferSyntaxUID == uid.EncapsulatedUncompressed || n < 0 || n >= r.format.Frames {
		return nil
	}
	list, err := r.extents(n)
	if err != nil {
		return nil
	}
	for _, e := range list {
		if e.Offset+e.Length > r.size {
			return nil
		}
	}
	return list
}

// encapsulated decodes frame n of compressed Pixel Data, reduced when its decoder and
// code-stream can.
func (r *Reader) encapsulated(ctx context.Context, n, reduce int, dst *Frame) (codec.ColorModel, error) {
	plain := r.meta.TransferSyntaxUID == uid.EncapsulatedUncompressed
	var decoder codec.Decoder
	if !plain {
		if decoder = r.memory.decoder(r.meta.TransferSyntaxUID); decoder == nil {
			return 0, &NoDecoderError{r.meta.TransferSyntaxUID}
		}
	}
	data, offset, err := r.fragments(n)
	if err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if plain {
		return codec.ColorUnknown, r.plain(n, dst, data, offset)
	}
	f := r.format
	if f.planar() && r.meta.TransferSyntaxUID == uid.DeflatedImageFrame {
		return 0, &FrameError{Frame: n, Offset: offset, Reason: "deflated frames of colour by plane are not decoded", Err: codec.ErrUnsupported}
	}
	options := codec.Options{
		MaxPixels: int64(f.Rows) * int64(f.Columns), MaxBytes: r.lim.frameBytes(),
		Width: f.Columns, Height: f.Rows, Samples: f.Samples, BitsAllocated: f.BitsAllocated, Reduce: reduce,
	}
	// The decoder writes into dst's memory and gives it back, grown if need be.
	r.image.Pix = dst.Pix[:0]
	err = decoder.Decode(&r.image, data, options)
	for err != nil && options.Reduce > 0 && errors.Is(err, codec.ErrUnsupported) {
		options.Reduce-- // a stream with fewer levels, or a coder without
		err = decoder.Decode(&r.image, data, options)
	}
	dst.Pix = r.image.Pix
	if err != nil {
		e := &FrameError{Frame: n, Offset: offset, Reason: err.Error(), Err: err}
		var ce *codec.Error
		if errors.As(err, &ce) {
			e.Offset, e.Reason = offset+ce.Offset, ce.Kind.Error()+": "+ce.Reason
		}
		return 0, e
	}
	dst.Rows, dst.Columns = r.image.Height, r.image.Width
	r.fit(dst)
	return r.image.Color, nil
}

// plain is a frame of Encapsulated Uncompressed Explicit VR Little Endian
// (PS3.5 A.4.11): each frame begins its own fragment, bits included.
func (r *Reader) plain(n int, dst *Frame, data []byte, offset int64) error {
	_, length, _ := r.extent(0)
	if int64(len(data)) < length {
		return &FrameError{Frame: n, Offset: offset, Reason: "fragment is shorter than the frame"}
	}
	r.arrange(dst, data[:length], 0)
	return nil
}

// fit brings decoded samples, in cells as the stream's precision asks for, to
// the cells of the data set. A stream with more bits than Bits Allocated keeps
// its own: the header is wrong then, and no sample is cut.
func (r *Reader) fit(dst *Frame) {
	f, img := r.format, &r.image
	have, want := codec.BytesPerSample(img.Precision), cellBytes(f.BitsAllocated)
	switch {
	case f.BitsAllocated == 1:
		return
	case have < want:
		dst.Pix = widen(dst.Pix, have, want, img.Signed)
		img.Pix = dst.Pix
	case have > want:
		dst.BitsAllocated, dst.BitsStored = 8*have, img.Precision
	}
	// Coders that take whole cells (RLE, lossless JPEG of 16 bits) carry what
	// stands above and below the value; others code the value alone.
	if img.Precision <= f.HighBit || dst.BitsAllocated != f.BitsAllocated {
		r.high = dst.BitsStored - 1
	}
}

// widen spreads little endian samples over larger cells, from the end so that
// it can be done in place.
func widen(pix []byte, have, want int, signed bool) []byte {
	n := len(pix) / have
	if cap(pix) < n*want {
		grown := make([]byte, n*want)
		copy(grown, pix)
		pix = grown
	}
	pix = pix[:n*want]
	for i := n - 1; i >= 0; i-- {
		pad := byte(0)
		if signed && pix[i*have+have-1]&0x80 != 0 {
			pad = 0xFF
		}
		copy(pix[i*want:i*want+have], pix[i*have:i*have+have])
		for b := have; b < want; b++ {
			pix[i*want+b] = pad
		}
	}
	return pix
}
