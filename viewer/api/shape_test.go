package api

import (
	"math"
	"testing"
)

// An image is as wide as its pixels are, not as many as there are of them.
func TestShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		image instanceView
		want  float64
	}{
		{"square", instanceView{Rows: 512, Columns: 512, PixelSpacing: []float64{0.5, 0.5}}, 1},
		{"rows twice as far apart", instanceView{Rows: 256, Columns: 512, PixelSpacing: []float64{1, 0.5}}, 1},
		{"at the detector", instanceView{Rows: 100, Columns: 100, ImagerSpacing: []float64{0.2, 0.1}}, 0.5},
		{"of the patient before that of the detector", instanceView{Rows: 100, Columns: 100, PixelSpacing: []float64{1, 1}, ImagerSpacing: []float64{0.2, 0.1}}, 1},
		{"by the aspect ratio", instanceView{Rows: 100, Columns: 200, AspectRatio: []int{4, 3}}, 1.5},
		{"nothing is known", instanceView{Rows: 100, Columns: 200}, 2},
		{"cannot be meant", instanceView{Rows: 100, Columns: 200, PixelSpacing: []float64{1, 0}}, 2},
		{"nor that", instanceView{Rows: 100, Columns: 200, AspectRatio: []int{0, 0}}, 2},
		{"no size", instanceView{PixelSpacing: []float64{1, 1}}, 1},
	} {
		if got := shape(c.image); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
