package htj2k_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/htj2k"
	"github.com/dokuei/dokuei/internal/shareddata"
)

func TestPixels(t *testing.T) {
	codectest.Pixels(t, new(htj2k.Decoder), codectest.Within(1), "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203")
}

func TestStreams(t *testing.T) {
	codectest.Streams(t, new(htj2k.Decoder), "codec/htj2k", "openjpeg-2.5.0")
}

// TestSubsampled compares 4:2:0 frames with the planes they were made from; the
// decoder repeats the samples of the smaller components.
func TestSubsampled(t *testing.T) {
	dir := shareddata.Dir(t)
	if dir == "" {
		t.Skip("no folder of real files")
	}
	for _, name := range []string{"simple_enc_rev53_64x64_yuv.j2c", "simple_dec_rev53_64x64_yuv.jph", "simple_dec_rev53_64x64_tiles_yuv.jph"} {
		src, err := os.ReadFile(filepath.Join(dir, "codec/htj2k", name))
		if err != nil {
			t.Fatal(err)
		}
		var m codec.Image
		if err := new(htj2k.Decoder).Decode(&m, src, codec.Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for c, plane := range []string{"y", "u", "v"} {
			want, err := os.ReadFile(filepath.Join(dir, "codec/htj2k-ref/foreman_420"+plane+".raw"))
			if err != nil {
				t.Fatal(err)
			}
			f := min(c+1, 2)
			for i := range m.Width * m.Height {
				if x, y := i%m.Width, i/m.Width; m.Pix[3*i+c] != want[y/f*(m.Width/f)+x/f] {
					t.Errorf("%s: component %s differs at %d, %d", name, plane, x, y)
					break
				}
			}
		}
	}
}
