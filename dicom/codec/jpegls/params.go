package jpegls

import "math/bits"

// preset are the coding parameters of T.87 §C.2.4.1.1; zero means the default.
type preset struct {
	maxVal, t1, t2, t3, reset int
}

// params are those and what follows from them (Annex A.2.1).
type params struct {
	preset
	near      int
	step      int // 2·NEAR+1
	rangeSize int // RANGE
	qbpp      int
	limit     int
}

// newParams fills in the defaults of §C.2.4.1.1.1; ok is false when a value is
// outside of what Table C.3 allows.
func newParams(given preset, precision, near int) (p params, ok bool) {
	top := 1<<precision - 1
	p = params{preset: given, near: near, step: 2*near + 1}
	if p.maxVal == 0 {
		p.maxVal = top
	}
	if p.maxVal < 1 || p.maxVal > top || near < 0 || near > min(255, p.maxVal/2) {
		return p, false
	}
	t1, t2, t3 := defaultThresholds(p.maxVal, near)
	if p.t1 == 0 {
		p.t1 = t1
	}
	if p.t2 == 0 {
		p.t2 = max(t2, p.t1)
		if given.t1 == 0 {
			p.t2 = t2
		}
	}
	if p.t3 == 0 {
		p.t3 = max(t3, p.t2)
		if given.t1 == 0 && given.t2 == 0 {
			p.t3 = t3
		}
	}
	if p.reset == 0 {
		p.reset = 64
	}
	if p.t1 < near+1 || p.t1 > p.maxVal || p.t2 < p.t1 || p.t2 > p.maxVal || p.t3 < p.t2 || p.t3 > p.maxVal ||
		p.reset < 3 || p.reset > max(255, p.maxVal) {
		return p, false
	}
	p.rangeSize = (p.maxVal+2*near)/p.step + 1
	p.qbpp = bits.Len(uint(p.rangeSize - 1))
	bpp := max(2, bits.Len(uint(p.maxVal)))
	p.limit = 2 * (bpp + max(8, bpp))
	return p, true
}

// oldThresholds are those that CharLS 1, and so DCMTK and GDCM of many years, take for
// the defaults: below MAXVAL 128 they are not those of the standard.
func oldThresholds(maxVal, near int) (t1, t2, t3 int) {
	clamp := func(i, low int) int {
		if i > maxVal || i < low {
			return low
		}
		return i
	}
	t1 = clamp(2+3*near, near+1)
	t2 = clamp(3+5*near, t1)
	t3 = clamp(4+7*near, t2)
	return t1, t2, t3
}

func defaultThresholds(maxVal, near int) (t1, t2, t3 int) {
	clamp := func(i, low int) int {
		if i > maxVal || i < low {
			return low
		}
		return i
	}
	const basic1, basic2, basic3 = 3, 7, 21
	if maxVal >= 128 {
		f := (min(maxVal, 4095) + 128) / 256
		t1 = clamp(f*(basic1-2)+2+3*near, near+1)
		t2 = clamp(f*(basic2-3)+3+5*near, t1)
		t3 = clamp(f*(basic3-4)+4+7*near, t2)
		return t1, t2, t3
	}
	f := 256 / (maxVal + 1)
	t1 = clamp(max(2, basic1/f+3*near), near+1)
	t2 = clamp(max(3, basic2/f+5*near), t1)
	t3 = clamp(max(4, basic3/f+7*near), t2)
	return t1, t2, t3
}
