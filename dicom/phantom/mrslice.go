package phantom

// sequence is one MR series: how bright each tissue is and how the scan was
// made (PS3.3 C.8.3.1).
type sequence struct {
	name       string // Series Description
	signal     [tissues]float32
	te, tr, ti float64
	flip       float64
	scanning   string // Scanning Sequence
	variant    string // Sequence Variant
	options    string
	imageType  []string
	bvalue     float64
	matrix     int // as measured; half of the picture for echo planar
	noise      float32
	center     float64
	width      float64
	echoTrain  int
}

func sequences() []sequence {
	return []sequence{
		{
			name: "T1 AX", scanning: "SE", variant: "SK", options: "PFP", te: 12, tr: 500, flip: 90, matrix: 256, noise: 13, center: 400, width: 760, echoTrain: 1,
			imageType: []string{"ORIGINAL", "PRIMARY", "OTHER"},
			signal: [tissues]float32{
				skin: 330, fat: 860, muscle: 330, cortical: 22, diploe: 430, petrous: 18, csf: 105, white: 560, grey: 410, deep: 455, falx: 260,
				blood: 430, oedema: 380, infarct: 375, calcium: 70, vitreous: 110, lens: 300, mucosa: 380,
			},
		},
		{
			name: "T2 AX", scanning: "SE", variant: "SK", te: 95, tr: 4200, flip: 150, matrix: 256, noise: 13, center: 400, width: 800, echoTrain: 15,
			imageType: []string{"ORIGINAL", "PRIMARY", "OTHER"},
			signal: [tissues]float32{
				skin: 220, fat: 560, muscle: 115, cortical: 18, diploe: 220, petrous: 14, csf: 905, white: 268, grey: 405, deep: 330, falx: 110,
				blood: 300, oedema: 560, infarct: 560, calcium: 60, vitreous: 930, lens: 110, mucosa: 760,
			},
		},
		{
			name: "FLAIR AX", scanning: "IR", variant: "SK", te: 110, tr: 9000, ti: 2500, flip: 150, matrix: 256, noise: 13, center: 330, width: 660, echoTrain: 16,
			imageType: []string{"ORIGINAL", "PRIMARY", "OTHER"},
			signal: [tissues]float32{
				skin: 240, fat: 470, muscle: 170, cortical: 18, diploe: 200, petrous: 14, csf: 48, white: 300, grey: 400, deep: 365, falx: 160,
				blood: 360, oedema: 610, infarct: 590, calcium: 60, vitreous: 75, lens: 130, mucosa: 640,
			},
		},
		{
			name: "DWI b1000 AX", scanning: "EP", variant: "SK", options: "FS", te: 82, tr: 5200, flip: 90, matrix: 128, noise: 15, center: 330, width: 640, bvalue: 1000, echoTrain: 1,
			imageType: []string{"ORIGINAL", "PRIMARY", "OTHER"},
			signal: [tissues]float32{
				skin: 45, fat: 40, muscle: 70, cortical: 10, diploe: 30, petrous: 8, csf: 42, white: 262, grey: 305, deep: 285, falx: 70,
				blood: 200, oedema: 150, infarct: 720, calcium: 20, vitreous: 40, lens: 60, mucosa: 160,
			},
		},
		{
			name: "ADC AX", scanning: "EP", variant: "SK", options: "FS", te: 82, tr: 5200, flip: 90, matrix: 128, noise: 25, center: 1100, width: 2000, echoTrain: 1,
			imageType: []string{"DERIVED", "PRIMARY", "DIFFUSION MAP", "ADC"},
			signal: [tissues]float32{ // 10⁻⁶ mm²/s
				skin: 300, fat: 150, muscle: 900, diploe: 200, csf: 2900, white: 740, grey: 850, deep: 780, falx: 500,
				blood: 600, oedema: 1500, infarct: 370, vitreous: 2900, lens: 700, mucosa: 1500,
			},
		},
	}
}

// render draws one slice of the head in this contrast: signal, the fall of the
// coil's sensitivity from the rim inwards, point spread, Rician noise.
func (s *sequence) render(h *head, g grid, dst []int16, noise *grain, ox, oy int) {
	m := grid{size: s.matrix, spacing: g.spacing * float32(g.size) / float32(s.matrix), cx: g.cx, cy: g.cy, z: g.z}
	v, tmp := make([]float32, m.size*m.size), make([]float32, m.size*m.size)
	for y := range m.size {
		for x := range m.size {
			p := m.point(x, y)
			if s.matrix < g.size { // echo planar: pulled forward near the sinuses
				p.y -= 5 * gauss(sq(p.x)+sq(p.y+62)+sq(1.5*(p.z+30)), 22)
			}
			t := h.at(p)
			sig := s.signal[t]
			if t == white || t == grey || t == deep {
				sig *= 1 + 0.045*h.n.at(p.x*0.13+2, p.y*0.13, p.z*0.13)
			}
			if s.imageType[0] == "ORIGINAL" {
				sig *= 0.9 + 0.14*(sq(p.x/90)+sq(p.y/105)) + 0.05*h.n.at(p.x*0.012, p.y*0.012+3, p.z*0.012)
			}
			v[y*m.size+x] = sig
		}
	}
	soften(v, tmp, m.size)
	for y := range m.size {
		for x := range m.size {
			i := y*m.size + x
			a, b := v[i]+s.noise*noise.at(x+ox, y+oy), s.noise*noise.at(x+oy+97, y+ox+31)
			v[i] = sqrt(a*a + b*b)
			if s.imageType[0] == "DERIVED" && tmp[i] < 40 { // a map is masked
				v[i] = 0
			}
		}
	}
	enlarge(dst, g.size, v, m.size)
}

// enlarge joins the measured points linearly into the picture.
func enlarge(dst []int16, size int, v []float32, from int) {
	scale := float32(from) / float32(size)
	for y := range size {
		fy := min(max((float32(y)+0.5)*scale-0.5, 0), float32(from-1))
		y0 := int(fy)
		y1 := min(y0+1, from-1)
		for x := range size {
			fx := min(max((float32(x)+0.5)*scale-0.5, 0), float32(from-1))
			x0 := int(fx)
			x1 := min(x0+1, from-1)
			a := mix(v[y0*from+x0], v[y0*from+x1], fx-float32(x0))
			b := mix(v[y1*from+x0], v[y1*from+x1], fx-float32(x0))
			dst[y*size+x] = int16(min(mix(a, b, fy-float32(y0))+0.5, 4095))
		}
	}
}
