package phantom

import (
	"sync"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// slices of each MR series, and the distance between them.
const (
	mrSlices  = 20
	mrSpacing = 6.5
	mrLowest  = -48
)

// BrainMR is an MR of the brain at 1.5 T: T1, T2, FLAIR, diffusion at b = 1000
// and its ADC map, 20 slices each, with an acute infarct in the right corona
// radiata: bright in diffusion, dark in the map, faint in T1.
func BrainMR(o Order) Study {
	st := newStudy(o, "MR", "BRAIN", "Brain MR")
	h := sync.OnceValue(func() *head { return newHead(o.Seed, acuteInfarct) })
	tile := sync.OnceValue(func() *grain { return newGrain(source(o.Seed, "thermal noise"), 256) })
	for n, q := range sequences() {
		s := newSeries(o, &st, n+2, q.name)
		s.thickness, s.spacing = 5, mrSpacing
		for i := range mrSlices {
			g := grid{size: 256, spacing: 0.90625, cy: 2, z: mrLowest + float32(i)*mrSpacing}
			st.Instances = append(st.Instances, s.instance(uid.MRImageStorage, i+1, g, func(d *dataset.Dataset, pix []int16) {
				q.attributes(d, g)
				q.render(h(), g, pix, tile(), i*53+n*101, i*37)
			}))
		}
	}
	return st
}

// attributes writes the MR Image module (PS3.3 C.8.3.1) and the window.
func (s *sequence) attributes(d *dataset.Dataset, g grid) {
	d.SetString(tag.ImageType, "CS", s.imageType...)
	d.SetString(tag.ScanningSequence, "CS", s.scanning)
	d.SetString(tag.SequenceVariant, "CS", s.variant)
	d.SetString(tag.ScanOptions, "CS")
	if s.options != "" {
		d.SetString(tag.ScanOptions, "CS", s.options)
	}
	d.SetString(tag.MRAcquisitionType, "CS", "2D")
	d.SetFloat(tag.RepetitionTime, "DS", s.tr)
	d.SetFloat(tag.EchoTime, "DS", s.te)
	d.SetInt(tag.EchoTrainLength, "IS", s.echoTrain)
	if s.ti > 0 {
		d.SetFloat(tag.InversionTime, "DS", s.ti)
	}
	d.SetFloat(tag.FlipAngle, "DS", s.flip)
	d.SetFloat(tag.MagneticFieldStrength, "DS", 1.5)
	d.SetFloat(tag.ImagingFrequency, "DS", 63.87)
	d.SetString(tag.ImagedNucleus, "SH", "1H")
	d.SetInt(tag.NumberOfAverages, "DS", 1)
	d.SetInt(tag.AcquisitionMatrix, "US", 0, s.matrix, s.matrix, 0)
	d.SetString(tag.InPlanePhaseEncodingDirection, "CS", "COL")
	d.SetInt(tag.PercentSampling, "DS", 100)
	d.SetInt(tag.PercentPhaseFieldOfView, "DS", 100)
	d.SetFloat(tag.ReconstructionDiameter, "DS", float64(g.spacing)*float64(g.size))
	if s.bvalue > 0 {
		d.SetFloat(tag.DiffusionBValue, "FD", s.bvalue)
	}
	d.SetFloat(tag.WindowCenter, "DS", s.center)
	d.SetFloat(tag.WindowWidth, "DS", s.width)
}
