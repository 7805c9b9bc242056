package htj2k_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/htj2k"
)

// TestOpenJPH lets OpenJPH, when it is installed, decode what Encoder writes.
func TestOpenJPH(t *testing.T) {
	t.Parallel()
	ojph, err := exec.LookPath("ojph_expand")
	if err != nil {
		t.Skip("ojph_expand (openjph-tools) is not installed")
	}
	var e htj2k.Encoder
	type shape struct {
		w, h, samples, precision int
		rgb                      bool
	}
	shapes := []shape{
		{64, 64, 1, 8, false},
		{512, 512, 1, 16, false},
		{201, 130, 1, 16, false},
		{129, 300, 1, 12, false},
		{97, 55, 3, 8, true},
		{97, 55, 3, 8, false},
		{1, 33, 1, 8, false},
		{33, 1, 1, 12, false},
		{5, 3, 1, 10, false},
	}
	for precision := 1; precision <= 16; precision++ {
		for _, size := range [][2]int{{1, 1}, {1, 37}, {37, 1}, {63, 65}} {
			shapes = append(shapes, shape{size[0], size[1], 1 + 2*(precision&1), precision, precision%4 == 1})
		}
	}
	for i, c := range shapes {
		name := fmt.Sprintf("%dx%dx%d-%d-%v", c.w, c.h, c.samples, c.precision, c.rgb)
		m := codectest.Image(uint64(i), c.w, c.h, c.samples, c.precision)
		extension := "pgm"
		if c.samples == 3 {
			extension = "ppm"
		}
		if c.rgb {
			m.Color = codec.ColorRGB
		}
		src, err := e.Encode(nil, &m)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		in, out := filepath.Join(dir, "in.j2c"), filepath.Join(dir, "out."+extension)
		if err := os.WriteFile(in, src, 0o600); err != nil {
			t.Fatal(err)
		}
		if text, err := exec.Command(ojph, "-i", in, "-o", out).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", name, err, text)
			continue
		}
		got, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		want := bytes.Clone(m.Pix)
		if c.precision > 8 { // Netpbm is big endian
			for i := 0; i < len(want); i += 2 {
				want[i], want[i+1] = want[i+1], want[i]
			}
		}
		if !bytes.HasSuffix(got, want) {
			t.Errorf("%s: OpenJPH decodes other samples", name)
		}
	}
}
