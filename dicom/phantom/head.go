package phantom

// head is the anatomy of one head, in millimetres from a point between the
// thalami: +x left, +y back, +z up.
type head struct {
	n          *lattice
	size       float32 // of this head against the average
	ventricles []capsule
	lesion     lesion
}

type lesion uint8

const (
	noLesion lesion = iota
	haemorrhage
	acuteInfarct
)

func newHead(seed uint64, l lesion) *head {
	r := source(seed, "head")
	return &head{
		n:      newLattice(r),
		size:   1 + float32(r.Float64()-0.5)*0.05,
		lesion: l,
		ventricles: []capsule{ // of one side; the other is its mirror image
			{vec{5, -34, 8}, vec{8, -16, 19}, 3.5, 5.5}, // frontal horn
			{vec{8, -16, 19}, vec{13, 14, 25}, 5, 5},    // body
			{vec{13, 14, 25}, vec{25, 34, 14}, 5, 7},    // trigone
			{vec{25, 34, 14}, vec{24, 56, 9}, 6, 2},     // occipital horn
			{vec{25, 34, 14}, vec{33, 8, -12}, 4.5, 2},  // temporal horn
		},
	}
}

const (
	halfWidth  = 74 // of the head
	halfLength = 93
	crown      = 94  // height above the origin
	lower      = 210 // how slowly the head narrows below the origin
)

// contour gives how deep p lies under the skin; negative outside.
func (h *head) contour(p vec) float32 {
	x, y := p.x/(halfWidth*(1.01+0.09*p.y/halfLength)), p.y/halfLength
	if p.y < 0 { // flatter forehead
		y *= 1 - 0.03*abs(x)
	}
	if p.z >= 0 {
		z := p.z / crown
		d := sqrt(x*x + y*y + z*z)
		if d < 0.2 {
			return 60
		}
		return (1 - d) / d * sqrt(sq(p.x)+sq(p.y)+sq(p.z))
	}
	d := sqrt(x*x + y*y)
	if d < 0.2 {
		return 60
	}
	limit := 1 - 0.5*sq(p.z/lower)
	return (limit - d) / d * sqrt(sq(p.x)+sq(p.y))
}

// at is the tissue at p.
func (h *head) at(p vec) tissue {
	p.x, p.y, p.z = p.x/h.size, p.y/h.size, p.z/h.size
	out := h.contour(p)
	if p.z < -18 {
		if t, ok := h.ears(p, out); ok {
			return t
		}
		out += 3.5 * step(-20, -50, p.z) * h.faceDent(p)
	}
	if out < 0 {
		return air
	}
	if out < 1.8 {
		return skin
	}
	n := h.n.at(p.x*0.045, p.y*0.045, p.z*0.045)
	// The temporal muscle lies in its hollow beside the forehead.
	temporal := 7 * gauss(sq(abs(p.x)-62)+sq(p.y+22), 24) * step(34, 6, p.z)
	scalp := 4.8 + 0.8*n + temporal + 1.5*step(0, -40, p.z)
	if out < scalp {
		if temporal > 2.2 && out > 3.1 && out < 3.1+temporal-0.5 {
			if h.n.at(p.x*0.3, p.y*0.08, p.z*0.08) > 0.55 {
				return fat // streaks between the fibres
			}
			return muscle
		}
		return fat
	}
	bone := 5.8 + 1.6*n + 2.2*step(60, 85, abs(p.y)) - 2.2*step(1, 6, temporal)
	inner := out - scalp - bone
	floor := p.z - h.floor(p)
	if floor < 0 {
		if floor > -3.5 && inner > -2 {
			return cortical
		}
		return h.base(p, out, inner, floor)
	}
	if inner < 0 {
		return h.skull(p, out-scalp, -inner, n)
	}
	return h.brain(p, min(inner, floor*0.9))
}

// skull is the vault: two dense tables and the diploë between, crossed by the
// coronal and lambdoid sutures.
func (h *head) skull(p vec, outer, inner, n float32) tissue {
	if outer < 1.7 || inner < 1.5 {
		return cortical
	}
	if h.n.at(p.x*0.5, p.y*0.5, p.z*0.5)+0.5*n > 0.25 {
		return cortical
	}
	return diploe
}

// floor is the height of the skull base under the brain: the anterior, middle
// and posterior fossa with the sphenoid and petrous ridges where they meet.
func (h *head) floor(p vec) float32 {
	x := abs(p.x)
	front := -18 + 5*gauss(sq(x-28)+sq(p.y+50), 16) + 0.15*max(0, p.y+40) + 50*step(-20, -2, p.y)
	middle := -39 + 22*sq((x-41)/24) + 22*sq((p.y+8)/31)
	back := -62 + 26*sq(p.x/50) + 26*sq((p.y-46)/41)
	return min(front, middle, back)
}

// faceDent lets the face recede beside the nose.
func (h *head) faceDent(p vec) float32 {
	if p.y > -30 {
		return 0
	}
	return -2 * gauss(sq(abs(p.x)-48)+sq(p.y+70), 16)
}

// ears are two thin shells behind the middle of the head.
func (h *head) ears(p vec, out float32) (tissue, bool) {
	x := abs(p.x)
	if out > 0 || out < -14 || x < 60 {
		return 0, false
	}
	s := sq((p.y-14+0.3*out)/14) + sq((p.z+34)/26)
	fold := h.n.at(p.x*0.2, p.y*0.25, p.z*0.2)
	if s < 1 && s > 0.55+0.25*fold && out > -13 {
		return skin, true
	}
	return 0, false
}
