package deident

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/htj2k"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
	"github.com/dokuei/dokuei/dicom/codec/jpegll"
	"github.com/dokuei/dokuei/dicom/codec/jpegls"
	"github.com/dokuei/dokuei/dicom/codec/rle"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// encode appends a frame in a transfer syntax without loss.
type encode func(dst []byte, m *codec.Image) ([]byte, error)

// encoders are the transfer syntaxes in which masked images go on. A new one is made
// for each object: some keep their memory.
var encoders = map[string]func() encode{
	uid.RLELossless:     func() encode { return rle.Encode },
	uid.JPEGLosslessSV1: func() encode { return jpegll.Encode },
	uid.JPEGLSLossless: func() encode {
		return func(dst []byte, m *codec.Image) ([]byte, error) {
			return jpegls.Encode(dst, m, jpegls.EncodeOptions{Interleave: jpegls.InterleaveSample})
		}
	},
	uid.JPEG2000Lossless: func() encode { return new(j2k.Encoder).Encode },
	uid.HTJ2KLossless:    func() encode { return new(htj2k.Encoder).Encode },
}

// frames is how the frames of native pixels are compressed again.
type frames struct {
	ts        string
	encode    encode
	image     codec.Image
	size      int // bytes of a frame
	count     int
	black     []byte // a pixel of masked areas
	allocated int    // bytes of a sample
	stored    uint   // bits of it that count
	signed    bool
	whole     bool // the encoder takes samples as they lie: RLE
}

// again says in what an object that came in a compressed transfer syntax is written
// when its pixels have been changed: in the same when that is lossless and ours to
// write, else in lossless JPEG, which everything reads. It says so in d when the frames
// are in another colour space then. Written native, nil: samples that do not fill the low
// bits or that leave a byte of theirs empty, signed colour, and colour other than RGB and
// YBR_FULL, which the lossless transfer syntaxes do not know (PS3.5 8.2).
func again(from string, d *dataset.Dataset) *frames {
	l, err := layoutOf(d)
	if err != nil || l.per != 1 || len(l.black) != 1 {
		return nil
	}
	samples, ok := d.Int(tag.SamplesPerPixel)
	if !ok {
		samples = 1
	}
	allocated, _ := d.Int(tag.BitsAllocated)
	stored, _ := d.Int(tag.BitsStored)
	high, _ := d.Int(tag.HighBit)
	signed, _ := d.Int(tag.PixelRepresentation)
	color := codec.ColorGray
	switch photometric := d.String(tag.PhotometricInterpretation); {
	case samples == 3 && photometric == "RGB" && signed == 0:
		color = codec.ColorRGB
	case samples == 3 && photometric == "YBR_FULL" && signed == 0:
		color = codec.ColorYBR
	case samples != 1:
		return nil
	}
	if allocated != 8 && allocated != 16 || stored < 2 || stored > allocated || high != stored-1 {
		return nil
	}
	f := frames{ts: from, size: l.size(), count: 1, black: l.black[0], allocated: allocated / 8, stored: uint(stored)}
	if _, ours := encoders[from]; !ours {
		f.ts = uid.JPEGLosslessSV1
	}
	if f.ts != uid.RLELossless && codec.BytesPerSample(stored) != f.allocated {
		return nil
	}
	if n, ok := d.Int(tag.NumberOfFrames); ok {
		f.count = n
	}
	f.signed = signed == 1
	f.encode, f.whole = encoders[f.ts](), f.ts == uid.RLELossless
	f.image.Config = codec.Config{Width: l.columns, Height: l.rows, Samples: samples, Precision: stored, Lossless: true, Color: color}
	switch {
	case f.whole:
		f.image.Precision = allocated
	case f.ts == uid.JPEG2000Lossless || f.ts == uid.HTJ2KLossless:
		f.image.Signed = f.signed // the code-stream says so (PS3.5 8.2.4)
		if color == codec.ColorRGB {
			d.SetString(tag.PhotometricInterpretation, "CS", "YBR_RCT")
		}
	}
	f.image.Pix = make([]byte, f.size)
	return &f
}

// write masks the frames of native little endian pixels and writes them as
// encapsulated pixel data (PS3.5 A.4), a fragment each, with an empty offset table.
func (f *frames) write(to io.Writer, px *stream.PixelData, areas []Area) error {
	w := bufio.NewWriterSize(to, 32<<10)
	header(w, px.Tag, stream.OB, stream.Undefined)
	item(w, tag.Item, 0)
	in := swapped(px)
	var coded []byte
	for range f.count {
		if _, err := io.ReadFull(in, f.image.Pix); err != nil {
			return errors.Join(errShort, err)
		}
		Blank(f.image.Pix, f.image.Height, f.image.Width, f.black, areas)
		if !f.whole {
			f.settle()
		}
		var err error
		if coded, err = f.encode(coded[:0], &f.image); err != nil {
			return err
		}
		if len(coded)%2 == 1 {
			coded = append(coded, 0)
		}
		item(w, tag.Item, uint32(len(coded)))
		if _, err := w.Write(coded); err != nil {
			return err
		}
	}
	item(w, tag.SequenceDelimitationItem, 0)
	if _, err := io.Copy(io.Discard, in); err != nil { // padding
		return err
	}
	return errors.Join(px.Finish(), w.Flush())
}

var errShort = errors.New("deident: the pixel data ends before its last frame")

// settle takes away what stands above the stored bits, or extends the sign over them
// where the stream says that samples are signed.
func (f *frames) settle() {
	mask := uint16(1)<<f.stored - 1
	if f.stored == 16 {
		mask = 0xFFFF
	}
	sign := uint16(1) << (f.stored - 1)
	for i := 0; i+f.allocated <= len(f.image.Pix); i += f.allocated {
		var v uint16
		if f.allocated == 2 {
			v = binary.LittleEndian.Uint16(f.image.Pix[i:])
		} else {
			v = uint16(f.image.Pix[i])
		}
		if v &= mask; f.image.Signed && v&sign != 0 {
			v |= ^mask
		}
		if f.allocated == 2 {
			binary.LittleEndian.PutUint16(f.image.Pix[i:], v)
		} else {
			f.image.Pix[i] = byte(v)
		}
	}
}
