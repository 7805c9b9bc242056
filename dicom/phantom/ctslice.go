package phantom

// grid is the geometry of a slice in the patient's coordinates.
type grid struct {
	size    int     // rows and columns
	spacing float32 // millimetres between pixel centres
	cx, cy  float32 // centre of the picture
	z       float32
}

// point is the centre of the pixel in column x, row y.
func (g grid) point(x, y int) vec {
	half := float32(g.size-1) / 2
	return vec{g.cx + (float32(x)-half)*g.spacing, g.cy + (float32(y)-half)*g.spacing, g.z}
}

// soften is the point spread of the scanner: a binomial kernel of three pixels
// in each direction, over what the formulas drew with hard edges.
func soften(v, tmp []float32, size int) {
	for y := range size {
		row, out := v[y*size:(y+1)*size], tmp[y*size:(y+1)*size]
		out[0], out[size-1] = row[0], row[size-1]
		for x := 1; x < size-1; x++ {
			out[x] = 0.25*row[x-1] + 0.5*row[x] + 0.25*row[x+1]
		}
	}
	copy(v[:size], tmp[:size])
	copy(v[(size-1)*size:], tmp[(size-1)*size:size*size])
	for y := 1; y < size-1; y++ {
		a, b, c := tmp[(y-1)*size:y*size], tmp[y*size:(y+1)*size], tmp[(y+1)*size:(y+2)*size]
		out := v[y*size : (y+1)*size]
		for x := range out {
			out[x] = 0.25*a[x] + 0.5*b[x] + 0.25*c[x]
		}
	}
}

// lay adds the grain of the detector and rounds to stored values, low … high.
func lay(dst []int16, v []float32, size int, g *grain, ox, oy int, amount, low, high float32) {
	for y := range size {
		for x := range size {
			i := y*size + x
			f := v[i] + amount*g.at(x+ox, y+oy)
			f = min(max(f, low), high)
			if f < 0 {
				dst[i] = int16(f - 0.5)
			} else {
				dst[i] = int16(f + 0.5)
			}
		}
	}
}
