package softcopy

import (
	"math"
	"slices"
)

// Pieces that curves are drawn in.
const (
	roundness = 72
	pieces    = 12 // between two points of an INTERPOLATED
)

// Outline is a graphic (PS3.3 C.10.5.1.2) as a line through points, closed or not, in
// the coordinates its own points are given in. A POINT is one point.
func Outline(kind string, at [][2]float64) (line [][2]float64, closed bool) {
	switch kind {
	case "CIRCLE": // its middle and a point on it
		u := [2]float64{at[1][0] - at[0][0], at[1][1] - at[0][1]}
		return round(at[0], u, [2]float64{-u[1], u[0]}), true
	case "ELLIPSE": // the ends of its axes
		half := func(a, b [2]float64) [2]float64 { return [2]float64{(b[0] - a[0]) / 2, (b[1] - a[1]) / 2} }
		middle := [2]float64{(at[0][0] + at[1][0]) / 2, (at[0][1] + at[1][1]) / 2}
		return round(middle, half(at[0], at[1]), half(at[2], at[3])), true
	case "INTERPOLATED":
		return smooth(at), false
	}
	return at, false
}

func round(middle, u, v [2]float64) [][2]float64 {
	out := make([][2]float64, roundness)
	for i := range out {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / roundness)
		out[i] = [2]float64{middle[0] + u[0]*cos + v[0]*sin, middle[1] + u[1]*cos + v[1]*sin}
	}
	return out
}

// smooth is a curve through its points (Catmull and Rom); one that ends where it began
// goes on there.
func smooth(p [][2]float64) [][2]float64 {
	n := len(p)
	if n < 3 {
		return p
	}
	ring := p[0] == p[n-1]
	at := func(i int) [2]float64 {
		switch {
		case i < 0 && ring:
			return p[n-2]
		case i >= n && ring:
			return p[1]
		}
		return p[min(max(i, 0), n-1)]
	}
	out := [][2]float64{p[0]}
	for i := range n - 1 {
		a, b, c, d := at(i-1), at(i), at(i+1), at(i+2)
		for k := 1; k <= pieces; k++ {
			t := float64(k) / pieces
			var q [2]float64
			for x := range q {
				q[x] = 0.5 * (2*b[x] + (c[x]-a[x])*t + (2*a[x]-5*b[x]+4*c[x]-d[x])*t*t + (3*b[x]-a[x]-3*c[x]+d[x])*t*t*t)
			}
			out = append(out, q)
		}
	}
	return out
}

// Displayed is the area of a frame of columns × rows that the state displays, in image
// coordinates (the corner of the first pixel at 0\0): what coordinates in DISPLAY units
// are shares of (PS3.3 C.10.4, C.10.5.1.1).
func (s *State) Displayed(sopInstanceUID string, frame, columns, rows int) (from, to [2]float64) {
	for _, a := range s.Areas {
		if !covers(a.Images, sopInstanceUID, frame) {
			continue
		}
		p, q := a.TopLeft, a.BottomRight
		return [2]float64{float64(min(p[0], q[0]) - 1), float64(min(p[1], q[1]) - 1)}, [2]float64{float64(max(p[0], q[0])), float64(max(p[1], q[1]))}
	}
	return from, [2]float64{float64(columns), float64(rows)}
}

// Over are the annotations over a frame whose layers are not hidden, those of lower
// layers first.
func (s *State) Over(sopInstanceUID string, frame int, hidden []string) []Annotation {
	order := map[string]int{}
	for _, l := range s.Layers {
		order[l.Name] = l.Order
	}
	var out []Annotation
	for _, a := range s.Annotations {
		if covers(a.Images, sopInstanceUID, frame) && !slices.Contains(hidden, a.Layer) {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b Annotation) int { return order[a.Layer] - order[b.Layer] })
	return out
}

// VOIOf is what makes grey of the values of a frame; nil: all values there can be, from
// black to white (PS3.4 N.2.1.2).
func (s *State) VOIOf(sopInstanceUID string, frame int) *VOI {
	for i := range s.VOIs {
		if covers(s.VOIs[i].Images, sopInstanceUID, frame) {
			return &s.VOIs[i]
		}
	}
	return nil
}

// From tells whether the mask is taken from a frame (from 1).
func (m *Mask) From(frame int) bool {
	return m != nil && (len(m.Ranges) == 0 || slices.ContainsFunc(m.Ranges, func(r [2]int) bool { return r[0] <= frame && frame <= r[1] }))
}

// Bit tells whether a cell of the plane is set.
func (p *Plane) Bit(row, column int) bool {
	i := row*p.Columns + column
	return p.Cells[i>>3]>>(i&7)&1 != 0
}

// Shuts tells whether a plane is one that hides.
func (s *State) Shuts(p *Plane) bool {
	return slices.ContainsFunc(s.Shutters, func(sh Shutter) bool { return sh.Shape == "BITMAP" && sh.Plane == p.Group })
}
