package htj2k_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/htj2k"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
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

// TestEncodeReal encodes every fourth of the lossless frames of the folder as
// HTJ2K and as JPEG 2000: they come back as they were.
func TestEncodeReal(t *testing.T) {
	dir := shareddata.Dir(t)
	if dir == "" {
		t.Skip("no folder of real files")
	}
	var high htj2k.Encoder
	var part1 j2k.Encoder
	d := newDecoder()
	var m, again codec.Image
	var src []byte
	frames, samples, coded := 0, 0, [2]int{}
	all := codectest.Rows(t, dir, "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201")
	for i, key := range slices.Sorted(maps.Keys(all)) {
		rows := all[key]
		if i%4 != 0 || rows[0].Frame > 0 {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, rows[0].Path))
		if err != nil {
			t.Fatal(err)
		}
		f, err := codectest.ParseFile(b)
		if err != nil {
			continue // in a form that only dicom/pixel reads
		}
		stream, err := f.Stream(0)
		if err != nil {
			t.Fatal(err)
		}
		if d.Decode(&m, stream, codec.Options{}) != nil || !m.Lossless {
			continue // TestPixels judges it
		}
		for kind, encode := range []func([]byte, *codec.Image) ([]byte, error){high.Encode, part1.Encode} {
			if src, err = encode(src[:0], &m); err != nil {
				t.Fatalf("%s: %v", rows[0].Path, err)
			}
			if err := d.Decode(&again, src, codec.Options{}); err != nil || again.Config != m.Config || !bytes.Equal(again.Pix, m.Pix) {
				t.Errorf("%s: %v, or %+v became %+v, or other samples", rows[0].Path, err, m.Config, again.Config)
			}
			coded[kind] += len(src)
		}
		frames++
		samples += len(m.Pix)
	}
	t.Logf("%d frames, %d bytes of samples: HTJ2K %d, JPEG 2000 %d bytes", frames, samples, coded[0], coded[1])
	if frames == 0 {
		t.Error("no frame encoded")
	}
}
