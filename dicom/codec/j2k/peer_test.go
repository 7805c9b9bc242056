package j2k_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
)

// peerFrames are frames of all kinds that an object may have, some of them with
// samples that make the bit-planes of every band necessary.
func peerFrames() map[string]codec.Image {
	frames := make(map[string]codec.Image)
	for i, c := range []struct {
		w, h, samples, precision int
		signed, rgb              bool
	}{
		{64, 64, 1, 8, false, false},
		{201, 130, 1, 16, false, false},
		{200, 131, 1, 16, true, false},
		{129, 300, 1, 12, false, false},
		{97, 55, 3, 8, false, true},
		{97, 55, 3, 8, false, false},
		{1, 33, 1, 8, false, false},
		{33, 1, 1, 12, false, false},
		{1, 1, 1, 16, false, false},
		{700, 513, 1, 10, false, false},
		{41, 37, 7, 9, false, false},
		{20, 20, 16, 8, false, false},
	} {
		m := codectest.Image(uint64(i), c.w, c.h, c.samples, c.precision)
		m.Signed = c.signed
		codectest.ExtendSign(&m)
		if c.rgb {
			m.Color = codec.ColorRGB
		}
		frames[fmt.Sprintf("%dx%dx%d-%d-%v-%v", c.w, c.h, c.samples, c.precision, c.signed, c.rgb)] = m
	}
	for precision := 1; precision <= 16; precision++ {
		for i, size := range [][2]int{{1, 1}, {1, 37}, {37, 1}, {63, 65}} {
			m := codectest.Image(uint64(precision), size[0], size[1], 1+2*(precision&1), precision)
			m.Signed = (precision+i)%3 == 0
			codectest.ExtendSign(&m)
			if m.Samples == 3 && i%2 == 0 {
				m.Color = codec.ColorRGB
			}
			frames[fmt.Sprintf("%dx%dx%d-%d-%v-odd", size[0], size[1], m.Samples, precision, m.Signed)] = m
		}
	}
	frames["257 components"] = codectest.Image(3, 2, 3, 257, 8)
	board := codec.Image{Config: codec.Config{Width: 128, Height: 96, Samples: 1, Precision: 16, Lossless: true, Color: codec.ColorGray}}
	for y := range board.Height {
		for x := range board.Width {
			v := byte((x*x/7 ^ y*y/5 ^ x ^ y) & 1 * 255)
			board.Pix = append(board.Pix, v, v)
		}
	}
	frames["extremes"] = board
	frames["blank"] = codec.Image{
		Config: codec.Config{Width: 80, Height: 70, Samples: 1, Precision: 12, Lossless: true, Color: codec.ColorGray},
		Pix:    make([]byte, 80*70*2),
	}
	return frames
}

// TestOpenJPEG lets OpenJPEG, when it is installed, decode what Encoder writes.
func TestOpenJPEG(t *testing.T) {
	t.Parallel()
	opj, err := exec.LookPath("opj_decompress")
	if err != nil {
		t.Skip("opj_decompress (libopenjp2-tools) is not installed")
	}
	for _, high := range []bool{false, true} {
		e := &j2k.Encoder{HighThroughput: high}
		for name, m := range peerFrames() {
			src, err := e.Encode(nil, &m)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			in, out := filepath.Join(dir, "in.j2k"), filepath.Join(dir, "out.rawl")
			if err := os.WriteFile(in, src, 0o600); err != nil {
				t.Fatal(err)
			}
			if text, err := exec.Command(opj, "-i", in, "-o", out).CombinedOutput(); err != nil {
				t.Errorf("%s, high throughput %v: %v: %s", name, high, err, text)
				continue
			}
			got, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			if want := unextended(&m); !bytes.Equal(got, want) {
				t.Errorf("%s, high throughput %v: OpenJPEG decodes other samples (%d bytes, %d expected)", name, high, len(got), len(want))
			}
		}
	}
}

// unextended are the planes of m as opj_decompress writes them: without the signs above
// the precision.
func unextended(m *codec.Image) []byte {
	out := codectest.Planes(m)
	if m.Precision <= 8 {
		for i := range out {
			out[i] &= 1<<m.Precision - 1
		}
		return out
	}
	for i := 1; i < len(out); i += 2 {
		out[i] &= 1<<(m.Precision-8) - 1
	}
	return out
}
