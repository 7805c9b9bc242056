package pixel

import (
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

func item(fill func(*dataset.Dataset)) *dataset.Dataset {
	d := dataset.New()
	fill(d)
	return d
}

// TestFunctionalGroups: what a frame says of itself wins over what all frames
// share, and that over the data set.
func TestFunctionalGroups(t *testing.T) {
	t.Parallel()
	d := grey16().dataset()
	d.SetFloat(tag.WindowCenter, "DS", 1)
	d.SetFloat(tag.WindowWidth, "DS", 2)
	window := func(c, w float64) func(*dataset.Dataset) {
		return func(d *dataset.Dataset) {
			d.SetItems(tag.FrameVOILUTSequence, item(func(d *dataset.Dataset) {
				d.SetFloat(tag.WindowCenter, "DS", c)
				d.SetFloat(tag.WindowWidth, "DS", w)
				d.SetString(tag.VOILUTFunction, "CS", Sigmoid)
			}))
		}
	}
	d.SetItems(tag.SharedFunctionalGroupsSequence, item(func(d *dataset.Dataset) {
		window(40, 80)(d)
		d.SetItems(tag.PixelMeasuresSequence, item(func(d *dataset.Dataset) {
			d.SetFloat(tag.PixelSpacing, "DS", 0.5, 0.25)
			d.SetFloat(tag.SliceThickness, "DS", 3)
		}))
		d.SetItems(tag.PlaneOrientationSequence, item(func(d *dataset.Dataset) {
			d.SetFloat(tag.ImageOrientationPatient, "DS", 0, 1, 0, 0, 0, -1)
		}))
		d.SetItems(tag.PixelValueTransformationSequence, item(func(d *dataset.Dataset) {
			d.SetFloat(tag.RescaleSlope, "DS", 1)
			d.SetFloat(tag.RescaleIntercept, "DS", -1024)
			d.SetString(tag.RescaleType, "LO", "HU")
		}))
	}))
	place := func(z float64, more func(*dataset.Dataset)) *dataset.Dataset {
		return item(func(d *dataset.Dataset) {
			d.SetItems(tag.PlanePositionSequence, item(func(d *dataset.Dataset) {
				d.SetFloat(tag.ImagePositionPatient, "DS", z, 2, 3)
			}))
			if more != nil {
				more(d)
			}
		})
	}
	d.SetItems(tag.PerFrameFunctionalGroupsSequence, place(10, nil), place(-20, func(d *dataset.Dataset) {
		window(300, 600)(d)
		d.SetItems(tag.PixelValueTransformationSequence, item(func(d *dataset.Dataset) {
			d.SetFloat(tag.RescaleSlope, "DS", 2.5)
			d.SetFloat(tag.RescaleIntercept, "DS", 7)
		}))
	}))
	first, second, beyond := PresentationOf(d, 0), PresentationOf(d, 1), PresentationOf(d, 9)
	if w := first.Windows; len(w) != 1 || w[0] != (Window{Center: 40, Width: 80, Function: Sigmoid}) {
		t.Errorf("first frame: windows %+v", w)
	}
	if w := second.Windows; len(w) != 1 || w[0].Center != 300 {
		t.Errorf("second frame: windows %+v", w)
	}
	if m := first.Modality; m.At(0) != -1024 || m.Type != "HU" {
		t.Errorf("first frame: modality %+v", m)
	}
	if m := second.Modality; m.At(2) != 12 {
		t.Errorf("second frame: modality %+v", m)
	}
	p := first.Plane
	if !p.Located || p.Position != [3]float64{10, 2, 3} || p.Normal() != [3]float64{-1, 0, 0} || p.Distance() != -10 {
		t.Errorf("first frame: plane %+v", p)
	}
	if p.Aspect != 2 || p.Spacing != [2]float64{0.5, 0.25} || p.SliceThickness != 3 {
		t.Errorf("first frame: plane %+v", p)
	}
	if second.Plane.Position[0] != -20 || beyond.Plane.Located || len(beyond.Windows) != 1 {
		t.Errorf("second %+v, beyond %+v", second.Plane, beyond)
	}
}

func TestPresentation(t *testing.T) {
	t.Parallel()
	d := grey16().dataset()
	d.SetString(tag.PhotometricInterpretation, "CS", Monochrome1)
	d.SetInt(tag.PixelRepresentation, "US", 1)
	d.SetInt(tag.PixelPaddingValue, "SS", -2000)
	d.SetString(tag.WindowCenter, "DS", "40", "x")
	d.SetString(tag.WindowWidth, "DS", "80", "0")
	d.SetItems(tag.VOILUTSequence, item(func(d *dataset.Dataset) {
		d.SetInt(tag.LUTDescriptor, "US", 2, 65535, 16)
		d.SetBytes(tag.LUTData, "OW", words(0, 65535))
		d.SetString(tag.LUTExplanation, "LO", "contrast")
	}), item(func(*dataset.Dataset) {}))
	d.SetItems(tag.ModalityLUTSequence, item(func(d *dataset.Dataset) {
		d.SetInt(tag.LUTDescriptor, "SS", 3, -1, 8)
		d.SetBytes(tag.LUTData, "OW", words(1, 2, 3))
		d.SetString(tag.ModalityLUTType, "LO", "OD")
	}))
	p := PresentationOf(d, 0)
	if !p.Invert || p.Padding != (Padding{Present: true, Value: -2000, Last: -2000}) {
		t.Errorf("%+v", p)
	}
	if p.Windows != nil {
		t.Errorf("windows %+v out of numbers that are none", p.Windows)
	}
	if len(p.LUTs) != 1 || p.LUTs[0].Explanation != "contrast" || p.LUTs[0].First != 65535 {
		t.Errorf("VOI tables %+v", p.LUTs) // unsigned: the input is what the modality table gives
	}
	if m := p.Modality; m.LUT == nil || m.At(-5) != 1 || m.At(0) != 2 || m.At(9) != 3 || m.Type != "OD" {
		t.Errorf("modality %+v", m)
	}
	f := Frame{Rows: 1, Columns: 1, Samples: 1, BitsAllocated: 16, BitsStored: 16, Signed: true, Pix: []byte{0, 0}}
	if tr := p.Transform(&f); tr.VOI == nil || !tr.Invert {
		t.Errorf("transform %+v", tr)
	}
}

// TestPresetWhenItHelps: CT without window takes that of its anatomy, unless all
// of the frame lies outside.
func TestPresetWhenItHelps(t *testing.T) {
	t.Parallel()
	d := grey16().dataset()
	d.SetString(tag.Modality, "CS", "CT")
	d.SetString(tag.BodyPartExamined, "CS", "HEAD")
	p := PresentationOf(d, 0)
	body := Frame{Rows: 1, Columns: 4, Samples: 1, BitsAllocated: 16, BitsStored: 16, Signed: true, Pix: words(0, 30, 60, 1000)}
	if w := p.Transform(&body).Window; w.Center != 40 || w.Width != 80 {
		t.Errorf("brain is shown by %+v", w)
	}
	far := Frame{Rows: 1, Columns: 4, Samples: 1, BitsAllocated: 16, BitsStored: 16, Pix: words(5000, 5001, 6000, 7000)}
	if w := p.Transform(&far).Window; w.At(5000) >= w.At(7000) {
		t.Errorf("values far from tissue are shown by %+v", w)
	}
	d.SetString(tag.Modality, "CS", "MR")
	if p := PresentationOf(d, 0); p.Preset != nil {
		t.Errorf("MR has a preset %+v", p.Preset)
	}
}

func TestPresets(t *testing.T) {
	t.Parallel()
	for part, want := range map[string]string{
		"HEAD": "brain", "chest": "lung", "LSPINE": "spine", "": "abdomen", "KNEE": "bone",
		"HEART": "angiography", "CARDIAC": "angiography", "EAR": "bone", "INNEREAR": "bone", "IAC/EAR": "bone", "FOREARM": "bone", "left ear": "bone",
	} {
		list := Presets("CT", part)
		seen := map[string]bool{}
		for _, p := range list {
			if seen[p.ID] || !p.Window.Valid() {
				t.Errorf("%s: preset %+v", part, p)
			}
			seen[p.ID] = true
		}
		if len(list) != len(ctPresets()) || list[0].ID != want {
			t.Errorf("%q begins with %s of %d, want %s", part, list[0].ID, len(list), want)
		}
	}
	if Presets("MR", "HEAD") != nil {
		t.Error("MR has no fixed scale")
	}
}

func TestAspectWithoutSpacing(t *testing.T) {
	t.Parallel()
	d := grey16().dataset()
	d.SetInt(tag.PixelAspectRatio, "IS", 4, 3)
	if p := PresentationOf(d, 0).Plane; p.Aspect != 4.0/3 || p.Located {
		t.Errorf("%+v", p)
	}
	d.SetFloat(tag.ImagerPixelSpacing, "DS", 0.1, 0.1)
	if p := PresentationOf(d, 0).Plane; p.Aspect != 1 || !p.Imager {
		t.Errorf("%+v", p)
	}
}
