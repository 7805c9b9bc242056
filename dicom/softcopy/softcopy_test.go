package softcopy_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/softcopy"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

func set(f func(*dataset.Dataset)) *dataset.Dataset {
	d := dataset.New()
	f(d)
	return d
}

func image(sop string, frames ...int) *dataset.Dataset {
	return set(func(d *dataset.Dataset) {
		d.SetString(tag.ReferencedSOPClassUID, "UI", "1.2.840.10008.5.1.4.1.1.2")
		d.SetString(tag.ReferencedSOPInstanceUID, "UI", sop)
		if len(frames) > 0 {
			d.SetInt(tag.ReferencedFrameNumber, "IS", frames...)
		}
	})
}

// sample is a state with something of everything.
func sample() *dataset.Dataset {
	return set(func(d *dataset.Dataset) {
		d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
		d.SetString(tag.SOPClassUID, "UI", uid.GrayscaleSoftcopyPresentation)
		d.SetString(tag.SOPInstanceUID, "UI", "2.25.900")
		d.SetString(tag.ContentLabel, "CS", "REVIEW")
		d.SetString(tag.ContentDescription, "LO", "血腫の確認")
		d.SetString(tag.ContentCreatorName, "PN", "Sato^Ken=佐藤^健")
		d.SetString(tag.PresentationCreationDate, "DA", "20260401")
		d.SetString(tag.PresentationCreationTime, "TM", "101112.5")
		d.SetFloat(tag.RescaleIntercept, "DS", -1024)
		d.SetFloat(tag.RescaleSlope, "DS", 1)
		d.SetString(tag.PresentationLUTShape, "CS", "INVERSE")
		d.SetInt(tag.ImageRotation, "US", 270)
		d.SetString(tag.ImageHorizontalFlip, "CS", "Y")
		d.SetItems(tag.ReferencedSeriesSequence, set(func(s *dataset.Dataset) {
			s.SetString(tag.SeriesInstanceUID, "UI", "2.25.2")
			s.SetItems(tag.ReferencedImageSequence, image("2.25.3"), image("2.25.4", 2, 5))
		}))
		d.SetItems(tag.SoftcopyVOILUTSequence, set(func(v *dataset.Dataset) {
			v.SetItems(tag.ReferencedImageSequence, image("2.25.3"))
			v.SetFloat(tag.WindowCenter, "DS", 40)
			v.SetFloat(tag.WindowWidth, "DS", 80)
		}), set(func(v *dataset.Dataset) {
			v.SetItems(tag.VOILUTSequence, set(func(l *dataset.Dataset) {
				l.SetInt(tag.LUTDescriptor, "SS", 3, -5, 8)
				l.SetBytes(tag.LUTData, "OW", []byte{0, 0, 100, 0, 255, 0})
			}))
		}))
		d.SetItems(tag.DisplayedAreaSelectionSequence, set(func(a *dataset.Dataset) {
			a.SetInt(tag.DisplayedAreaTopLeftHandCorner, "SL", -9, 11)
			a.SetInt(tag.DisplayedAreaBottomRightHandCorner, "SL", 100, 200)
			a.SetString(tag.PresentationSizeMode, "CS", "MAGNIFY")
			a.SetFloat(tag.PresentationPixelMagnificationRatio, "FL", 2)
			a.SetInt(tag.PresentationPixelAspectRatio, "IS", 2, 1)
		}))
		d.SetString(tag.ShutterShape, "CS", "RECTANGULAR", "CIRCULAR", "POLYGONAL", "BITMAP")
		d.SetInt(tag.ShutterLeftVerticalEdge, "IS", 10)
		d.SetInt(tag.ShutterRightVerticalEdge, "IS", 90)
		d.SetInt(tag.ShutterUpperHorizontalEdge, "IS", 20)
		d.SetInt(tag.ShutterLowerHorizontalEdge, "IS", 80)
		d.SetInt(tag.CenterOfCircularShutter, "IS", 50, 40)
		d.SetInt(tag.RadiusOfCircularShutter, "IS", 30)
		d.SetInt(tag.VerticesOfThePolygonalShutter, "IS", 1, 2, 3, 4, 5, 6)
		d.SetInt(tag.ShutterOverlayGroup, "US", 0x6002)
		d.SetInt(tag.ShutterPresentationValue, "US", 0xffff)
		for group := range tag.Tag(3) { // a layer's, the shutter's, nobody's
			shift := group << 17
			d.SetInt(tag.OverlayRows+shift, "US", 2)
			d.SetInt(tag.OverlayColumns+shift, "US", 5)
			d.SetString(tag.OverlayType+shift, "CS", "G")
			d.SetInt(tag.OverlayOrigin+shift, "SS", 1, 1)
			d.SetInt(tag.OverlayBitsAllocated+shift, "US", 1)
			d.SetInt(tag.OverlayBitPosition+shift, "US", 0)
			d.SetBytes(tag.OverlayData+shift, "OW", []byte{0xaa, 0x01})
		}
		d.SetString(tag.OverlayActivationLayer, "CS", "NOTES")
		d.SetItems(tag.GraphicLayerSequence, set(func(l *dataset.Dataset) {
			l.SetString(tag.GraphicLayer, "CS", "NOTES")
			l.SetInt(tag.GraphicLayerOrder, "IS", 2)
			l.SetInt(tag.GraphicLayerRecommendedDisplayCIELabValue, "US", 0xffff, 0x8080, 0x8080)
			l.SetInt(tag.GraphicLayerRecommendedDisplayGrayscaleValue, "US", 0x8000)
		}))
		d.SetItems(tag.GraphicAnnotationSequence, set(func(a *dataset.Dataset) {
			a.SetString(tag.GraphicLayer, "CS", "NOTES")
			a.SetItems(tag.ReferencedImageSequence, image("2.25.3"))
			a.SetItems(tag.TextObjectSequence, set(func(x *dataset.Dataset) {
				x.SetString(tag.UnformattedTextValue, "ST", "血腫\r\n前回比")
				x.SetString(tag.AnchorPointAnnotationUnits, "CS", "PIXEL")
				x.SetFloat(tag.AnchorPoint, "FL", 30.5, 40)
				x.SetString(tag.AnchorPointVisibility, "CS", "Y")
			}))
			graphic := func(kind, filled, units string, at ...float64) *dataset.Dataset {
				return set(func(g *dataset.Dataset) {
					g.SetString(tag.GraphicAnnotationUnits, "CS", units)
					g.SetString(tag.GraphicType, "CS", kind)
					g.SetString(tag.GraphicFilled, "CS", filled)
					g.SetFloat(tag.GraphicData, "FL", at...)
				})
			}
			a.SetItems(tag.GraphicObjectSequence,
				graphic("CIRCLE", "Y", "PIXEL", 10, 10, 10, 20), graphic("POLYLINE", "N", "DISPLAY", 0, 0, 1, 1),
				graphic("SPIRAL", "N", "PIXEL", 1, 1), graphic("POLYLINE", "N", "MATRIX", 0, 0, 1, 1),
				graphic("POLYLINE", "N", "PIXEL", 1, 1), graphic("POINT", "N", "PIXEL", math.Inf(1), 1))
		}))
		d.SetItems(tag.MaskSubtractionSequence, dataset.New())
	})
}

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := softcopy.Parse(sample(), softcopy.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	grey := float64(0x8000) / 0xffff
	neutral := float64(0x8080)/0xffff*255 - 128
	one := []softcopy.Image{{SOPInstanceUID: "2.25.3"}}
	want := &softcopy.State{
		Label: "REVIEW", Description: "血腫の確認", Creator: "Sato^Ken=佐藤^健", Created: "20260401101112",
		Images:   []softcopy.Image{{SOPInstanceUID: "2.25.3"}, {SOPInstanceUID: "2.25.4", Frames: []int{2, 5}}},
		Modality: &softcopy.Line{Slope: 1, Intercept: -1024}, Inverse: true, Turns: 3, Flip: true,
		VOIs: []softcopy.VOI{
			{Images: one, Window: &softcopy.Window{Center: 40, Width: 80}},
			{Table: &softcopy.Table{First: -5, Bits: 8, Data: []uint16{0, 100, 255}}},
		},
		Areas: []softcopy.Area{{TopLeft: [2]int{-9, 11}, BottomRight: [2]int{100, 200}, Mode: "MAGNIFY", Aspect: 2, Magnification: 2}},
		Shutters: []softcopy.Shutter{
			{Shape: "BITMAP", Plane: 0x6002},
			{Shape: "CIRCULAR", Center: [2]float64{40, 50}, Radius: 30},
			{Shape: "POLYGONAL", Points: [][2]float64{{2, 1}, {4, 3}, {6, 5}}},
			{Shape: "RECTANGULAR", Edges: [4]float64{10, 90, 20, 80}},
		},
		ShutterGrey: 1,
		Layers:      []softcopy.Layer{{Name: "NOTES", Order: 2, Grey: &grey, Lab: []float64{100, neutral, neutral}}},
		Annotations: []softcopy.Annotation{{
			Images: one, Layer: "NOTES",
			Texts: []softcopy.Text{{Value: "血腫\n前回比", Anchor: &softcopy.Anchored{Units: "PIXEL", At: [2]float64{30.5, 40}, Visible: true}}},
			Graphics: []softcopy.Graphic{
				{Units: "PIXEL", Type: "CIRCLE", Points: [][2]float64{{10, 10}, {10, 20}}, Filled: true},
				{Units: "DISPLAY", Type: "POLYLINE", Points: [][2]float64{{0, 0}, {1, 1}}},
			},
		}},
		Planes: []softcopy.Plane{
			{Group: 0x6000, Layer: "NOTES", Rows: 2, Columns: 5, Cells: []byte{0xaa, 0x01}},
			{Group: 0x6002, Rows: 2, Columns: 5, Cells: []byte{0xaa, 0x01}},
		},
		Missing: []string{"mask"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for _, c := range []struct {
		sop   string
		frame int
		want  bool
	}{{"2.25.3", 1, true}, {"2.25.3", 9, true}, {"2.25.4", 2, true}, {"2.25.4", 3, false}, {"2.25.5", 1, false}} {
		if got.Of(c.sop, c.frame) != c.want {
			t.Errorf("frame %d of %s: %v", c.frame, c.sop, !c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	other := sample()
	other.SetString(tag.SOPClassUID, "UI", "1.2.840.10008.5.1.4.1.1.2")
	if _, err := softcopy.Parse(other, softcopy.DefaultLimits); !errors.Is(err, softcopy.ErrNotState) {
		t.Errorf("a CT: %v", err)
	}
	nobody := sample()
	nobody.Delete(tag.ReferencedSeriesSequence)
	if _, err := softcopy.Parse(nobody, softcopy.DefaultLimits); !errors.Is(err, softcopy.ErrNotState) {
		t.Errorf("of no image: %v", err)
	}
	for name, l := range map[string]softcopy.Limits{
		"images": {Images: 3, Items: 99, Points: 99, Text: 999, Cells: 99},
		"items":  {Images: 99, Items: 3, Points: 99, Text: 999, Cells: 99},
		"points": {Images: 99, Items: 99, Points: 4, Text: 999, Cells: 99},
		"text":   {Images: 99, Items: 99, Points: 99, Text: 30, Cells: 99},
		"cells":  {Images: 99, Items: 99, Points: 99, Text: 999, Cells: 3},
	} {
		if _, err := softcopy.Parse(sample(), l); !errors.Is(err, softcopy.ErrLimit) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A state that DCMTK makes of an image (dcmpsmk) is read: its window, its displayed
// area, its text.
func TestParseOfDCMTK(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("dcmpsmk")
	if err != nil {
		t.Skip("dcmpsmk is not installed (Debian: dcmtk): a presentation state made by DCMTK is not read")
	}
	ct := set(func(d *dataset.Dataset) {
		d.SetString(tag.SOPClassUID, "UI", "1.2.840.10008.5.1.4.1.1.2")
		d.SetString(tag.SOPInstanceUID, "UI", "2.25.3")
		d.SetString(tag.StudyInstanceUID, "UI", "2.25.1")
		d.SetString(tag.SeriesInstanceUID, "UI", "2.25.2")
		d.SetString(tag.Modality, "CS", "CT")
		d.SetString(tag.PhotometricInterpretation, "CS", "MONOCHROME1")
		for t, v := range map[tag.Tag]int{tag.SamplesPerPixel: 1, tag.Rows: 4, tag.Columns: 6, tag.BitsAllocated: 16, tag.BitsStored: 12, tag.HighBit: 11, tag.PixelRepresentation: 0} {
			d.SetInt(t, "US", v)
		}
		d.SetFloat(tag.WindowCenter, "DS", 50)
		d.SetFloat(tag.WindowWidth, "DS", 350)
		d.SetFloat(tag.RescaleIntercept, "DS", -1024)
		d.SetFloat(tag.RescaleSlope, "DS", 1)
		d.SetFloat(tag.PixelSpacing, "DS", 0.5, 0.5)
		d.SetBytes(tag.PixelData, "OW", make([]byte, 48))
	})
	dir := t.TempDir()
	in, out := filepath.Join(dir, "ct.dcm"), filepath.Join(dir, "ps.dcm")
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var b bytes.Buffer
	if err := dataset.WriteFile(&b, ct, ts); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), tool, "+Vl", in, out).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, d, _, err := dataset.ReadFile(f, stream.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := softcopy.Parse(d, softcopy.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	// Low values of a MONOCHROME1 image are bright because the state says so.
	if !s.Of("2.25.3", 1) || !s.Inverse || s.Modality == nil || s.Modality.Intercept != -1024 || len(s.Areas) != 1 || s.Areas[0].BottomRight != [2]int{6, 4} {
		t.Errorf("%+v", s)
	}
	if len(s.VOIs) != 1 || s.VOIs[0].Window == nil || s.VOIs[0].Window.Center != 50 {
		t.Errorf("windows %+v", s.VOIs)
	}
}

// FuzzParse: whatever an object holds, reading it ends without a panic, and what it
// gives can be drawn.
func FuzzParse(f *testing.F) {
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var b bytes.Buffer
	if err := dataset.WriteFile(&b, sample(), ts); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, d, _, _ := dataset.ReadFile(bytes.NewReader(raw), stream.Limits{MaxElements: 1 << 12, MaxHeaderBytes: 1 << 20, MaxInflate: 1 << 20})
		s, err := softcopy.Parse(d, softcopy.Limits{Images: 100, Items: 100, Points: 1000, Text: 1 << 16, Cells: 1 << 16})
		if err != nil {
			return
		}
		if len(s.Images) == 0 || s.Turns < 0 || s.Turns > 3 {
			t.Fatalf("%+v", s)
		}
		for _, a := range s.Annotations {
			for _, g := range a.Graphics {
				for _, p := range g.Points {
					if math.IsNaN(p[0]+p[1]) || math.Abs(p[0]) > 1e6 || math.Abs(p[1]) > 1e6 {
						t.Fatalf("%+v", g)
					}
				}
			}
		}
		for _, p := range s.Planes {
			if len(p.Cells) != (p.Rows*p.Columns+7)/8 {
				t.Fatalf("%d cells of %d×%d", len(p.Cells), p.Rows, p.Columns)
			}
		}
	})
}
