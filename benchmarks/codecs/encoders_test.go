package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/jpegls"
)

// TestCharLSReadsOurs lets CharLS, when its driver can be built, decode JPEG-LS of ours
// of every precision, interleave mode and odd size.
func TestCharLSReadsOurs(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	l := libraries[0]
	program := filepath.Join(t.TempDir(), l.source)
	if err := compile(l, program); err != nil {
		t.Skipf("the driver of %s cannot be built: %v", l.name, err)
	}
	p, err := start(l, program)
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	var d jpegls.Decoder
	n := 0
	for precision := 2; precision <= 16; precision++ {
		for _, size := range [][2]int{{1, 1}, {1, 37}, {37, 1}, {63, 65}} {
			for _, samples := range []int{1, 3} {
				for _, ilv := range []jpegls.Interleave{jpegls.InterleaveNone, jpegls.InterleaveLine, jpegls.InterleaveSample} {
					for _, near := range []int{0, 2} {
						if samples == 1 && ilv > 0 || near > 0 && precision < 4 {
							continue
						}
						name := fmt.Sprintf("%d × %d × %d of %d bits, mode %d, NEAR %d", size[0], size[1], samples, precision, ilv, near)
						m := codectest.Image(uint64(n), size[0], size[1], samples, precision)
						n++
						src, err := jpegls.Encode(nil, &m, jpegls.EncodeOptions{Interleave: ilv, Near: near})
						if err != nil {
							t.Fatalf("%s: %v", name, err)
						}
						var back codec.Image
						if err := d.Decode(&back, src, codec.Options{}); err != nil {
							t.Errorf("%s: %v", name, err)
							continue
						}
						if near == 0 && !bytes.Equal(back.Pix, m.Pix) {
							t.Errorf("%s: ours do not come back", name)
						}
						_, got, err := p.do("decode jpegls 0 1", src)
						if err != nil {
							t.Errorf("%s: %v", name, err)
							continue
						}
						want := back.Pix
						if ilv == jpegls.InterleaveNone {
							want = codectest.Planes(&back)
						}
						if !bytes.Equal(got, want) {
							t.Errorf("%s: CharLS decodes other samples", name)
						}
					}
				}
			}
		}
	}
	t.Logf("%d streams", n)
}
