package pixel

// Modality is the Modality LUT Module (PS3.3 C.11.1): either a table or the
// line Slope·stored + Intercept. The zero value is the identity.
type Modality struct {
	Slope, Intercept float64 // Rescale Slope (0028,1053), Rescale Intercept (0028,1052)
	LUT              *LUT    // Modality LUT Sequence (0028,3000); takes precedence
	Type             string  // Rescale Type (0028,1054) or Modality LUT Type: HU, US, OD …
}

// slope reads a slope of zero, which would flatten every image and is what
// the zero value holds, as one.
func (m Modality) slope() float64 {
	if m.Slope == 0 {
		return 1
	}
	return m.Slope
}

// At maps a stored value to a modality value.
func (m Modality) At(stored int) float64 {
	if m.LUT != nil {
		return float64(m.LUT.At(stored))
	}
	return m.slope()*float64(stored) + m.Intercept
}
