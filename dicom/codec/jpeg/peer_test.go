package jpeg

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
)

// TestLibjpeg: colour of every subsampling is what the djpeg of libjpeg-turbo makes of it, to
// the last bit.
func TestLibjpeg(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"cjpeg", "djpeg"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	for _, sample := range []string{"1x1", "2x1", "1x2", "2x2", "4x1", "4x2"} {
		for _, size := range [][2]int{{64, 48}, {61, 47}, {5, 3}, {33, 17}} {
			t.Run(fmt.Sprintf("%s/%dx%d", sample, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				m := codectest.Image(7, size[0], size[1], 3, 8)
				ppm := append(fmt.Appendf(nil, "P6 %d %d 255\n", m.Width, m.Height), m.Pix...)
				in, stream, out := filepath.Join(dir, "in.ppm"), filepath.Join(dir, "a.jpg"), filepath.Join(dir, "out.ppm")
				if err := os.WriteFile(in, ppm, 0o600); err != nil {
					t.Fatal(err)
				}
				run(t, "cjpeg", "-quality", "95", "-sample", sample, "-outfile", stream, in)
				run(t, "djpeg", "-dct", "int", "-ppm", "-outfile", out, stream)
				src, err := os.ReadFile(stream)
				if err != nil {
					t.Fatal(err)
				}
				want, err := os.ReadFile(out)
				if err != nil {
					t.Fatal(err)
				}
				var got codec.Image
				if err := new(Decoder).Decode(&got, src, codec.Options{}); err != nil {
					t.Fatal(err)
				}
				codec.YBRToRGB(got.Pix)
				want = want[len(want)-len(got.Pix):]
				if !bytes.Equal(got.Pix, want) {
					t.Error("other samples")
				}
			})
		}
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if b, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, b)
	}
}
