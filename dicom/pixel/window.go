package pixel

import "math"

// VOI LUT Function (0028,1056), PS3.3 C.11.2.1.2.
const (
	Linear      = "LINEAR"
	LinearExact = "LINEAR_EXACT"
	Sigmoid     = "SIGMOID"
)

// Window is Window Center (0028,1050), Window Width (0028,1051) and the
// function that uses them (PS3.3 C.11.2). Centre and width are in the output
// unit of the Modality LUT.
type Window struct {
	Center, Width float64
	Function      string // empty means LINEAR
	Explanation   string // Window Center & Width Explanation (0028,1055)
}

// Valid tells whether the width is one its function allows (PS3.3
// C.11.2.1.2): at least 1 for LINEAR, above 0 for the others.
func (w Window) Valid() bool {
	if math.IsNaN(w.Center) || math.IsInf(w.Center, 0) || math.IsNaN(w.Width) || math.IsInf(w.Width, 0) {
		return false
	}
	if w.Function == LinearExact || w.Function == Sigmoid {
		return w.Width > 0
	}
	return w.Width >= 1
}

// At maps a modality value to 0..1 (PS3.3 C.11.2.1.2.1, C.11.2.1.3.1,
// C.11.2.1.3.2). An unknown function acts as LINEAR, its default.
func (w Window) At(x float64) float64 {
	switch w.Function {
	case Sigmoid:
		return 1 / (1 + math.Exp(-4*(x-w.Center)/w.Width))
	case LinearExact:
		return clamp01((x-w.Center)/w.Width + 0.5)
	default:
		if w.Width <= 1 { // the slope has no length: a step at c - 0.5
			if x <= w.Center-0.5 {
				return 0
			}
			return 1
		}
		return clamp01((x-(w.Center-0.5))/(w.Width-1) + 0.5)
	}
}

func clamp01(v float64) float64 {
	if v < 0 {
		return 0
	}
	if v > 1 {
		return 1
	}
	return v
}

// grey is At on the scale of an 8 bit picture, rounded to nearest.
func (w Window) grey(x float64) uint8 { return uint8(w.At(x)*255 + 0.5) }

// bounds are the modality values below which the output is 0 and above which
// it is 255: between them the table has to be computed, outside it is filled.
func (w Window) bounds() (lo, hi float64) {
	switch w.Function {
	case Sigmoid:
		// 1/(1+e^t)·255 rounds to 0 from t = ln(509): 1.6 widths from the centre.
		return w.Center - 1.6*w.Width, w.Center + 1.6*w.Width
	case LinearExact:
		return w.Center - w.Width/2, w.Center + w.Width/2
	default:
		half := (w.Width - 1) / 2
		return w.Center - 0.5 - half, w.Center - 0.5 + half
	}
}
