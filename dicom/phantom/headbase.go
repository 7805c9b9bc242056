package phantom

// base is everything below the floor of the skull: orbits, sinuses, petrous
// bone with the mastoid cells, and the soft parts of face and neck.
func (h *head) base(p vec, out, inner, floor float32) tissue {
	x := abs(p.x)
	fine := h.n.at(p.x*0.16, p.y*0.16, p.z*0.16)
	if t, ok := h.orbit(p, x); ok {
		return t
	}
	if t, ok := h.sinuses(p, x, fine); ok {
		return t
	}
	if t, ok := h.temporalBone(p, x, fine, floor); ok {
		return t
	}
	// Clivus and body of the sphenoid.
	if x < 15+2*fine && p.y > -22 && p.y < 4 && floor > -24 {
		if x > 12 || floor > -5 || p.y > 1 {
			return cortical
		}
		return diploe
	}
	if inner > -4 && inner < 4 && p.y > 20 { // occipital squama goes on below
		return cortical
	}
	if p.y < -20 && x > 50 && x < 58+3*fine && p.z > -52 { // zygoma and its arch
		if p.y < -38 || x > 53 {
			return cortical
		}
	}
	if p.y < -86 && x < 9 && p.z < -18 { // bridge of the nose
		return cortical
	}
	coarse := h.n.at(p.x*0.09+3, p.y*0.09, p.z*0.05)
	if coarse+0.4*fine > 0.02 || (p.y > 30 && fine > -0.45) {
		return muscle
	}
	return fat
}

// orbit holds the globe with its lens, the muscle cone and the optic nerve in
// fat, inside thin walls.
func (h *head) orbit(p vec, x float32) (tissue, bool) {
	c := vec{31, -70, -33}
	q := vec{x - c.x, p.y - c.y, p.z - c.z}
	if r2 := sq(q.x) + sq(q.y) + sq(q.z); r2 < 12.2*12.2 {
		switch {
		case sq(q.x/4.6)+sq((q.y+8.2)/2.2)+sq(q.z/4.6) < 1:
			return lens, true
		case r2 > 11*11:
			return muscle, true
		}
		return vitreous, true
	}
	// A cone from the rim back to the optic canal.
	t := (p.y + 84) / 52
	if t < 0 || t > 1 {
		return 0, false
	}
	axis := vec{mix(32, 14, t), 0, mix(-33, -28, t)}
	d := sqrt(sq(x-axis.x) + sq(p.z-axis.z))
	radius := 19 * sqrt(1-t*0.93)
	switch {
	case d > radius+2:
		return 0, false
	case d > radius:
		return cortical, true
	case p.y > c.y+10 && d < 2.1:
		return muscle, true // optic nerve
	case p.y > c.y-2 && d > radius*0.62 && d < radius*0.62+2.6:
		// four recti at the quarters
		dx, dz := abs(x-axis.x), abs(p.z-axis.z)
		if dx < 3.5 || dz < 3.5 {
			return muscle, true
		}
	}
	return fat, true
}

// sinuses are the air spaces in the middle: frontal, ethmoid, sphenoid, nose.
func (h *head) sinuses(p vec, x, fine float32) (tissue, bool) {
	hollow := func(level, wall float32) (tissue, bool) {
		switch {
		case level < wall:
			return air, true
		case level < wall+0.12:
			return mucosa, true
		case level < 1:
			return cortical, true
		}
		return 0, false
	}
	sphenoid := ball{vec{7, -26, -33}, vec{9, 13, 11}}
	if l := sphenoid.level(vec{x, p.y, p.z}) + 0.15*fine; l < 1 {
		return hollow(l, 0.62)
	}
	if x < 11 && p.y > -80 && p.y < -36 && p.z < -19 && p.z > -45 { // ethmoid cells
		cx, cy := cell(x+1.5, 8), cell(p.y+2.5*fine, 9)
		cz := cell(p.z, 10)
		if min(cx, cy, cz) < 0.75 || x > 9.8 {
			return cortical, true
		}
		if min(cx, cy, cz) < 1.3 {
			return mucosa, true
		}
		return air, true
	}
	frontal := ball{vec{9, -83, -14}, vec{11, 6, 13}}
	if l := frontal.level(vec{x, p.y, p.z}) + 0.2*fine; l < 1 {
		return hollow(l, 0.6)
	}
	if x < 15 && p.y > -86 && p.y < -30 && p.z <= -45 { // nasal cavity with septum and conchae
		if x < 1.1 || x > 13.4 {
			return cortical, true
		}
		if sq((x-8)/3.2)+sq((p.z+54)/6) < 1 {
			return mucosa, true
		}
		return air, true
	}
	return 0, false
}

// cell is the distance to the nearest wall of a row of cells.
func cell(v, width float32) float32 {
	v += 40 * width
	f := v/width - float32(int(v/width))
	return min(f, 1-f) * width
}

// temporalBone is the petrous pyramid from the mastoid towards the clivus, the
// canal in it and the air cells at its root.
func (h *head) temporalBone(p vec, x, fine, floor float32) (tissue, bool) {
	pyramid := capsule{vec{60, 26, -40}, vec{17, 2, -33}, 13, 6}
	d := pyramid.depth(vec{x, p.y, p.z})
	canal := capsule{vec{76, 13, -40}, vec{46, 13, -38}, 4, 3.4}
	if c := canal.depth(vec{x, p.y, p.z}); c > 0 {
		return air, true
	} else if c > -1.8 && d > -3 {
		return cortical, true
	}
	mastoid := ball{vec{57, 32, -42}, vec{13, 15, 20}}
	if l := mastoid.level(vec{x, p.y, p.z}); l < 1 {
		cells := h.n.at(p.x*0.42, p.y*0.42, p.z*0.42)
		switch {
		case l > 0.8:
			return cortical, true
		case cells > -0.02:
			return air, true
		}
		return cortical, true
	}
	if d < 0 {
		return 0, false
	}
	inner := h.n.at(p.x*0.3+7, p.y*0.3, p.z*0.3)
	switch {
	case x > 36 && x < 48 && sq(p.y-15)+sq(p.z+37) < 20+10*fine:
		return air, true // middle ear
	case d < 1.6 || x < 34 && inner > -0.2:
		return cortical, true
	case inner > 0.3:
		return diploe, true
	}
	return petrous, true
}
