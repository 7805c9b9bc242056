package phantom

import (
	"fmt"
	"math"
	"sync"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// intercept makes stored values of CT positive: stored = HU + 1024.
const intercept = -1024

// HeadCT is an unenhanced CT of the head, 124 slices of 1.25 mm, with a
// haemorrhage in the left putamen.
func HeadCT(o Order) Study {
	st := newStudy(o, "CT", "HEAD", "Head CT")
	h := sync.OnceValue(func() *head { return newHead(o.Seed, haemorrhage) })
	s := newSeries(o, &st, 2, "Head 1.25mm")
	s.thickness, s.spacing = 1.25, 1.25
	scan := ctScan{
		series: s, slices: 124, lowest: -54, rising: true, size: 512, spacing: 240.0 / 512, centreY: 2, noise: 4.2,
		kernel: "H30s", mAs: 320, window: [][2]float64{{40, 80}, {480, 2500}}, names: []string{"BRAIN", "BONE"},
		density: func() func(vec) float32 {
			a := h()
			return func(p vec) float32 {
				t := a.at(p)
				v := hounsfield[t]
				if t == blood { // clotted: uneven
					v += 6 * a.n.at(p.x*0.35, p.y*0.35, p.z*0.35)
				}
				return v
			}
		},
	}
	st.Instances = scan.instances(o)
	return st
}

// ChestCT is an unenhanced CT of the chest, 97 slices of 3 mm, with a spiculated
// nodule in the right upper lobe.
func ChestCT(o Order) Study { return chestCT(o, 97, 3) }

// ThinChestCT is the same chest in any number of slices, over 300 mm: what a
// benchmark of large studies reads.
func ThinChestCT(o Order, slices int) Study { return chestCT(o, slices, 300/float64(slices)) }

func chestCT(o Order, slices int, thickness float64) Study {
	st := newStudy(o, "CT", "CHEST", "Chest CT")
	c := sync.OnceValue(func() *chest { return newChest(o.Seed) })
	s := newSeries(o, &st, 2, fmt.Sprintf("Chest %gmm", math.Round(100*thickness)/100))
	s.thickness, s.spacing = thickness, thickness
	scan := ctScan{
		series: s, slices: slices, lowest: -150, size: 512, spacing: 390.0 / 512, centreY: 6, noise: 9,
		kernel: "B50f", mAs: 110, window: [][2]float64{{40, 400}, {-600, 1500}}, names: []string{"MEDIASTINUM", "LUNG"},
		density: func() func(vec) float32 { return c().at },
	}
	st.Instances = scan.instances(o)
	return st
}

func newStudy(o Order, modality, part, description string) Study {
	if o.Procedure != "" {
		description = o.Procedure
	}
	return Study{StudyInstanceUID: o.name("study"), AccessionNumber: o.AccessionNumber, Modality: modality, BodyPart: part, Description: description}
}

// ctScan is a stack of axial slices through a density.
type ctScan struct {
	series  *series
	slices  int
	lowest  float32 // z of the lowest slice
	rising  bool    // the first image is the lowest
	size    int
	spacing float32
	centreY float32
	noise   float32 // HU
	kernel  string
	mAs     int
	window  [][2]float64
	names   []string
	density func() func(vec) float32
}

func (c ctScan) instances(o Order) []Instance {
	tile := sync.OnceValue(func() *grain { return newGrain(source(o.Seed, "quantum noise"), 512) })
	out := make([]Instance, 0, c.slices)
	for i := range c.slices {
		up := c.slices - 1 - i
		if c.rising {
			up = i
		}
		g := grid{size: c.size, spacing: c.spacing, cy: c.centreY, z: c.lowest + float32(up)*float32(c.series.spacing)}
		out = append(out, c.series.instance(uid.CTImageStorage, i+1, g, func(d *dataset.Dataset, pix []int16) {
			c.attributes(d)
			c.render(pix, g, tile(), i)
		}))
	}
	return out
}

func (c ctScan) render(pix []int16, g grid, tile *grain, number int) {
	at := c.density()
	v, tmp := make([]float32, g.size*g.size), make([]float32, g.size*g.size)
	for y := range g.size {
		row := v[y*g.size : (y+1)*g.size]
		for x := range row {
			row[x] = at(g.point(x, y)) - intercept
		}
	}
	soften(v, tmp, g.size)
	lay(pix, v, g.size, tile, number*97, number*61, c.noise, 0, 4095)
}

// attributes writes the CT Image module (PS3.3 C.8.2.1) and the windows
// (C.11.2).
func (c ctScan) attributes(d *dataset.Dataset) {
	d.SetString(tag.ImageType, "CS", "ORIGINAL", "PRIMARY", "AXIAL")
	d.SetInt(tag.RescaleIntercept, "DS", intercept)
	d.SetInt(tag.RescaleSlope, "DS", 1)
	d.SetString(tag.RescaleType, "LO", "HU")
	d.SetInt(tag.KVP, "DS", 120)
	d.SetInt(tag.XRayTubeCurrent, "IS", c.mAs)
	d.SetInt(tag.ExposureTime, "IS", 1000)
	d.SetInt(tag.Exposure, "IS", c.mAs)
	d.SetInt(tag.GantryDetectorTilt, "DS", 0)
	d.SetString(tag.RotationDirection, "CS", "CW")
	d.SetString(tag.ConvolutionKernel, "SH", c.kernel)
	d.SetFloat(tag.ReconstructionDiameter, "DS", float64(c.spacing)*float64(c.size))
	centers, widths := make([]float64, 0, len(c.window)), make([]float64, 0, len(c.window))
	for _, w := range c.window {
		centers, widths = append(centers, w[0]), append(widths, w[1])
	}
	d.SetFloat(tag.WindowCenter, "DS", centers...)
	d.SetFloat(tag.WindowWidth, "DS", widths...)
	d.SetString(tag.WindowCenterWidthExplanation, "LO", c.names...)
}
