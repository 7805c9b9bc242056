package pixel

import (
	"bytes"
	"context"
	"image"
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// TestOverlays: overlays of their own, of several frames, and inside the cells come
// out of every uncompressed syntax; what cannot be right is left out.
func TestOverlays(t *testing.T) {
	t.Parallel()
	s := shape{rows: 2, columns: 3, samples: 1, allocated: 16, stored: 12, high: 11, frames: 2, photometric: Monochrome2}
	for _, syntax := range syntaxes {
		d := s.dataset()
		set := func(group tag.Tag, rows, columns int, data []byte) {
			d.SetInt(tag.OverlayRows+group, "US", rows)
			d.SetInt(tag.OverlayColumns+group, "US", columns)
			d.SetInt(tag.OverlayBitsAllocated+group, "US", 1)
			d.SetInt(tag.OverlayBitPosition+group, "US", 0)
			d.SetInt(tag.OverlayOrigin+group, "SS", 0, 2)
			d.SetBytes(tag.OverlayData+group, "OW", data)
		}
		const next = 1 << 17 // of the group
		set(0, 2, 2, []byte{0b0110, 0})
		d.SetString(tag.OverlayType, "CS", "R")
		d.SetString(tag.OverlayLabel, "LO", "measured")
		set(next, 2, 2, []byte{0b1110_0001, 0}) // two frames from the second image on
		d.SetInt(tag.NumberOfFramesInOverlay+next, "IS", 2)
		d.SetInt(tag.ImageFrameOrigin+next, "US", 2)
		set(2*next, 5, 5, []byte{1, 0}) // too short
		embedded := tag.Tag(15 * next)  // 601E
		d.SetInt(tag.OverlayRows+embedded, "US", 2)
		d.SetInt(tag.OverlayColumns+embedded, "US", 3)
		d.SetInt(tag.OverlayBitsAllocated+embedded, "US", 16)
		d.SetInt(tag.OverlayBitPosition+embedded, "US", 15)
		d.SetBytes(tag.PixelData, "OW", words(
			0x8001, 2, 0x8003, 4, 5, 6,
			1, 2, 3, 4, 5, 0x8006))
		r := open(t, file(t, d, syntax))
		overlays := OverlaysOf(r.Header())
		if len(overlays) != 3 {
			t.Fatalf("%s: %d overlays, want 3", uid.Name(syntax), len(overlays))
		}
		if o := overlays[0]; !o.ROI || o.Label != "measured" || o.Top != -1 || o.Left != 1 || o.Group != 0x6000 {
			t.Errorf("%+v", o)
		}
		if overlays[2].Group != 0x601E {
			t.Errorf("group %04X", overlays[2].Group)
		}
		for _, c := range []struct {
			overlay, frame int
			want           []byte // nil: not covered
		}{
			{0, 0, []byte{0, 1, 1, 0}},
			{0, 1, []byte{0, 1, 1, 0}},
			{1, 0, nil},
			{1, 1, []byte{1, 0, 0, 0}},
			{2, 0, []byte{1, 0, 1, 0, 0, 0}},
			{2, 1, []byte{0, 0, 0, 0, 0, 1}},
		} {
			got, ok, err := r.Overlay(context.Background(), &overlays[c.overlay], c.frame, nil)
			if err != nil {
				t.Fatal(err)
			}
			if ok != (c.want != nil) || ok && !bytes.Equal(got, c.want) {
				t.Errorf("%s: overlay %d, frame %d: %v %v, want %v", uid.Name(syntax), c.overlay, c.frame, got, ok, c.want)
			}
		}
		// The values of the cells are free of it.
		var f Frame
		if err := r.Frame(context.Background(), 0, &f); err != nil {
			t.Fatal(err)
		}
		if v := f.Value(0, 0, 0); v != 1 {
			t.Errorf("a value of %d under the overlay, want 1", v)
		}
	}
}

// TestOverlayIsDrawn: only inside the picture, and thin lines survive reduction.
func TestOverlayIsDrawn(t *testing.T) {
	t.Parallel()
	o := Overlay{Rows: 8, Columns: 8, Top: -1, Left: 2}
	cells := make([]byte, 64)
	for y := range 8 {
		cells[y*8+1] = 1 // a line down, at column 3 of the image
	}
	for side, want := range map[int]int{8: 3, 4: 1, 2: 0} {
		m := image.NewGray(image.Rect(0, 0, side, side))
		o.Draw(m, 8, 8, cells, 255)
		for y := range side {
			for x := range side {
				on := x == want && (side < 8 || y < 7)
				if (m.Pix[y*m.Stride+x] == 255) != on {
					t.Errorf("%d × %d: pixel %d, %d is %d", side, side, x, y, m.Pix[y*m.Stride+x])
				}
			}
		}
	}
	o.Draw(image.NewGray(image.Rect(0, 0, 3, 3)), 1, 1, cells, 1) // past every edge
}

// TestRealOverlays: the public files that have one.
func TestRealOverlays(t *testing.T) {
	t.Parallel()
	dir := shareddata.Dir(t)
	if dir == "" {
		t.Skip("no folder of real files")
	}
	for _, name := range []string{"pydicom/examples_overlay.dcm", "pydicom-data/MR-SIEMENS-DICOM-WithOverlays.dcm"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		r := open(t, raw)
		overlays := OverlaysOf(r.Header())
		if len(overlays) == 0 {
			t.Errorf("%s: no overlay", name)
		}
		for i := range overlays {
			cells, ok, err := r.Overlay(context.Background(), &overlays[i], 0, nil)
			if err != nil || !ok {
				t.Fatalf("%s: %v %v", name, ok, err)
			}
			set := bytes.Count(cells, []byte{1})
			t.Logf("%s: %d × %d at %d, %d, %d cells set", name, overlays[i].Rows, overlays[i].Columns, overlays[i].Top, overlays[i].Left, set)
			if set == 0 || set == len(cells) {
				t.Errorf("%s: %d of %d cells are set", name, set, len(cells))
			}
		}
	}
}
