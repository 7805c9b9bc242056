package transcode

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/registry"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// decodable says whether the frames of an encapsulated transfer syntax can be
// decoded here.
func decodable(ts string) bool {
	_, ok := registry.ForTransferSyntax(ts)
	return ok
}

const (
	maxFrame = 128 << 20 // bytes of a decoded frame
	slack    = 1 << 20   // what a compressed frame may have above the decoded one
)

// decoding is the part of a rewriter that turns encapsulated Pixel Data (PS3.5
// A.4) into native Pixel Data, a frame at a time, and the attributes that describe
// it (PS3.3 C.7.6.3) with it.
type decoding struct {
	from    string
	decoder codec.Decoder
	image   codec.Image
	raw     []byte // one compressed frame

	rows, columns, samples, allocated int
	photometric                       string
	frames                            int
	offsets                           []uint64 // of the frames' first items, from the first item after the table; may be empty
	lossy                             bool     // (0028,2110) has been written
	planes                            bool     // the samples of a frame come by plane, and go so
}

func newDecoding(from string) *decoding {
	d, ok := registry.ForTransferSyntax(from)
	if !ok {
		return nil
	}
	return &decoding{from: from, decoder: d, samples: 1, frames: 1}
}

// dct: the process is lossy and leaves the colour space to Photometric
// Interpretation (PS3.5 8.2.1).
func dct(ts string) bool {
	switch ts {
	case uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGExtended35, uid.JPEGSpectralSelection68,
		uid.JPEGSpectralSelection79, uid.JPEGFullProgression1012, uid.JPEGFullProgression1113:
		return true
	}
	return false
}

// colour is the Photometric Interpretation of the decoded frames. What only exists
// compressed becomes RGB (PS3.3 C.7.6.3.1.2); YBR_FULL of a reversible process
// stays as it is.
func (d *decoding) colour() string {
	switch d.photometric {
	case "YBR_ICT", "YBR_RCT", "YBR_FULL_422", "YBR_PARTIAL_422":
		return "RGB"
	case "YBR_FULL":
		if dct(d.from) {
			return "RGB"
		}
	}
	return d.photometric
}

var (
	extendedOffsetTable        = tag.New(0x7FE0, 0x0001)
	extendedOffsetTableLengths = tag.New(0x7FE0, 0x0002)
	encapsulatedLength         = tag.New(0x7FE0, 0x0003)
)

// described handles an attribute of the top level that describes the pixels, or
// that only belongs to compressed ones. done: it has been written or left out.
func (x *rewriter) described(e stream.Element) (done bool, err error) {
	d := x.decode
	if err := x.markLossy(e.Tag); err != nil {
		return false, err
	}
	if e.Kind != stream.KindValue {
		return false, nil
	}
	switch e.Tag {
	case tag.SamplesPerPixel, tag.Rows, tag.Columns, tag.BitsAllocated, tag.PlanarConfiguration:
		b, err := x.s.Value()
		if err != nil || len(b) < 2 {
			return true, errors.Join(err, short(len(b), 2))
		}
		v := int(binary.LittleEndian.Uint16(b))
		switch e.Tag {
		case tag.SamplesPerPixel:
			d.samples = v
		case tag.Rows:
			d.rows = v
		case tag.Columns:
			d.columns = v
		case tag.BitsAllocated:
			d.allocated = v
		case tag.PlanarConfiguration:
			// What a decoder gives is interleaved; only a deflated frame is as it would be
			// without compression (PS3.5 8.2.16).
			if d.planes = v == 1 && d.from == uid.DeflatedImageFrame; !d.planes {
				v = 0
			}
		}
		return true, x.bytes(e.Tag, stream.US, []byte{byte(v), byte(v >> 8)})
	case tag.NumberOfFrames, tag.PhotometricInterpretation:
		b, err := x.s.Value()
		if err != nil {
			return true, err
		}
		v := strings.Trim(string(b), " \x00")
		if e.Tag == tag.PhotometricInterpretation {
			d.photometric = strings.ToUpper(v)
			return true, x.text(e.Tag, stream.CS, d.colour())
		}
		if n, err := strconv.Atoi(v); err == nil && n > 0 {
			d.frames = n
		}
		return true, x.text(e.Tag, stream.IS, v)
	case extendedOffsetTable:
		b, err := x.s.Value()
		if err != nil {
			return true, err
		}
		for ; len(b) >= 8; b = b[8:] {
			d.offsets = append(d.offsets, binary.LittleEndian.Uint64(b))
		}
		return true, nil
	case extendedOffsetTableLengths, encapsulatedLength:
		return true, nil // the scanner skips the value
	case tag.LossyImageCompression:
		return d.lossy, nil
	}
	return false, nil
}

