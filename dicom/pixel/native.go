package pixel

import (
	"errors"
	"io"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
)

// subsampled tells whether native frames, together of length bytes, have the layout of
// YBR_FULL_422: two bytes to a pixel. Objects that claim it and have three bytes to a
// pixel are common; their length gives them away.
func (f Format) subsampled(length int64) bool {
	if f.Photometric != YBRFull422 && f.Photometric != YBRPartial422 || f.BitsAllocated != 8 {
		return false
	}
	return length < int64(f.Frames)*f.FrameBytes()
}

// rowOf422 is the number of bytes in a row of YBR_FULL_422 (PS3.3 C.7.6.3.1.2).
func (f Format) rowOf422() int { return (f.Columns + 1) / 2 * 4 }

// NativeBytes is the size of the frames of native Pixel Data of length bytes as they are
// stored, which are all there when it is not more than length.
func (f Format) NativeBytes(length int64) int64 {
	if f.subsampled(length) {
		return int64(f.Frames) * int64(f.Rows) * int64(f.rowOf422())
	}
	return int64(f.Frames) * f.FrameBytes()
}

func (r *Reader) subsampled() bool {
	if r.pixels.Encapsulated {
		return r.format.subsampled(0)
	}
	return r.format.subsampled(r.pixels.Length)
}

// extent is where native frame n lies: bytes from the start of the value and,
// for cells of one bit, bits to skip in the first byte.
func (r *Reader) extent(n int) (start, length int64, skip int) {
	f := r.format
	cells := int64(f.Rows) * int64(f.Columns) * int64(f.Samples)
	switch {
	case f.BitsAllocated == 1:
		first := int64(n) * cells
		return first / 8, (first+cells+7)/8 - first/8, int(first % 8)
	case r.subsampled():
		length = int64(f.Rows) * int64(f.rowOf422())
	default:
		length = f.FrameBytes()
	}
	return int64(n) * length, length, 0
}

// native reads frame n of uncompressed Pixel Data.
func (r *Reader) native(n int, dst *Frame) error {
	start, length, skip := r.extent(n)
	// OW is a row of 16 bit words whatever the cells (PS3.5 8.1.2, A.3): cells of
	// 1 and 8 bits are swapped in pairs, so the frame is read from a word's start to
	// a word's end, and those of 32 bits half by half, as DCMTK and GDCM do.
	swap := 0
	if r.pixels.BigEndian {
		switch {
		case r.pixels.VR == stream.OW:
			swap = 2
		case r.format.BitsAllocated > 8:
			swap = r.format.BitsAllocated / 8
		}
	}
	from, to := start, start+length
	if swap == 2 {
		from, to = from&^1, (to+1)&^1
	}
	if start+length > r.pixels.Length {
		return &FrameError{Frame: n, Offset: r.pixels.Offset + r.pixels.Length, Reason: "Pixel Data is shorter than its frames"}
	}
	to = min(to, r.pixels.Length)
	syntax := stream.SyntaxFor(r.meta.TransferSyntaxUID)
	if !syntax.Deflated && r.pixels.Offset+to > r.size {
		return &FrameError{Frame: n, Offset: r.size, Reason: "file ends inside the frame", Err: io.ErrUnexpectedEOF}
	}

	// Whole cells in pixel order are read where they stay.
	direct := r.format.BitsAllocated > 1 && !r.subsampled() && !r.format.planar() && from == start && to == start+length
	buf := &r.memory.raw
	if direct {
		buf = &dst.Pix
	}
	size := int(to - from)
	if cap(*buf) < size {
		*buf = make([]byte, size)
	}
	*buf = (*buf)[:size]
	var err error
	if syntax.Deflated {
		err = r.inflate.read(r, n, *buf, from)
	} else {
		err = r.read(n, *buf, r.pixels.Offset+from)
	}
	if err != nil {
		return err
	}
	if swap > 0 {
		swapCells(*buf, swap)
	}
	r.arrange(dst, (*buf)[start-from:], skip)
	return nil
}

// planar tells whether the samples of native frames come in planes.
func (f Format) planar() bool { return f.PlanarConfiguration == 1 && f.Samples > 1 }

// arrange brings the bytes of a native frame into the form of Frame. raw may be
// dst.Pix itself, when nothing has to move.
func (r *Reader) arrange(dst *Frame, raw []byte, skip int) {
	f := r.format
	switch {
	case f.BitsAllocated == 1:
		dst.resize(dst.Pixels())
		unpackBits(dst.Pix, raw, skip, dst.Pixels())
		return
	case r.subsampled():
		dst.resize(int(f.FrameBytes()))
		width := f.rowOf422()
		for y := range f.Rows {
			expand422(dst.Pix[3*y*f.Columns:3*(y+1)*f.Columns], raw[y*width:(y+1)*width])
		}
		return
	case f.planar():
		dst.resize(int(f.FrameBytes()))
		interleave(dst.Pix, raw[:len(dst.Pix)], f.Samples, cellBytes(f.BitsAllocated))
	case len(dst.Pix) == 0 || &dst.Pix[0] != &raw[0]:
		dst.resize(int(f.FrameBytes()))
		copy(dst.Pix, raw)
	default:
		dst.Pix = dst.Pix[:f.FrameBytes()]
	}
}

// inflated reads the Pixel Data of a deflated data set (PS3.5 A.5) forwards:
// frames asked for in order cost one pass, a step back begins anew. Memory
// stays that of one frame whatever the data set unfolds to.
type inflated struct {
	r   io.Reader
	pos int64
}

func (d *inflated) read(r *Reader, n int, p []byte, at int64) error {
	if d.r == nil || d.pos > at {
		_, _, pixels, err := dataset.ReadFile(io.NewSectionReader(r.ra, 0, r.size), stream.Limits{})
		if err != nil {
			return err
		}
		d.r, d.pos = pixels.Reader(), 0
	}
	skipped, err := io.CopyN(io.Discard, d.r, at-d.pos)
	d.pos += skipped
	if err == nil {
		var got int
		got, err = io.ReadFull(d.r, p)
		d.pos += int64(got)
	}
	if err == nil {
		return nil
	}
	pos := d.pos
	d.r = nil
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &FrameError{Frame: n, Offset: r.pixels.Offset + pos, Reason: "deflated data set ends inside the frame", Err: io.ErrUnexpectedEOF}
	}
	return &FrameError{Frame: n, Offset: r.pixels.Offset + pos, Reason: err.Error(), Err: err}
}
