package j2k

// analyze is the forward 5-3 transformation (T.800 §F.4) of a component whose
// samples begin at even positions, into the arrangement that synthesize undoes.
func (e *Encoder) analyze(c *component) {
	for r := c.kept; r > 0; r-- {
		w, h := c.resolutions[r].width(), c.resolutions[r].height()
		e.line = grow(e.line, max(w, h*columns))
		if h > 1 {
			e.analyzeColumns(c, w, h)
		}
		if w > 1 {
			for y := range h {
				e.analyzeRow(c.plane[y*c.stride:][:w])
			}
		}
	}
}

// analyzeRow filters a row of two samples or more: lows go first, then highs.
func (e *Encoder) analyzeRow(row []int32) {
	n := len(row)
	highs := e.line[:n/2]
	for i := range (n - 1) / 2 {
		p := row[2*i : 2*i+3 : 2*i+3]
		highs[i] = p[1] - (p[0]+p[2])>>1
	}
	if n%2 == 0 {
		highs[n/2-1] = row[n-1] - row[n-2]
	}
	row[0] += (2*highs[0] + 2) >> 2
	for i := 1; i < n/2; i++ {
		row[i] = row[2*i] + (highs[i-1]+highs[i]+2)>>2
	}
	if n%2 != 0 {
		row[n/2] = row[n-1] + (2*highs[n/2-1]+2)>>2
	}
	copy(row[(n+1)/2:], highs)
}

// analyzeColumns filters the columns, a group of them at a time.
func (e *Encoder) analyzeColumns(c *component, w, h int) {
	for x := 0; x < w; x += columns {
		k := min(columns, w-x)
		t := e.line[:h*columns]
		for y := range h {
			copy(t[y*columns:], c.plane[y*c.stride+x:][:k])
		}
		at := func(y int) *[columns]int32 { return (*[columns]int32)(t[y*columns:]) }
		for y := 1; y < h; y += 2 {
			v, a, b := at(y), at(y-1), at(mirror(y+1, h))
			for i := range v {
				v[i] -= (a[i] + b[i]) >> 1
			}
		}
		for y := 0; y < h; y += 2 {
			v, a, b := at(y), at(mirror(y-1, h)), at(mirror(y+1, h))
			for i := range v {
				v[i] += (a[i] + b[i] + 2) >> 2
			}
		}
		for y := range h {
			to := y / 2
			if y%2 != 0 {
				to += (h + 1) / 2
			}
			copy(c.plane[to*c.stride+x:][:k], t[y*columns:])
		}
	}
}
