package j2k

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
)

// TestPackedHeaders moves the packet headers of streams of one tile-part into PPT
// and PPM segments (T.800 §A.7.4, §A.7.5).
func TestPackedHeaders(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"g12-rlcp-layers.j2k", "c8-poc.j2k", "g8-layers-cprl-precincts.j2k", "g16-modes63.j2k"} {
		src, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var d Decoder
		var want codec.Image
		if err := d.Decode(&want, src, codec.Options{}); err != nil {
			t.Fatal(err)
		}
		if len(d.parts) != 1 {
			t.Fatalf("%s: %d tile-parts", name, len(d.parts))
		}
		// What no code-block has a part in is packet headers.
		p := d.parts[0]
		var headers, bodies []byte
		at := p.data
		for _, c := range d.chunks {
			headers = append(headers, src[at:c.offset]...)
			at = int(c.offset + c.length)
			bodies = append(bodies, src[c.offset:at]...)
		}
		headers = append(headers, src[at:p.end]...)
		sot := bytes.Index(src, []byte{0xFF, 0x90})

		ppt := segmentOf(mPPT, append([]byte{0}, headers...))
		ppm := segmentOf(mPPM, append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(headers))), headers...))
		for kind, stream := range map[string][]byte{
			"PPT": tilePart(src[:sot], src[sot:p.header], append(ppt, src[p.header:p.data]...), bodies),
			"PPM": tilePart(append(bytes.Clone(src[:sot]), ppm...), src[sot:p.header], src[p.header:p.data], bodies),
		} {
			var got codec.Image
			if err := d.Decode(&got, stream, codec.Options{}); err != nil {
				t.Errorf("%s in %s: %v", name, kind, err)
			} else if !bytes.Equal(got.Pix, want.Pix) {
				t.Errorf("%s in %s: samples differ", name, kind)
			}
		}
	}
}

func segmentOf(marker uint16, payload []byte) []byte {
	s := binary.BigEndian.AppendUint16(nil, marker)
	s = binary.BigEndian.AppendUint16(s, uint16(len(payload)+2))
	return append(s, payload...)
}

// tilePart writes a stream of one tile-part: main header, SOT with its length
// made anew, header segments up to SOD, data.
func tilePart(main, sot, header, data []byte) []byte {
	s := append(bytes.Clone(main), sot...)
	binary.BigEndian.PutUint32(s[len(main)+6:], uint32(len(sot)+len(header)+len(data)))
	s = append(append(s, header...), data...)
	return append(s, 0xFF, 0xD9)
}
