package registry_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/jpegls"
	"github.com/dokuei/dokuei/dicom/codec/registry"
	"github.com/dokuei/dokuei/dicom/uid"
)

func TestForTransferSyntax(t *testing.T) {
	t.Parallel()
	for _, ts := range []string{
		uid.RLELossless, uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLossless, uid.JPEGLosslessSV1,
		uid.JPEGLSLossless, uid.JPEGLSNearLossless, uid.JPEG2000Lossless, uid.JPEG2000,
		uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K,
	} {
		d, ok := registry.ForTransferSyntax(ts)
		if !ok || d == nil {
			t.Errorf("%s: no decoder", ts)
		}
		if other, _ := registry.ForTransferSyntax(ts); other == d {
			t.Errorf("%s: two callers share a decoder", ts)
		}
	}
	for _, ts := range []string{uid.ExplicitVRLittleEndian, "", "1.2.3"} {
		if _, ok := registry.ForTransferSyntax(ts); ok {
			t.Errorf("%q: a decoder", ts)
		}
	}
}

// TestForStreamRefused: a process that is not decoded is refused with its place and name.
func TestForStreamRefused(t *testing.T) {
	t.Parallel()
	for _, sof := range []byte{0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf} {
		src := []byte{0xff, 0xd8, 0xff, sof, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0}
		d, _, ok := registry.ForStream(src)
		if !ok {
			t.Errorf("%#x: taken for no JPEG at all", sof)
			continue
		}
		var e *codec.Error
		if err := d.Decode(new(codec.Image), src, codec.Options{}); !errors.As(err, &e) || !errors.Is(err, codec.ErrUnsupported) || e.Offset != 6 {
			t.Errorf("%#x: %v", sof, err)
		}
	}
}

func ExampleForTransferSyntax() {
	frame := codectest.Image(1, 64, 48, 1, 12)
	stream, err := jpegls.Encode(nil, &frame, jpegls.EncodeOptions{})
	if err != nil {
		panic(err)
	}

	decoder, ok := registry.ForTransferSyntax(uid.JPEGLSLossless)
	if !ok {
		panic("no decoder yet")
	}
	var m codec.Image // reused for every frame
	// Width, Height and Samples are what the data set declares.
	if err := decoder.Decode(&m, stream, codec.Options{Width: 64, Height: 48, Samples: 1}); err != nil {
		panic(err)
	}
	fmt.Println(m.Width, m.Height, m.Samples, m.Precision, len(m.Pix))
	// Output: 64 48 1 12 6144
}
