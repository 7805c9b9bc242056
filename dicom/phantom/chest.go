package phantom

import "math"

// chest is the anatomy of one trunk from the shoulders to the liver, in
// millimetres from a point before the spine at the height of the carina.
type chest struct {
	n        *lattice
	airways  []capsule // lumen
	vessels  []capsule // great vessels with blood in them
	calcspot capsule
	nodule   ball
}

func newChest(seed uint64) *chest {
	r := source(seed, "chest")
	jitter := func(mm float64) float32 { return float32((r.Float64()*2 - 1) * mm) }
	return &chest{
		n: newLattice(r),
		airways: []capsule{
			{vec{0, 12, 170}, vec{1, 14, 4}, 8.5, 8.5},      // trachea
			{vec{1, 14, 4}, vec{-28, 20, -18}, 7.5, 6.5},    // right main bronchus
			{vec{1, 14, 4}, vec{40, 22, -24}, 6.5, 5.5},     // left main bronchus
			{vec{-28, 20, -18}, vec{-38, 18, -52}, 5, 4},    // intermediate
			{vec{-26, 18, -16}, vec{-46, 10, 14}, 4.2, 3.2}, // right upper lobe
			{vec{40, 22, -24}, vec{50, 26, -56}, 4.5, 3.4},  // left lower lobe
			{vec{38, 20, -22}, vec{56, 2, -2}, 4.2, 3},      // left upper lobe
			{vec{-38, 18, -52}, vec{-52, 34, -84}, 3.4, 2.2},
			{vec{50, 26, -56}, vec{60, 42, -86}, 3, 2},
		},
		vessels: []capsule{
			{vec{-12, -22, -28}, vec{-12, -20, 22}, 17, 15.5}, // ascending aorta
			{vec{-12, -20, 22}, vec{14, 8, 38}, 14.5, 13},     // arch
			{vec{14, 8, 38}, vec{25, 38, 18}, 13, 12.5},       //
			{vec{25, 38, 18}, vec{18, 42, -170}, 12.5, 11},    // descending aorta
			{vec{8, -34, -30}, vec{14, -18, -8}, 14.5, 13},    // pulmonary trunk
			{vec{14, -18, -8}, vec{40, 6, -12}, 12, 8},        // left pulmonary artery
			{vec{10, -14, -12}, vec{-38, 4, -20}, 11, 8.5},    // right pulmonary artery
			{vec{-32, -12, -34}, vec{-30, -8, 66}, 9.5, 8},    // superior vena cava
			{vec{-30, -8, 66}, vec{34, -18, 78}, 7, 6},        // brachiocephalic veins
			{vec{-8, -2, 40}, vec{-22, 4, 120}, 6.5, 5},       // brachiocephalic trunk
			{vec{4, 0, 42}, vec{16, 6, 130}, 4.5, 4},          // left carotid
			{vec{13, 8, 42}, vec{30, 14, 120}, 5, 4.5},        // left subclavian
			{vec{-38, 4, -20}, vec{-46, 22, -60}, 8, 6},       // right lower artery
			{vec{40, 6, -12}, vec{52, 30, -58}, 8, 6},         // left lower artery
		},
		calcspot: capsule{vec{5, 4, 46}, vec{17, 12, 44}, 2.2, 1.6},
		nodule:   ball{vec{-72 + jitter(4), -8 + jitter(6), 30 + jitter(4)}, vec{8.5, 7.5, 8}},
	}
}

// at is the CT number at p.
func (c *chest) at(p vec) float32 {
	z := p.z
	n := c.n.at(p.x*0.03, p.y*0.03, p.z*0.03)
	// Skin line: a flat oval, narrower towards the neck.
	taper := 1 - 0.28*step(95, 175, z)
	bx, by := 176*taper, 116*(1-0.22*step(90, 180, z))
	y := p.y - 4
	e := oval(p.x/bx, y/by)
	// The arms are raised: the shoulders widen the top.
	if z > 95 {
		sh := oval(p.x/(bx+34*step(95, 130, z)), (y-12)/(by*0.74))
		e = min(e, sh)
	}
	if e > 1 {
		return c.table(p)
	}
	d := sqrt(e)
	under := (1 - d) / max(d, 0.2) * sqrt(sq(p.x)+sq(y)) // depth under the skin
	if under < 2 {
		return 45
	}
	if t, ok := c.spine(p, n); ok {
		return t
	}
	cage := c.cage(p) // depth inside the rib cage
	if cage < 0 {
		return c.wall(p, under, -cage, n)
	}
	if cage < 9 {
		if v, ok := c.rib(p, cage, n); ok {
			return v
		}
		if cage < 7 {
			return 52 + 6*n // intercostal muscle
		}
		return -70 // a thin layer of fat before the pleura
	}
	return c.inside(p, cage, n)
}

