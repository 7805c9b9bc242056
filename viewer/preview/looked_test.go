package preview_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/softcopy"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/viewer/preview"
)

// film is an image of three frames of 2 × 3 values: two of a mask, one of contrast.
func film() *dataset.Dataset {
	var pixels []byte
	for _, v := range []uint16{
		10, 10, 10, 10, 10, 10,
		20, 20, 20, 20, 20, 100,
		10, 20, 30, 40, 50, 60,
	} {
		pixels = binary.LittleEndian.AppendUint16(pixels, v)
	}
	d := frames(3, 2, 3)
	d.SetString(tag.SOPInstanceUID, "UI", "2.25.1")
	d.SetInt(tag.BitsAllocated, "US", 16)
	d.SetInt(tag.BitsStored, "US", 12)
	d.SetInt(tag.HighBit, "US", 11)
	d.SetBytes(tag.PixelData, "OW", pixels)
	return d
}

// A frame under a presentation state: its mask is taken away as the page does
// (viewer/web/src/viewport/foreign/mask.test.ts), its shutters and planes lie over it.
func TestRenderUnderState(t *testing.T) {
	t.Parallel()
	o := &originals{files: map[string][]byte{"i": part10(t, uid.SecondaryCaptureImageStorage, uid.ExplicitVRLittleEndian, film())}}
	p := preview.New(preview.Options{Objects: o, Derived: derived(t)})
	defer p.Close()
	// 255 greys for values from -100 to 155: each is its own.
	plain := softcopy.State{
		Images: []softcopy.Image{{SOPInstanceUID: "2.25.1"}},
		VOIs:   []softcopy.VOI{{Window: &softcopy.Window{Center: 27.5, Width: 255, Function: "LINEAR_EXACT"}}},
	}
	state := func(change func(*softcopy.State)) *softcopy.State {
		s := plain
		change(&s)
		return &s
	}
	mask := func(m softcopy.Mask) *softcopy.State { return state(func(s *softcopy.State) { s.Mask = &m }) }
	const shut = -100 // black
	for name, c := range map[string]struct {
		state  *softcopy.State
		hidden []string
		want   []int
	}{
		"none":    {nil, nil, nil},
		"plain":   {&plain, nil, []int{10, 20, 30, 40, 50, 60}},
		"average": {mask(softcopy.Mask{Frames: []int{1, 2}}), nil, []int{-5, 5, 15, 25, 35, 5}},
		"rescaled": {state(func(s *softcopy.State) {
			s.Mask, s.Modality = &softcopy.Mask{Frames: []int{1, 2}}, &softcopy.Line{Slope: 2, Intercept: 7}
		}), nil, []int{-10, 10, 30, 50, 70, 10}},
		"of others":   {mask(softcopy.Mask{Frames: []int{1}, Ranges: [][2]int{{1, 2}}}), nil, []int{10, 20, 30, 40, 50, 60}},
		"moved down":  {mask(softcopy.Mask{Frames: []int{2}, Shift: &[2]float64{-1, 0}}), nil, []int{-10, 0, -70, 20, 30, -40}},
		"moved right": {mask(softcopy.Mask{Frames: []int{2}, Shift: &[2]float64{0, -0.5}}), nil, []int{-10, 0, 10, 20, -10, -40}},
		"of another image": {state(func(s *softcopy.State) {
			s.Images = []softcopy.Image{{SOPInstanceUID: "2.25.2"}}
			s.Mask = &softcopy.Mask{Frames: []int{1}}
		}), nil, nil},
		"shut": {state(func(s *softcopy.State) {
			s.Shutters = []softcopy.Shutter{{Shape: "RECTANGULAR", Edges: [4]float64{2, 3, 1, 1}}, {Shape: "CIRCULAR", Center: [2]float64{2, 1}, Radius: 1.1}}
		}), nil, []int{shut, 20, 30, shut, shut, shut}},
		"polygon": {state(func(s *softcopy.State) {
			s.Shutters = []softcopy.Shutter{{Shape: "POLYGONAL", Points: [][2]float64{{0, 1.5}, {4, 1.5}, {4, 3}, {0, 3}}}}
		}), nil, []int{shut, shut, shut, 40, 50, 60}},
		"bitmap": {state(func(s *softcopy.State) {
			s.Shutters = []softcopy.Shutter{{Shape: "BITMAP", Plane: 0x6000}}
			s.Planes = []softcopy.Plane{{Group: 0x6000, Rows: 1, Columns: 2, Top: 1, Cells: []byte{0b10}}}
		}), []string{""}, []int{10, 20, 30, 40, shut, 60}},
		"plane": {state(func(s *softcopy.State) {
			s.Planes = []softcopy.Plane{{Layer: "L", Rows: 1, Columns: 2, Cells: []byte{0b01}}}
		}), nil, []int{155, 20, 30, 40, 50, 60}},
		"hidden": {state(func(s *softcopy.State) {
			s.Planes = []softcopy.Plane{{Layer: "L", Rows: 1, Columns: 2, Cells: []byte{0b01}}}
		}), []string{"L"}, []int{10, 20, 30, 40, 50, 60}},
	} {
		i, err := p.Open(t.Context(), "i")
		if err != nil {
			t.Fatal(err)
		}
		draw := func(s *softcopy.State) image.Image {
			b, err := i.Render(t.Context(), 2, preview.Rendering{State: s, Hidden: c.hidden, PNG: true})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			m, err := png.Decode(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		got, without := draw(c.state), draw(nil)
		for n := range 6 {
			g, _, _, _ := got.At(n%3, n/3).RGBA()
			want, _, _, _ := without.At(n%3, n/3).RGBA()
			if c.want != nil {
				want = uint32(c.want[n]+100) * 0x101
			}
			if g != want {
				t.Errorf("%s: pixel %d is %d, want %d", name, n, g>>8, want>>8)
			}
		}
		if err := i.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A mask of a frame that is not there is an error, not another picture.
func TestRenderUnderStateOfNoFrame(t *testing.T) {
	t.Parallel()
	o := &originals{files: map[string][]byte{"i": part10(t, uid.SecondaryCaptureImageStorage, uid.ExplicitVRLittleEndian, film())}}
	p := preview.New(preview.Options{Objects: o, Derived: derived(t)})
	defer p.Close()
	i, err := p.Open(t.Context(), "i")
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	s := &softcopy.State{Images: []softcopy.Image{{SOPInstanceUID: "2.25.1"}}, Mask: &softcopy.Mask{Frames: []int{4}}}
	if _, err := i.Render(t.Context(), 2, preview.Rendering{State: s}); err == nil {
		t.Error("it was drawn without its mask")
	}
}
