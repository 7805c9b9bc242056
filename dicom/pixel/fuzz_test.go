package pixel

import (
	"bytes"
	"context"
	"image"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// FuzzReader opens whatever comes, decodes first and last frame and draws them:
// no panic, nothing larger than the limit.
func FuzzReader(f *testing.F) {
	s := grey16()
	for _, syntax := range syntaxes {
		d := s.dataset()
		d.SetFloat(tag.WindowCenter, "DS", 5)
		d.SetFloat(tag.WindowWidth, "DS", 9)
		d.SetBytes(tag.PixelData, "OW", make([]byte, 32))
		f.Add(file(f, d, syntax))
	}
	d := s.dataset()
	d.SetFragments(tag.PixelData, nil, append([]byte{2, 0, 0, 0, 64, 0, 0, 0, 66, 0, 0, 0}, make([]byte, 70)...))
	f.Add(file(f, d, uid.RLELossless))
	s.photometric, s.allocated, s.stored, s.high = PaletteColor, 8, 8, 7
	d = s.dataset()
	for _, t := range []tag.Tag{tag.RedPaletteColorLookupTableDescriptor, tag.GreenPaletteColorLookupTableDescriptor, tag.BluePaletteColorLookupTableDescriptor} {
		d.SetInt(t, "US", 3, 0, 16)
	}
	for _, t := range []tag.Tag{tag.SegmentedRedPaletteColorLookupTableData, tag.SegmentedGreenPaletteColorLookupTableData, tag.SegmentedBluePaletteColorLookupTableData} {
		d.SetBytes(t, "OW", words(0, 1, 9, 1, 2, 300))
	}
	d.SetBytes(tag.PixelData, "OB", make([]byte, 16))
	f.Add(file(f, d, uid.ExplicitVRLittleEndian))
	var tb Table
	f.Fuzz(func(t *testing.T, b []byte) {
		const limit = 1 << 20
		r, err := OpenWithin(bytes.NewReader(b), int64(len(b)), Limits{MaxFrameBytes: limit})
		if err != nil {
			return
		}
		var fr Frame
		for _, n := range []int{0, r.Format().Frames - 1} {
			p := r.Presentation(n)
			if err := r.Frame(context.Background(), n, &fr); err != nil {
				continue
			}
			if len(fr.Pix) > 4*limit || len(fr.Pix) != fr.Pixels()*fr.Samples*fr.CellBytes() {
				t.Fatalf("%+v: %d bytes", r.Format(), len(fr.Pix))
			}
			w, h := Fit(fr.Rows, fr.Columns, p.Plane.Aspect, 16)
			if fr.Samples == 3 {
				var m image.RGBA
				ResizeRGBA(&m, w, h)
				ReduceRGB(&m, &fr)
				continue
			}
			var m image.Gray
			ResizeGray(&m, w, h)
			Reduce(&m, &fr, p.Transform(&fr), &tb)
		}
	})
}
