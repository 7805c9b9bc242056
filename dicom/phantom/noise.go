package phantom

import (
	"math"
	"math/rand/v2"
	"strconv"
)

func formatSeed(s uint64) string { return strconv.FormatUint(s, 36) }

// source gives the random numbers of one purpose; purposes do not disturb one
// another, so a change to one structure leaves the others as they were.
func source(seed uint64, purpose string) *rand.Rand {
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(purpose) {
		h = (h ^ uint64(purpose[i])) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed, h))
}

// side is the length of the lattice's edge, a power of two.
const side = 32

// lattice is smooth noise in space: random values on a periodic grid of unit
// distance, joined by cubic interpolation of the trilinear kind.
type lattice [side * side * side]float32

func newLattice(r *rand.Rand) *lattice {
	l := new(lattice)
	for i := range l {
		l[i] = float32(r.Float64()*2 - 1)
	}
	return l
}

// at is the noise, -1 to 1, around a point.
func (l *lattice) at(x, y, z float32) float32 {
	x, y, z = x+4*side, y+4*side, z+4*side // truncation is floor for positive numbers
	xi, yi, zi := int(x), int(y), int(z)
	fx, fy, fz := ease(x-float32(xi)), ease(y-float32(yi)), ease(z-float32(zi))
	const m = side - 1
	x0, x1 := xi&m, (xi+1)&m
	y0, y1 := (yi&m)*side, ((yi+1)&m)*side
	z0, z1 := (zi&m)*side*side, ((zi+1)&m)*side*side
	a := mix(mix(l[z0+y0+x0], l[z0+y0+x1], fx), mix(l[z0+y1+x0], l[z0+y1+x1], fx), fy)
	b := mix(mix(l[z1+y0+x0], l[z1+y0+x1], fx), mix(l[z1+y1+x0], l[z1+y1+x1], fx), fy)
	return mix(a, b, fz)
}

func ease(t float32) float32       { return t * t * (3 - 2*t) }
func mix(a, b, t float32) float32  { return a + (b-a)*t }
func sqrt(v float32) float32       { return float32(math.Sqrt(float64(v))) }
func sq(v float32) float32         { return v * v }
func abs(v float32) float32        { return max(v, -v) }
func gauss(d2, s float32) float32  { return float32(math.Exp(float64(-d2 / (2 * s * s)))) }
func step(a, b, v float32) float32 { return ease(min(max((v-a)/(b-a), 0), 1)) }

// grain is a tile of correlated Gaussian noise with unit deviation: the
// texture of a reconstructed slice, laid over it at a random place.
type grain struct {
	size int
	v    []float32
}

func newGrain(r *rand.Rand, size int) *grain {
	white := make([]float32, size*size)
	for i := range white {
		white[i] = float32(r.NormFloat64())
	}
	g := &grain{size: size, v: make([]float32, size*size)}
	m := size - 1
	var sum float64
	for y := range size {
		for x := range size {
			var s float32
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					w := float32((2 - dx*dx) * (2 - dy*dy))
					s += w * white[((y+dy)&m)*size+((x+dx)&m)]
				}
			}
			g.v[y*size+x] = s
			sum += float64(s) * float64(s)
		}
	}
	scale := float32(1 / math.Sqrt(sum/float64(size*size)))
	for i := range g.v {
		g.v[i] *= scale
	}
	return g
}

// row gives the part of the tile that starts at (x, y), as two runs.
func (g *grain) at(x, y int) float32 { return g.v[(y&(g.size-1))*g.size+x&(g.size-1)] }

// capsule is a rod with round ends whose radius changes along it.
type capsule struct {
	a, b   vec
	ra, rb float32
}

type vec struct{ x, y, z float32 }

// depth is how far p lies under the surface of the capsule; negative outside.
func (c *capsule) depth(p vec) float32 {
	d := vec{c.b.x - c.a.x, c.b.y - c.a.y, c.b.z - c.a.z}
	q := vec{p.x - c.a.x, p.y - c.a.y, p.z - c.a.z}
	t := (q.x*d.x + q.y*d.y + q.z*d.z) / (d.x*d.x + d.y*d.y + d.z*d.z)
	t = min(max(t, 0), 1)
	return mix(c.ra, c.rb, t) - sqrt(sq(q.x-t*d.x)+sq(q.y-t*d.y)+sq(q.z-t*d.z))
}

// ball is an ellipsoid along the axes.
type ball struct{ c, r vec }

// level is below 1 inside, 1 on the surface.
func (b *ball) level(p vec) float32 {
	return sq((p.x-b.c.x)/b.r.x) + sq((p.y-b.c.y)/b.r.y) + sq((p.z-b.c.z)/b.r.z)
}
