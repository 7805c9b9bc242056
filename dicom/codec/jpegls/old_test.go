package jpegls_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/jpegls"
)

// TestOldThresholds: streams of fewer than 8 bits by DCMTK 3.6.7, whose default thresholds
// are not those of the standard there, and what it decodes them to.
func TestOldThresholds(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"old6", "old7"} {
		src, err := os.ReadFile("testdata/" + name + ".jls")
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile("testdata/" + name + ".raw")
		if err != nil {
			t.Fatal(err)
		}
		var m codec.Image
		d := new(jpegls.Decoder)
		for range 2 {
			if err := d.Decode(&m, src, codec.Options{}); err != nil {
				t.Errorf("%s: %v", name, err)
			} else if !bytes.Equal(m.Pix, want) {
				t.Errorf("%s: other samples than DCMTK's", name)
			}
		}
		if err := d.Decode(&m, src[:len(src)/2], codec.Options{}); err == nil {
			t.Errorf("%s: half of it decodes", name)
		}
	}
}
