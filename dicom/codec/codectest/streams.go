package codectest

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// Streams decodes the bare streams of CODEC.tsv whose path begins with prefix
// and compares with the rows of one decoder. Where that decoder failed ours
// must give a *codec.Error or is judged by eye: it is logged.
func Streams(t *testing.T, d codec.Decoder, prefix, decoder string) {
	dir := shareddata.Dir(t)
	if dir == "" {
		t.Skip("no folder of real files")
	}
	table, err := os.ReadFile(filepath.Join(dir, "CODEC.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	var m codec.Image
	for _, line := range strings.Split(string(table), "\n")[1:] {
		c := strings.Split(line, "\t")
		if len(c) < 6 || !strings.HasPrefix(c[0], prefix) || c[1] != decoder {
			continue
		}
		if strings.Contains(c[0], "yuv") { // OpenJPEG converts these to RGB
			continue
		}
		if raceEnabled && compared == 3 { // see thin
			break
		}
		src, err := os.ReadFile(filepath.Join(dir, c[0]))
		if err != nil {
			t.Fatal(err)
		}
		err = d.Decode(&m, src, codec.Options{})
		var e *codec.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%s: %v is no *codec.Error", c[0], err)
		}
		if c[2] != "ok" {
			t.Logf("%s: %s: %s; ours: %v", c[0], decoder, c[2], err)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c[0], err)
			continue
		}
		pix := m.Pix
		if strings.Contains(c[3], "planes") {
			pix = Planes(&m)
		}
		if Hash(pix) == c[5] {
			compared++
			continue
		}
		// A stream in scans of its own comes out in planes of some decoders.
		if Hash(Planes(&m)) == c[5] {
			compared++
			continue
		}
		if m.Lossless {
			t.Errorf("%s: samples differ (%d bytes, %s of %s)", c[0], len(pix), c[4], decoder)
			continue
		}
		if err := withinOpenJPEG(t, filepath.Join(dir, c[0]), &m, 1); err != nil {
			t.Errorf("%s: %v", c[0], err)
		}
	}
	t.Logf("%d streams equal", compared)
	if compared == 0 {
		t.Error("no stream compared")
	}
}

// Planes gives the samples of m one component after another.
func Planes(m *codec.Image) []byte {
	size := codec.BytesPerSample(m.Precision)
	out := make([]byte, 0, len(m.Pix))
	for c := range m.Samples {
		for at := c * size; at < len(m.Pix); at += m.Samples * size {
			out = append(out, m.Pix[at:at+size]...)
		}
	}
	return out
}
