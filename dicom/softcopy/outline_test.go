package softcopy_test

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/dokuei/dokuei/dicom/softcopy"
)

func TestOutline(t *testing.T) {
	t.Parallel()
	circle, closed := softcopy.Outline("CIRCLE", [][2]float64{{3, 4}, {6, 8}})
	for _, p := range circle {
		if r := math.Hypot(p[0]-3, p[1]-4); math.Abs(r-5) > 1e-9 || !closed {
			t.Fatalf("%v is %g from the middle", p, r)
		}
	}
	ellipse, closed := softcopy.Outline("ELLIPSE", [][2]float64{{0, 5}, {20, 5}, {10, 0}, {10, 10}})
	for _, p := range ellipse {
		if v := math.Pow((p[0]-10)/10, 2) + math.Pow((p[1]-5)/5, 2); math.Abs(v-1) > 1e-9 || !closed {
			t.Fatalf("%v is not on the ellipse", p)
		}
	}
	points := [][2]float64{{0, 0}, {10, 10}, {20, 0}, {0, 0}}
	curve, closed := softcopy.Outline("INTERPOLATED", points)
	for _, p := range points {
		if !slices.ContainsFunc(curve, func(q [2]float64) bool { return math.Hypot(q[0]-p[0], q[1]-p[1]) < 1e-9 }) || closed {
			t.Errorf("the curve misses %v", p)
		}
	}
	if line, closed := softcopy.Outline("POLYLINE", points); !reflect.DeepEqual(line, points) || closed {
		t.Errorf("a line became %v", line)
	}
}

// What of a state lies over a frame, and where its shares of the displayed area are.
func TestOverFrame(t *testing.T) {
	t.Parallel()
	second := []softcopy.Image{{SOPInstanceUID: "2.25.1", Frames: []int{2}}}
	s := softcopy.State{
		Areas:       []softcopy.Area{{Images: second, TopLeft: [2]int{64, 1}, BottomRight: [2]int{33, 16}}},
		Layers:      []softcopy.Layer{{Name: "ABOVE", Order: 2}, {Name: "BELOW", Order: 1}, {Name: "HIDDEN", Order: 0}},
		Annotations: []softcopy.Annotation{{Layer: "ABOVE"}, {Layer: "BELOW", Images: second}, {Layer: "HIDDEN"}},
		VOIs:        []softcopy.VOI{{Images: second}},
	}
	for frame, want := range map[int][]string{1: {"ABOVE"}, 2: {"BELOW", "ABOVE"}} {
		var got []string
		for _, a := range s.Over("2.25.1", frame, []string{"HIDDEN"}) {
			got = append(got, a.Layer)
		}
		if !slices.Equal(got, want) {
			t.Errorf("over frame %d are %v, want %v", frame, got, want)
		}
		from, to := s.Displayed("2.25.1", frame, 64, 32)
		if frame == 1 && (from != [2]float64{} || to != [2]float64{64, 32}) || frame == 2 && (from != [2]float64{32, 0} || to != [2]float64{64, 16}) {
			t.Errorf("of frame %d is displayed %v to %v", frame, from, to)
		}
		if (s.VOIOf("2.25.1", frame) != nil) != (frame == 2) {
			t.Errorf("frame %d has another frame's window", frame)
		}
	}
}
