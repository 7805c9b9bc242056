package registry

import (
	"bytes"
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
	"github.com/dokuei/dokuei/dicom/codec/jpeg"
	"github.com/dokuei/dokuei/dicom/codec/jpegll"
	"github.com/dokuei/dokuei/dicom/codec/jpegls"
)

// Layout is the order in which a stream carries the samples of a pixel.
type Layout int

// Layouts.
const (
	Interleaved Layout = iota // RGBRGB…
	Planar                    // one component after another
)

// ForStream gives a new Decoder for a bare stream, outside of any data set, by
// what it begins with: T.81 (its SOF marker tells the process), T.87, T.800 and
// T.814, the latter two also inside a JP2 file. False means that it is none of
// these.
func ForStream(src []byte) (codec.Decoder, Layout, bool) {
	switch {
	case bytes.HasPrefix(src, []byte{0xff, 0x4f, 0xff, 0x51}), // SOC SIZ
		bytes.HasPrefix(src, []byte("\x00\x00\x00\x0cjP  \r\n\x87\n")): // T.800 I.5.1
		return new(j2k.Decoder), Planar, true
	case !bytes.HasPrefix(src, []byte{0xff, 0xd8}):
		return nil, 0, false
	}
	var d codec.Decoder
	layout := Interleaved
	for at := 2; at+4 <= len(src) && src[at] == 0xff; {
		marker, segment := src[at+1], src[at+2:]
		if marker == 0xff { // fill byte, T.81 B.1.1.2
			at++
			continue
		}
		n := int(binary.BigEndian.Uint16(segment))
		switch marker {
		case 0xc0, 0xc1, 0xc2, 0xc5, 0xc6, 0xc9, 0xca, 0xcd, 0xce: // SOF of DCT; from SOF5 on it says why not
			d = new(jpeg.Decoder)
		case 0xc3, 0xc7, 0xcb, 0xcf: // of lossless processes
			d = new(jpegll.Decoder)
		case 0xf7: // SOF55, T.87
			d = new(jpegls.Decoder)
		case 0xda: // SOS: T.87 C.2.3 has the interleave mode last but one
			if _, ls := d.(*jpegls.Decoder); ls && n >= 3 && n <= len(segment) && segment[n-2] == 0 {
				layout = Planar
			}
			return d, layout, d != nil
		}
		at += 2 + n
	}
	return nil, 0, false
}