// markLossy writes, before the first element that stands behind it, that the pixels
// have been through a lossy process (PS3.3 C.7.6.1.1.5).
func (x *rewriter) markLossy(next tag.Tag) error {
	d := x.decode
	if d.lossy || !dct(d.from) || next < tag.LossyImageCompression {
		return nil
	}
	d.lossy = true
	return x.text(tag.LossyImageCompression, stream.CS, "01")
}

func short(have, want int) error {
	if have < want {
		return fmt.Errorf("transcode: value of %d bytes, must be %d", have, want)
	}
	return nil
}

// text writes a short value of characters.
func (x *rewriter) text(t tag.Tag, vr stream.VR, v string) error {
	if len(v)%2 == 1 {
		v += " "
	}
	return x.bytes(t, vr, []byte(v))
}

func (x *rewriter) bytes(t tag.Tag, vr stream.VR, v []byte) error {
	if err := x.element8(t, vr, uint32(len(v))); err != nil {
		return err
	}
	_, err := x.w.Write(v)
	return err
}

// frameBytes checks what describes the frames and gives the size of one.
func (d *decoding) frameBytes() (int64, error) {
	n := int64(d.rows) * int64(d.columns) * int64(d.samples) * int64(d.allocated/8)
	switch {
	case n <= 0, d.samples > 4, d.allocated != 8 && d.allocated != 16 && d.allocated != 32, n > maxFrame:
		return 0, fmt.Errorf("transcode: frames of %d × %d pixels of %d samples of %d bits are not decoded", d.columns, d.rows, d.samples, d.allocated)
	case d.colour() != d.photometric && d.planes:
		return 0, errors.New("transcode: luminance and chrominance by plane are not converted")
	case d.colour() != d.photometric && (d.samples != 3 || d.allocated != 8):
		return 0, fmt.Errorf("transcode: %d samples of %d bits do not go with a colour space of luminance and chrominance", d.samples, d.allocated)
	case n*int64(d.frames)+1 >= stream.Undefined:
		return 0, fmt.Errorf("transcode: %d frames do not fit into native pixel data (PS3.5 7.1)", d.frames)
	}
	return n, nil
}