// oval is below 1 inside a shape between an ellipse and a rectangle.
func oval(x, y float32) float32 {
	a, b := x*x, y*y
	return 0.45*(a+b) + 0.55*sqrt(a*a+b*b)
}

// cage is the depth of p inside the outer face of the rib cage.
func (c *chest) cage(p vec) float32 {
	t := step(30, 165, p.z)
	ax, ay := mix(142, 62, t*t), mix(95, 58, t*t)
	d := sqrt(oval(p.x/ax, (p.y-2-7*gauss(sq(p.x), 26))/ay))
	if d < 0.3 {
		return 60
	}
	return (1 - d) / d * sqrt(sq(p.x)+sq(p.y-2))
}

// rib cuts the cage into ribs that slope down towards the front, each a tube of
// dense bone around marrow, and gives the sternum.
func (c *chest) rib(p vec, cage, n float32) (float32, bool) {
	if p.y < -55 && abs(p.x) < 19 && p.z > -90 && p.z < 92 { // sternum
		if sq(p.x/17)+sq((cage-4.5)/5) < 1 {
			if sq(p.x/13.5)+sq((cage-4.5)/3.4) < 1 {
				return 130 + 90*c.n.at(p.x*0.3, p.y*0.3, p.z*0.3), true
			}
			return 520, true
		}
		return 0, false
	}
	slope := 0.62*(p.y-50) + 0.06*abs(p.x)
	f := p.z - slope + 500
	const pitch = 25
	f -= float32(int(f/pitch)) * pitch
	f -= pitch / 2
	r := sq(f/6.8) + sq((cage-3.8)/4.4)
	if r > 1 {
		return 0, false
	}
	front := p.y < -52 && abs(p.x) < 74 // costal cartilage
	switch {
	case front:
		return 115 + 25*n, true
	case r > 0.45:
		return 780 + 150*n, true
	}
	return 210 + 120*c.n.at(p.x*0.4, p.y*0.4, p.z*0.4), true
}

// wall is fat and muscle outside the ribs, and the shoulder blade.
func (c *chest) wall(p vec, under, out, n float32) float32 {
	x := abs(p.x)
	if p.z > 20 && p.y > 22 { // scapula, gliding on the ribs
		blade := abs(out - 13 - 0.04*(p.z-60) - 3*n)
		if x > 55 && x < 118 && p.z < 150 {
			thick := 2.2 + 3.5*gauss(sq(x-112), 9)
			if blade < thick {
				if blade < thick-1.5 {
					return 250
				}
				return 760
			}
			if blade < thick+9 && under > 7 {
				return 55 + 5*n
			}
		}
	}
	if p.z > 100 && x > 118 && x < 172 { // humeral head
		if r := sq(x-146) + sq(p.y-14) + sq((p.z-130)*0.8); r < 26*26 {
			if r < 23*23 {
				return 260 + 90*c.n.at(p.x*0.3, p.y*0.3, p.z*0.3)
			}
			return 820
		}
	}
	subcutaneous := 9 + 3*n + 7*step(60, 110, abs(p.y))*step(90, 0, p.z)
	if under < subcutaneous {
		return -102 + 6*n
	}
	// Sheets of muscle with fat between: pectorals, latissimus, serratus, back.
	sheet := c.n.at(p.x*0.05+3, p.y*0.05, p.z*0.012)
	if p.y > 55 && x < 62 { // erector spinae
		if x < 4 || sheet > 0.62 {
			return -95
		}
		return 56 + 5*n
	}
	if out < 3 || abs(out-8.5-4*sheet) < 1.1 {
		return -96
	}
	if p.y < -20 && out > 17+6*sheet || p.y > -20 && out > 22 {
		return -100
	}
	return 55 + 6*n
}

