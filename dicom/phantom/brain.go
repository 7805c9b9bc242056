package phantom

// brain is the tissue inside the skull, edge millimetres from the bone.
func (h *head) brain(p vec, edge float32) tissue {
	if t, ok := h.injury(p); ok {
		return t
	}
	p = h.shifted(p)
	x := abs(p.x)
	n := h.n.at(p.x*0.075, p.y*0.075, p.z*0.075)
	if edge < 0.9 {
		return falx // dura lies against the bone and looks like it
	}
	tent := -1 - 0.32*x - 0.22*max(0, p.y-22)
	under := p.z - tent
	if p.y > 7 && under < 0 || p.z < -24 && x < 24 && p.y > 4 {
		return h.hind(p, x, edge, under, n)
	}
	if p.y > 14 && abs(under) < 0.7 && x > 8 && x < 58 {
		return falx
	}
	if t, ok := h.fluid(p, x, n); ok {
		return t
	}
	return h.hemisphere(p, x, edge, n)
}

// fluid are the ventricles and the cisterns.
func (h *head) fluid(p vec, x, n float32) (tissue, bool) {
	if x < 44 && p.z > -18 && p.z < 36 {
		q := vec{x, p.y, p.z}
		for i := range h.ventricles {
			v := &h.ventricles[i]
			if d := v.depth(q) + 0.9*n; d > 0 {
				if i == 2 && d > 3 && n > 0.05 {
					return calcium, true // glomus of the choroid plexus
				}
				return csf, true
			}
		}
		if x < 1.6 && p.y > -16 && p.y < 12 && p.z > -10 && p.z < 9 { // third ventricle
			return csf, true
		}
		if sq(p.x)+sq(p.y-19)+sq(p.z-3) < 5 {
			return calcium, true // pineal gland
		}
		if x < 9-0.4*abs(p.y-22) && p.y > 14 && p.z < 6 && p.z > -8 { // quadrigeminal cistern
			return csf, true
		}
	}
	// The suprasellar cistern, a star with the chiasm in it.
	if p.z < -7 && p.z > -27 && x < 18 && p.y < 8 && p.y > -24 {
		arm := 9 + 6*max(0, 1-abs(x-0.9*abs(p.y+8))/5)
		if x+abs(p.y+8) < arm {
			if sq(p.x/6)+sq((p.y+10)/2.2) < 1 && p.z > -14 && p.z < -10 {
				return white, true
			}
			return csf, true
		}
	}
	// The ambient cistern around the midbrain.
	if p.z > -24 && p.z < 2 && p.y > -6 && p.y < 26 {
		r := sqrt(sq(p.x) + sq(1.15*(p.y-6)))
		if r > 16.5 && r < 19+n {
			return csf, true
		}
	}
	return 0, false
}

// hemisphere is the cerebrum: cortex folded along the sulci, white matter,
// basal ganglia, thalamus, corpus callosum, the falx in its fissure.
func (h *head) hemisphere(p vec, x, edge, n float32) tissue {
	// Interhemispheric fissure: open towards the vault, closed at the callosum.
	callosum := ball{vec{0, 2, 12}, vec{60, 43, 24}}
	outside := callosum.level(vec{0, p.y, p.z})
	if outside > 1 && p.z > -10 || p.y < -40 {
		if x < 0.75 && (edge < 30 || p.z > 36 || p.y > 30) {
			return falx
		}
		gap := 1.3 + 0.9*n + 1.6*gauss(sq(edge), 7)
		if x < gap {
			return csf
		}
		if x < gap+3.1 {
			return grey
		}
	}
	// Sylvian fissure and insula.
	line := -24 + 0.42*(x-30) + 0.55*(p.z+2)
	if x > 29 && p.z > -14 && p.z < 24 {
		w := 0.9 + 1.5*step(44, 62, x) + 0.6*n
		d := abs(p.y - line)
		if x > 33 && d < w {
			return csf
		}
		if x > 32 && d < w+3 {
			return grey
		}
		insula := abs(x - 36 - 4*n + 0.008*sq(p.y+4))
		if p.y > line && p.y < line+34 && p.z > -6 {
			if insula < 0.8 {
				return csf
			}
			if insula < 3.8 {
				return grey
			}
		}
	}
	if t, ok := h.ganglia(p, x, n); ok {
		return t
	}
	// Subarachnoid space, wider over the frontal lobes; then sulci that thin
	// out with depth, cortex along both.
	space := 1.9 + 0.9*n + 0.6*step(-20, -70, p.y)
	if edge < space {
		return csf
	}
	reach := step(30, 5, edge-space)
	// The noise is turned against the axes and bent, or its lattice would show.
	bend := 4.5 * h.n.at(p.x*0.05+3, p.y*0.05, p.z*0.05+7)
	u, v := 0.83*p.x+0.56*p.y+bend, -0.56*p.x+0.83*p.y-0.7*bend
	s := min(
		abs(h.n.at(u*0.078+11, v*0.064, p.z*0.05)),
		0.02+abs(h.n.at(v*0.071, u*0.055+9, p.z*0.045+5)),
	) + 0.05*h.n.at(u*0.22, v*0.22, p.z*0.2)*reach
	if s < 0.06*reach+0.045*step(9, 0, edge-space) {
		return csf
	}
	ribbon := 3.2 + 0.8*n
	if edge < space+ribbon || s < 0.235*step(33, 9, edge-space) {
		return grey
	}
	return white
}

