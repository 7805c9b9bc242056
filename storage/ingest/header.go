package ingest

import (
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/catalog"
)

// functional are the places where an enhanced object keeps an attribute: the
// shared functional groups and those of the first frame (PS3.3 C.7.6.16.1).
type functional struct{ shared, first *dataset.Dataset }

func groups(d *dataset.Dataset) functional {
	return functional{d.Item(tag.SharedFunctionalGroupsSequence), d.Item(tag.PerFrameFunctionalGroupsSequence)}
}

// item is the first item of a macro's sequence; empty when there is none.
func (f functional) item(macro tag.Tag) *dataset.Dataset {
	if f.shared.Has(macro) {
		return f.shared.Item(macro)
	}
	return f.first.Item(macro)
}

// holder is d when it has t itself, else the functional group of the macro.
func holder(d *dataset.Dataset, t, macro tag.Tag) *dataset.Dataset {
	if d.Has(t) {
		return d
	}
	return groups(d).item(macro)
}

// header summarises what the viewer wants to know of an image.
func header(d *dataset.Dataset) catalog.Header {
	h := catalog.Header{
		HasPixels:   d.Has(tag.PixelData) || d.Has(tag.FloatPixelData) || d.Has(tag.DoubleFloatPixelData),
		Photometric: d.String(tag.PhotometricInterpretation), Presentation: d.String(tag.PresentationLUTShape),
		ImageType: d.Strings(tag.ImageType), ContentDate: d.String(tag.ContentDate), ContentTime: d.String(tag.ContentTime),
		AcquisitionNumber: integer(d, tag.AcquisitionNumber), EchoNumber: integer(d, tag.EchoNumbers),
		FrameOfReferenceUID: d.String(tag.FrameOfReferenceUID), FrameTime: decimal(d, tag.FrameTime),
		Lossy: d.String(tag.LossyImageCompression) == "01", BurnedIn: d.String(tag.BurnedInAnnotation),
		MIMEType: d.String(tag.MIMETypeOfEncapsulatedDocument), Title: d.String(tag.DocumentTitle),
		PaddingValue: integer(d, tag.PixelPaddingValue), PaddingLimit: integer(d, tag.PixelPaddingRangeLimit),
	}
	h.Samples, _ = d.Int(tag.SamplesPerPixel)
	h.BitsAllocated, _ = d.Int(tag.BitsAllocated)
	h.BitsStored, _ = d.Int(tag.BitsStored)
	h.HighBit, _ = d.Int(tag.HighBit)
	h.PlanarConfiguration, _ = d.Int(tag.PlanarConfiguration)
	representation, _ := d.Int(tag.PixelRepresentation)
	h.Signed = representation == 1
	if h.Title == "" && !h.HasPixels {
		h.Title = d.Item(tag.ConceptNameCodeSequence).String(tag.CodeMeaning)
	}
	h.Laterality = d.String(tag.ImageLaterality)
	if h.Laterality == "" {
		if h.Laterality = d.String(tag.Laterality); h.Laterality == "" {
			h.Laterality = groups(d).item(tag.FrameAnatomySequence).String(tag.FrameLaterality)
		}
	}
	if h.Signed { // US or SS is the choice of the sender (PS3.3 C.7.5.1.1.2); the bits are those of the pixels
		sign(h.PaddingValue)
		sign(h.PaddingLimit)
	}
	geometry(d, &h)
	grayscale(d, &h)
	return h
}

// geometry: PS3.3 C.7.6.2, C.7.6.16.2.1, C.7.6.16.2.3, C.7.6.16.2.4.
func geometry(d *dataset.Dataset, h *catalog.Header) {
	h.Position = vector(holder(d, tag.ImagePositionPatient, tag.PlanePositionSequence).Floats(tag.ImagePositionPatient), 3)
	h.Orientation = vector(holder(d, tag.ImageOrientationPatient, tag.PlaneOrientationSequence).Floats(tag.ImageOrientationPatient), 6)
	measures := holder(d, tag.PixelSpacing, tag.PixelMeasuresSequence)
	h.PixelSpacing = vector(measures.Floats(tag.PixelSpacing), 2)
	h.ImagerSpacing = vector(d.Floats(tag.ImagerPixelSpacing), 2)
	h.SliceThickness = decimal(holder(d, tag.SliceThickness, tag.PixelMeasuresSequence), tag.SliceThickness)
	h.SpacingBetweenSlices = decimal(holder(d, tag.SpacingBetweenSlices, tag.PixelMeasuresSequence), tag.SpacingBetweenSlices)
	h.SliceLocation = decimal(d, tag.SliceLocation)
	if r := d.Ints(tag.PixelAspectRatio); len(r) == 2 {
		h.AspectRatio = r
	}
	h.BValue = decimal(holder(d, tag.DiffusionBValue, tag.MRDiffusionSequence), tag.DiffusionBValue)
}

// grayscale: PS3.3 C.11.1, C.11.2, C.7.6.16.2.9, C.7.6.16.2.10.
func grayscale(d *dataset.Dataset, h *catalog.Header) {
	rescale := holder(d, tag.RescaleSlope, tag.PixelValueTransformationSequence)
	h.Slope, h.Intercept = decimal(rescale, tag.RescaleSlope), decimal(rescale, tag.RescaleIntercept)
	h.RescaleType = rescale.String(tag.RescaleType)
	for g := range overlayGroups {
		h.Overlays = h.Overlays || d.Has(overlayRows(g))
	}
	h.ModalityLUT = len(d.Items(tag.ModalityLUTSequence)) > 0
	h.VOILUT = len(d.Items(tag.VOILUTSequence)) > 0
	voi := holder(d, tag.WindowCenter, tag.FrameVOILUTSequence)
	centers, widths := voi.Floats(tag.WindowCenter), voi.Floats(tag.WindowWidth)
	explanations := voi.Strings(tag.WindowCenterWidthExplanation)
	const windowsMax = 16
	for k := range min(len(centers), len(widths), windowsMax) {
		w := catalog.Window{Center: centers[k], Width: widths[k], Function: voi.String(tag.VOILUTFunction)}
		if k < len(explanations) {
			w.Explanation = explanations[k]
		}
		h.Windows = append(h.Windows, w)
	}
}

func integer(d *dataset.Dataset, t tag.Tag) *int {
	if n, ok := d.Int(t); ok {
		return &n
	}
	return nil
}

func decimal(d *dataset.Dataset, t tag.Tag) *float64 {
	if f, ok := d.Float(t); ok {
		return &f
	}
	return nil
}

// vector drops a value of the wrong multiplicity.
func vector(v []float64, n int) []float64 {
	if len(v) != n {
		return nil
	}
	return v
}

// sign reads a 16 bit pattern as two's complement.
func sign(n *int) {
	if n != nil && *n > 0x7fff && *n <= 0xffff {
		*n -= 0x10000
	}
}
