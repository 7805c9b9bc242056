package deident

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Pixel is how a pixel lies (PS3.3 C.7.6.3.1).
type Pixel struct {
	Photometric                      string
	Samples, Allocated, Stored, High int // the last three in bits
	Signed                           bool
}

func pixelOf(d *dataset.Dataset) Pixel {
	p := Pixel{Photometric: d.String(tag.PhotometricInterpretation), Samples: 1}
	if n, ok := d.Int(tag.SamplesPerPixel); ok {
		p.Samples = n
	}
	p.Allocated, _ = d.Int(tag.BitsAllocated)
	p.Stored, _ = d.Int(tag.BitsStored)
	p.High = p.Stored - 1
	if n, ok := d.Int(tag.HighBit); ok {
		p.High = n
	}
	signed, _ := d.Int(tag.PixelRepresentation)
	p.Signed = signed == 1
	return p
}

// Black is one pixel that is shown black, its samples little end first: what stands in
// masked areas. The header d says how values are shown.
func (p Pixel) Black(d *dataset.Dataset) []byte {
	size := p.Allocated / 8
	b := make([]byte, p.Samples*size)
	for s, v := range p.samples(d) {
		if s < p.Samples {
			p.put(b[s*size:(s+1)*size], v)
		}
	}
	return b
}

// put writes a stored value where its bits stand, the sign over those above it.
func (p Pixel) put(b []byte, v int64) {
	if shift := p.High + 1 - p.Stored; shift > 0 && shift < 64 {
		v <<= shift
	}
	var cell [8]byte
	binary.LittleEndian.PutUint64(cell[:], uint64(v))
	copy(b, cell[:])
}

// samples are the values of black; those that are left out are 0.
func (p Pixel) samples(d *dataset.Dataset) []int64 {
	if p.Stored < 1 || p.Stored > 64 {
		return nil // floating point, or broken
	}
	switch {
	case p.Samples == 1 && strings.HasPrefix(p.Photometric, "MONOCHROME"):
		return []int64{p.grey(d)}
	case p.Photometric == "PALETTE COLOR":
		return []int64{p.index(d)}
	case strings.HasPrefix(p.Photometric, "YBR_PARTIAL"): // Y from 16 (C.7.6.3.1.2)
		return []int64{1 << max(p.Stored-4, 0), p.middle(), p.middle()}
	case strings.HasPrefix(p.Photometric, "YBR"):
		return []int64{0, p.middle(), p.middle()}
	case p.Photometric == "CMYK":
		return []int64{0, 0, 0, p.most()}
	}
	return nil
}

// middle is no colour, for a chrominance.
func (p Pixel) middle() int64 {
	if p.Signed {
		return 0
	}
	return 1 << (p.Stored - 1)
}

func (p Pixel) least() int64 {
	if p.Signed {
		return -1 << (p.Stored - 1)
	}
	return 0
}

func (p Pixel) most() int64 {
	if p.Stored >= 63 {
		return math.MaxInt64
	}
	if p.Signed {
		return 1<<(p.Stored-1) - 1
	}
	return 1<<p.Stored - 1
}

// grey is the end of the scale that is shown black, of MONOCHROME1 the upper one; but
// when that is not 0, rather a value that leaves the range of the image as it is for
// who finds a window by it: the Pixel Padding Value, which is shown as background
// (C.7.5.1.1.2), or the edge of the window.
func (p Pixel) grey(d *dataset.Dataset) int64 {
	slope, ok := d.Float(tag.RescaleSlope)
	if !ok || slope == 0 {
		slope = 1
	}
	intercept, _ := d.Float(tag.RescaleIntercept)
	low := (p.Photometric == "MONOCHROME1") == (slope < 0)
	if low && !p.Signed {
		return 0
	}
	if v, ok := d.Int(tag.PixelPaddingValue); ok {
		padding := int64(v)
		if p.Signed && p.Stored < 64 && padding > p.most() {
			padding -= 1 << p.Allocated // it was written US
		}
		if padding >= p.least() && padding <= p.most() {
			return padding
		}
	}
	center, has := d.Float(tag.WindowCenter)
	if width, ok := d.Float(tag.WindowWidth); has && ok && width >= 1 {
		// PS3.3 C.11.2.1.2.1: black at and below center - 0.5 - (width-1)/2.
		edge := center - 0.5 - (width-1)/2
		if p.Photometric == "MONOCHROME1" {
			edge = center - 0.5 + (width-1)/2
		}
		stored := math.Floor((edge - intercept) / slope)
		if !low {
			stored++
		}
		if stored >= float64(p.least()) && stored <= float64(p.most()) {
			return int64(stored)
		}
	}
	if low {
		return p.least()
	}
	return p.most()
}

// index is the darkest entry of the palette.
func (p Pixel) index(d *dataset.Dataset) int64 {
	palette, err := pixel.PaletteOf(d)
	if err != nil || len(palette.RGB) == 0 {
		return 0
	}
	darkest, sum := 0, 1<<20
	for v := max(palette.First, int(p.least())); v < palette.First+len(palette.RGB) && int64(v) <= p.most(); v++ {
		c := palette.At(v)
		if s := 3*int(c[0]) + 6*int(c[1]) + int(c[2]); s < sum {
			darkest, sum = v, s
		}
	}
	return int64(darkest)
}