// pixels decodes the fragments behind e.
func (x *rewriter) pixels(e stream.Element) error {
	d := x.decode
	if err := x.markLossy(e.Tag); err != nil {
		return err
	}
	size, err := d.frameBytes()
	if err != nil {
		return err
	}
	vr := stream.OW
	if d.allocated == 8 {
		vr = stream.OB
	}
	total := size * int64(d.frames)
	if err := x.element8(e.Tag, vr, uint32(total+total&1)); err != nil {
		return err
	}
	written := 0
	err = x.frames(func(frame []byte) error {
		if written == d.frames {
			return fmt.Errorf("transcode: more than the %d frames the header tells of", d.frames)
		}
		written++
		pix, err := d.frame(frame, size)
		if err == nil {
			_, err = x.w.Write(pix)
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case written < d.frames:
		return fmt.Errorf("transcode: %d frames, the header tells of %d", written, d.frames)
	case total%2 == 1:
		return x.w.WriteByte(0)
	}
	return nil
}

// frames joins fragments to frames (PS3.5 A.4): by the offset table when there is
// one; RLE has a fragment a frame (A.4.2); else a frame ends where its stream does.
func (x *rewriter) frames(each func([]byte) error) error {
	d := x.decode
	table, at := true, uint64(0)
	d.raw = d.raw[:0]
	starts := map[uint64]bool{}
	for {
		e, err := x.s.Next()
		if err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		if e.Kind == stream.KindFragmentsEnd {
			if len(d.raw) > 0 {
				return each(d.raw)
			}
			return nil
		}
		if table {
			table = false
			b, err := x.s.Value()
			if err != nil {
				return err
			}
			for ; len(b) >= 4 && len(d.offsets) < d.frames; b = b[4:] {
				d.offsets = append(d.offsets, uint64(binary.LittleEndian.Uint32(b)))
			}
			if len(d.offsets) == d.frames {
				for _, o := range d.offsets {
					starts[o] = true
				}
			}
			continue
		}
		if len(d.raw) > 0 && x.complete(starts, at) {
			if err := each(d.raw); err != nil {
				return err
			}
			d.raw = d.raw[:0]
		}
		if err := d.append(x.s.ValueReader(), int64(e.Length)); err != nil {
			return err
		}
		at += 8 + uint64(e.Length)
	}
}

// complete says whether what is in raw is a frame, the next fragment being at an
// offset.
func (x *rewriter) complete(starts map[uint64]bool, at uint64) bool {
	d := x.decode
	switch {
	case len(starts) > 1:
		return starts[at]
	case d.frames == 1:
		return false
	case d.from == uid.RLELossless:
		return true
	}
	end := strings.TrimRight(string(d.raw[max(len(d.raw)-4, 0):]), "\x00")
	return strings.HasSuffix(end, "\xFF\xD9") // EOI of T.81 and T.87, EOC of T.800
}

// append reads a fragment behind what is there of its frame.
func (d *decoding) append(r io.Reader, length int64) error {
	if int64(len(d.raw))+length > maxFrame+slack {
		return errors.New("transcode: compressed frame is too long")
	}
	// The memory grows with what has come, not with what the length promises.
	const step = 1 << 20
	for length > 0 {
		n := int(min(length, step))
		begin := len(d.raw)
		d.raw = append(d.raw, make([]byte, n)...)
		if _, err := io.ReadFull(r, d.raw[begin:]); err != nil {
			return err
		}
		length -= int64(n)
	}
	return nil
}

// frame decodes one frame into cells of Bits Allocated.
func (d *decoding) frame(src []byte, size int64) ([]byte, error) {
	err := d.decoder.Decode(&d.image, src, codec.Options{
		MaxPixels: int64(d.rows) * int64(d.columns), MaxBytes: maxFrame,
		Width: d.columns, Height: d.rows, Samples: d.samples, BitsAllocated: d.allocated,
	})
	if err != nil {
		return nil, err
	}
	pix := d.image.Pix
	if have, want := codec.BytesPerSample(d.image.Precision), d.allocated/8; have < want {
		pix = d.widen(pix, have, want)
	}
	if int64(len(pix)) != size {
		return nil, fmt.Errorf("transcode: samples of %d bits do not fit into %d allocated", d.image.Precision, d.allocated)
	}
	if d.colour() != d.photometric && d.image.Color != codec.ColorRGB {
		switch d.photometric {
		case "YBR_FULL", "YBR_FULL_422":
			codec.YBRToRGB(pix)
		case "YBR_PARTIAL_422":
			return nil, errors.New("transcode: YBR_PARTIAL_422 is not converted")
		}
	}
	return pix, nil
}

// widen spreads little endian samples over larger cells.
func (d *decoding) widen(pix []byte, have, want int) []byte {
	n := len(pix) / have
	wide := make([]byte, n*want)
	for i := range n {
		cell := wide[i*want : (i+1)*want]
		copy(cell, pix[i*have:(i+1)*have])
		if d.image.Signed && cell[have-1]&0x80 != 0 {
			for b := have; b < want; b++ {
				cell[b] = 0xFF
			}
		}
	}
	return wide
}
