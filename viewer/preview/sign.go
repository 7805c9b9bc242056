package preview

import (
	"bytes"
	"image"
	"math"
	"sync"

	"github.com/gen2brain/jpegn"
)

// The signs are strokes on a dark ground, drawn without letters: they read the
// same in every language and need no font.

type point struct{ x, y float64 } // in a square of side 1

type stroke []point

// ground and ink are the greys of a sign: the page is dark where images stand.
const (
	ground = 24
	ink    = 150
	pen    = 0.016 // half the width of a stroke
)

var signs = sync.OnceValue(drawSigns)

type signKey struct {
	p Placeholder
	s Size
}

// Sign is the picture of a placeholder. Its bytes are shared and not to be changed.
func Sign(p Placeholder, s Size) Picture {
	return Picture{Data: signs()[signKey{p, s}], ContentType: jpegType, Placeholder: p}
}

func drawSigns() map[signKey][]byte {
	out := map[signKey][]byte{}
	for p, strokes := range map[Placeholder][]stroke{
		NoDecoder: noDecoderSign(), Broken: brokenSign(), NoPixels: noPixelsSign(), Document: documentSign(),
	} {
		for s := range sizes {
			var b bytes.Buffer
			// Encoding a grey picture of a size we chose into memory cannot fail.
			if err := jpegn.Encode(&b, drawStrokes(strokes, s.Pixels()), &jpegn.EncodeOptions{Quality: 85}); err == nil {
				out[signKey{p, s}] = b.Bytes()
			}
		}
	}
	return out
}

// drawStrokes rasters strokes by the distance of each pixel to the nearest one.
func drawStrokes(strokes []stroke, side int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, side, side))
	unit := 1 / float64(side)
	for y := range side {
		for x := range side {
			p := point{(float64(x) + 0.5) * unit, (float64(y) + 0.5) * unit}
			d := math.Inf(1)
			for _, s := range strokes {
				for i := 1; i < len(s); i++ {
					d = min(d, distance(p, s[i-1], s[i]))
				}
			}
			cover := min(max((pen-d)/unit+0.5, 0), 1)
			m.Pix[y*m.Stride+x] = uint8(ground + cover*(ink-ground) + 0.5)
		}
	}
	return m
}

func distance(p, a, b point) float64 {
	dx, dy := b.x-a.x, b.y-a.y
	t := ((p.x-a.x)*dx + (p.y-a.y)*dy) / (dx*dx + dy*dy + 1e-12)
	t = min(max(t, 0), 1)
	return math.Hypot(p.x-a.x-t*dx, p.y-a.y-t*dy)
}

func arc(cx, cy, r, from, to float64) stroke {
	const n = 24
	s := make(stroke, 0, n+1)
	for i := range n + 1 {
		a := (from + (to-from)*float64(i)/n) * math.Pi / 180
		s = append(s, point{cx + r*math.Cos(a), cy + r*math.Sin(a)})
	}
	return s
}

func dot(x, y float64) stroke { return stroke{{x, y}, {x + 1e-3, y}} }

// frame is the outline of a picture.
func frame() stroke {
	return stroke{{0.2, 0.26}, {0.8, 0.26}, {0.8, 0.74}, {0.2, 0.74}, {0.2, 0.26}}
}

// noDecoderSign is a picture with a question mark in it.
func noDecoderSign() []stroke {
	return []stroke{frame(), append(arc(0.5, 0.43, 0.085, -180, 70), point{0.5, 0.575}), dot(0.5, 0.655)}
}

// brokenSign is a picture of a landscape torn in two.
func brokenSign() []stroke {
	return []stroke{
		{{0.46, 0.26}, {0.2, 0.26}, {0.2, 0.74}, {0.42, 0.74}},
		{{0.58, 0.26}, {0.8, 0.26}, {0.8, 0.74}, {0.54, 0.74}},
		{{0.46, 0.26}, {0.52, 0.37}, {0.44, 0.48}, {0.51, 0.6}, {0.42, 0.74}},
		{{0.58, 0.26}, {0.64, 0.37}, {0.56, 0.48}, {0.63, 0.6}, {0.54, 0.74}},
		{{0.24, 0.68}, {0.33, 0.53}, {0.4, 0.63}},
		arc(0.71, 0.37, 0.035, 0, 360),
	}
}

// noPixelsSign is an empty, dashed outline struck through.
func noPixelsSign() []stroke {
	var out []stroke
	f := frame()
	for i := 1; i < len(f); i++ {
		const dashes = 6
		for d := range dashes {
			from, to := (float64(d)+0.15)/dashes, (float64(d)+0.65)/dashes
			out = append(out, stroke{between(f[i-1], f[i], from), between(f[i-1], f[i], to)})
		}
	}
	return append(out, stroke{{0.4, 0.6}, {0.6, 0.4}}, arc(0.5, 0.5, 0.142, 0, 360))
}

func between(a, b point, t float64) point { return point{a.x + t*(b.x-a.x), a.y + t*(b.y-a.y)} }

// documentSign is a page with a turned corner and lines on it.
func documentSign() []stroke {
	return []stroke{
		{{0.3, 0.2}, {0.58, 0.2}, {0.7, 0.32}, {0.7, 0.8}, {0.3, 0.8}, {0.3, 0.2}},
		{{0.58, 0.2}, {0.58, 0.32}, {0.7, 0.32}},
		{{0.38, 0.44}, {0.62, 0.44}},
		{{0.38, 0.54}, {0.62, 0.54}},
		{{0.38, 0.64}, {0.53, 0.64}},
	}
}