// spine is a column of vertebrae and discs with canal and processes.
func (c *chest) spine(p vec, n float32) (float32, bool) {
	if abs(p.x) > 46 || p.y < 28 || p.y > 112 {
		return 0, false
	}
	const pitch = 24
	f := p.z + 480
	f -= float32(int(f/pitch)) * pitch
	body := sq(p.x/17) + sq((p.y-48)/14.5)
	if body < 1 {
		if f < 4.5 {
			return 85, true // disc
		}
		if body > 0.8 || f < 6.2 || f > pitch-1.6 {
			return 540 + 80*n, true
		}
		return 175 + 95*c.n.at(p.x*0.45, p.y*0.45, p.z*0.45), true
	}
	canal := sqrt(sq(p.x) + sq(p.y-71))
	if canal < 8.5 {
		if canal < 5 {
			return 38, true
		}
		return 10, true
	}
	if canal < 12.5 && (f > 8 || p.y > 74) {
		return 640, true
	}
	if f > 7 && f < 18 {
		lean := p.y - 76 - 0.28*abs(p.x) // transverse process leans back
		if abs(p.x) < 36 && abs(lean) < 5 {
			if abs(lean) < 3.2 && abs(p.x) < 34 {
				return 280, true
			}
			return 600, true
		}
	}
	if abs(p.x) < 3.4 && p.y > 80 && p.y < 104 && f > 3 && f < 19 { // spinous process
		return 560, true
	}
	return 0, false
}

// inside is what the ribs hold.
func (c *chest) inside(p vec, cage, n float32) float32 {
	fine := c.n.at(p.x*0.2, p.y*0.2, p.z*0.2)
	if v, ok := c.organs(p, cage, n, fine); ok {
		return v
	}
	if v, ok := c.mediastinum(p, n, fine); ok {
		return v
	}
	return c.lung(p, cage, n, fine)
}

// organs are those under the diaphragm, whose domes rise into the lungs.
func (c *chest) organs(p vec, cage, n, fine float32) (float32, bool) {
	right := ball{vec{-62, -4, -158}, vec{78, 82, 66}}
	left := ball{vec{66, 4, -166}, vec{70, 80, 60}}
	q := vec{p.x, p.y, p.z + 2*n}
	r, l := right.level(q), left.level(q)
	if r > 1.06 && l > 1.06 {
		return 0, false
	}
	if r >= 1 && l >= 1 {
		return 50, true // diaphragm
	}
	if r < 1 {
		if r > 0.95 && cage < 30 {
			return -85, true
		}
		vein := sq(c.n.at(p.x*0.05, p.y*0.05+4, p.z*0.05)) + sq(c.n.at(p.x*0.05+9, p.y*0.05, p.z*0.05))
		if vein < 0.006 {
			return 42, true
		}
		return 59 + 4*n, true // liver
	}
	stomach := ball{vec{50, -28, -152}, vec{36, 34, 34}}
	if s := stomach.level(p); s < 1 {
		switch {
		case s > 0.86:
			return 45, true
		case p.y < -40+2*fine: // the patient lies on the back: air in front
			return -980, true
		}
		return 22 + 15*fine, true
	}
	spleen := ball{vec{94, 34, -160}, vec{30, 40, 44}}
	if spleen.level(p) < 1 {
		return 50 + 3*n, true
	}
	return -98 + 6*n, true
}

// mediastinum is heart, great vessels, airways and the fat between them.
func (c *chest) mediastinum(p vec, n, fine float32) (float32, bool) {
	if abs(p.x) > 78 {
		return c.heart(p, n)
	}
	for i := range c.airways {
		if d := c.airways[i].depth(p); d > 0 {
			return -985, true
		} else if d > -1.4 {
			return 25, true
		}
	}
	for i := range c.vessels {
		v := &c.vessels[i]
		d := v.depth(p)
		if d < 0 {
			continue
		}
		if i < 4 && d < 1.6 {
			if c.n.at(p.x*0.12, p.y*0.12+8, p.z*0.12) > 0.52 {
				return 420, true // plaque
			}
			return 52, true
		}
		return 42, true
	}
	if c.calcspot.depth(p) > 0 {
		return 480, true
	}
	if v, ok := c.heart(p, n); ok {
		return v, true
	}
	oesophagus := sqrt(sq(p.x-9) + sq(p.y-30))
	if oesophagus < 7 {
		if oesophagus < 1.8 && fine > 0 {
			return -600, true
		}
		return 40, true
	}
	// The rest of the middle is fat with a few small nodes.
	half := 20 + 6*n + 4*fine + // thymus and vessels, then narrow behind the sternum
		13*gauss(sq(p.z-30)+sq(p.y+10), 26) +
		9*gauss(sq(p.z+25)+sq(p.y-12), 20) +
		7*step(10, 45, p.y) + 12*step(105, 160, p.z)
	half -= 14 * step(-22, -56, p.y) * step(-100, -60, p.z)
	if abs(p.x-4) < half {
		if c.n.at(p.x*0.13, p.y*0.13, p.z*0.11+6) > 0.58 {
			return 40, true
		}
		return -98 + 8*fine, true
	}
	return 0, false
}