// ganglia are the caudate head, the lentiform nucleus and the thalamus with
// the internal capsule left between them.
func (h *head) ganglia(p vec, x, n float32) (tissue, bool) {
	q := vec{x, p.y, p.z}
	caudate := ball{vec{13.5, -22, 13}, vec{4.5, 10, 9}}
	thalamus := ball{vec{10.5, 4, 6}, vec{8.5, 14, 10}}
	if caudate.level(q) < 1+0.2*n || thalamus.level(q) < 1+0.15*n {
		return deep, true
	}
	// The lentiform nucleus leans back as it goes out.
	l := vec{x + 0.25*p.y, p.y - 0.1*x, p.z}
	lentiform := ball{vec{23.5, -9, 6}, vec{6.5, 15, 12}}
	if lentiform.level(l) < 1+0.2*n {
		return deep, true
	}
	return 0, false
}

// hind is what lies under the tentorium: cerebellum with its folia, pons and
// midbrain, fourth ventricle, cisterns.
func (h *head) hind(p vec, x, edge, under, n float32) tissue {
	stem := sqrt(sq(p.x/15) + sq((p.y-11)/11.5))
	if p.z > -22 {
		stem = sqrt(sq(p.x/15.5) + sq((p.y-8)/11))
	}
	if stem < 1 {
		return white
	}
	fourth := ball{vec{0, 27, -32}, vec{6.5, 5, 11}}
	if fourth.level(p) < 1+0.2*n {
		return csf
	}
	if p.y < 12 && x < 25+6*n || stem < 1.28 && p.y < 20 {
		return csf // prepontine and cerebellopontine cisterns
	}
	if edge < 1.8+0.7*n || x < 2 && p.y > 62 {
		return csf
	}
	r := sqrt(sq(p.x*0.8) + sq(p.y-28) + sq(p.z+28))
	fold := abs(cell(r+2.2*n, 4.2) - 1.05)
	if r > 24 && fold < 0.22 && edge < 14 {
		return csf
	}
	if x < 8 && n > -0.4 || r > 17 && fold < 0.85 || edge < 5 {
		return grey
	}
	return white
}

// bleed is the centre of the haemorrhage: the left putamen, where those of high
// blood pressure lie.
func bleed() ball { return ball{vec{28, -3, 9}, vec{11, 19, 14}} }

// injury is the lesion of this head.
func (h *head) injury(p vec) (tissue, bool) {
	switch h.lesion {
	case haemorrhage:
		b := bleed()
		if abs(p.x-b.c.x) > 24 || abs(p.y-b.c.y) > 34 || abs(p.z-b.c.z) > 27 {
			return 0, false
		}
		n := h.n.at(p.x*0.11+5, p.y*0.11, p.z*0.11) + 0.4*h.n.at(p.x*0.3, p.y*0.3+5, p.z*0.3)
		l := sqrt(b.level(p)) + 0.17*n
		switch {
		case l < 1:
			return blood, true
		case l < 1.32+0.12*n:
			return oedema, true
		}
	case acuteInfarct:
		// Right corona radiata, a perforator's territory.
		b := ball{vec{-24, -2, 21}, vec{6, 10.5, 8.5}}
		if l := b.level(p); l < 1.6 {
			if l+0.5*h.n.at(p.x*0.15, p.y*0.15+5, p.z*0.15) < 1 {
				return infarct, true
			}
		}
	}
	return 0, false
}

// shifted undoes the push of the haemorrhage on what lies around it: the left
// ventricle is narrowed and the midline bends to the right.
func (h *head) shifted(p vec) vec {
	if h.lesion != haemorrhage {
		return p
	}
	b := bleed()
	d2 := sq(p.x-b.c.x+10) + sq(p.y-b.c.y) + sq(p.z-b.c.z)
	if d2 > 75*75 {
		return p
	}
	p.x += 5.5 * gauss(d2, 24)
	return p
}