// heart is muscle around chambers of blood in a layer of fat, its apex to the
// left and front.
func (c *chest) heart(p vec, n float32) (float32, bool) {
	// Turn the long axis to the left and down.
	dx, dy, dz := p.x-20, p.y+20, p.z+78
	u := 0.80*dx - 0.46*dy - 0.38*dz // along the axis
	v := 0.50*dx + 0.86*dy
	w := 0.33*dx - 0.19*dy + 0.92*dz
	l := sq(u/70) + sq(v/48) + sq(w/54) + 0.06*n
	if l > 1 {
		return 0, false
	}
	switch {
	case l > 0.97:
		return 30, true // pericardium
	case l > 0.84 || sq(u+8)/14 < 1 && l > 0.62: // epicardial fat, and that of the groove
		vessel := c.n.at(p.x*0.16, p.y*0.16, p.z*0.16)
		if vessel > 0.5 {
			return 44, true
		}
		return -90, true
	}
	left := sq((u-14)/36) + sq((v-9)/19) + sq(w/26)
	if left < 1 {
		return 39, true
	}
	if left < 1.75 {
		return 50 + 3*n, true // myocardium
	}
	return 40, true
}

// lung is air and capillaries, vessels that thin out towards the pleura, the
// fissures, and the nodule.
func (c *chest) lung(p vec, cage, n, fine float32) float32 {
	if v, ok := c.findNodule(p, fine); ok {
		return v
	}
	hilum := vec{46, 12, -26}
	if p.x < 0 {
		hilum.x = -40
	}
	r := sqrt(sq(p.x-hilum.x) + sq(p.y-hilum.y) + sq(0.8*(p.z-hilum.z)))
	// Two noise fields vanish together along curves in space: tubes. Turned, so
	// that the lattice of the noise does not show.
	u, v, w := 0.77*p.x+0.64*p.y, -0.64*p.x+0.77*p.y, p.z*0.85
	tubes := func(k, shift, wide float32) bool {
		a := c.n.at(u*k+shift, v*k+2, w*k+0.3*shift)
		return abs(a) < wide && sq(a)+sq(c.n.at(v*k+7, w*k+shift, u*k+5)) < sq(wide)
	}
	switch near := max(1-r/140, 0); {
	case tubes(0.034, 1, 0.095*near):
		return 30
	case tubes(0.062, 4, (0.055+0.05*near)*step(2, 16, cage-9)):
		return -40
	case tubes(0.11, 9, 0.10*step(2, 10, cage-9)):
		return -420
	}
	base := -872 + 22*n + 30*(p.y/90) + 14*fine // denser where it lies
	if f := c.fissure(p); f < 0.9 {
		return base + 190
	}
	if cage > 9 && cage < 10.2 && p.y > 40 {
		return base + 300 // dependent pleura
	}
	return base
}

// fissure is the distance to the nearest interlobar fissure.
func (c *chest) fissure(p vec) float32 {
	d := abs(p.z+32+0.95*(p.y-8)*-1-0.0006*sq(p.x)) * 0.72 // oblique, both sides
	if p.x < -20 && p.y < -4 {
		d = min(d, abs(p.z+14+0.05*p.y)) // horizontal, right only
	}
	return d
}

// findNodule is the finding: solid, with spicules, in the right upper lobe.
func (c *chest) findNodule(p vec, fine float32) (float32, bool) {
	q := vec{p.x - c.nodule.c.x, p.y - c.nodule.c.y, p.z - c.nodule.c.z}
	if abs(q.x) > 22 || abs(q.y) > 22 || abs(q.z) > 22 {
		return 0, false
	}
	l := sqrt(c.nodule.level(p))
	angle := float32(math.Atan2(float64(q.y), float64(q.x)))
	ray := c.n.at(4.2*angle+10, q.z*0.16, 3)
	switch {
	case l < 1+0.22*fine+0.12*ray:
		return 38 + 12*fine, true
	case l < 1.9 && ray > 0.42+0.3*(l-1):
		return -250, true
	case l < 1.35:
		return -680, true
	}
	return 0, false
}

// table is the couch below the patient; air elsewhere.
func (c *chest) table(p vec) float32 {
	top := float32(128) - 0.0009*sq(p.x)
	if d := p.y - top; d > 0 && d < 32 && abs(p.x) < 205 {
		if d < 1.6 || d > 30.4 {
			return -420
		}
		return -930
	}
	return -1000
}
