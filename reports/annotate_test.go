package reports

import (
	"errors"
	"math"
	"testing"
)

func TestAnnotationsAreChecked(t *testing.T) {
	t.Parallel()
	good := Mark{ID: "a", Kind: "length", Instance: "1.2.3", Frame: 1, Points: [][2]float64{{1, 2}, {3, 4}}, Values: []Value{{Name: "length", Value: 1, Unit: "mm"}}}
	with := func(change func(*Mark)) Annotations {
		m := good
		m.Points = append([][2]float64{}, good.Points...)
		m.Values = append([]Value{}, good.Values...)
		change(&m)
		return Annotations{Marks: []Mark{m}}
	}
	plain := with(func(*Mark) {})
	if err := plain.check(); err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]Annotations{
		"kind":       with(func(m *Mark) { m.Kind = "circle" }),
		"no image":   with(func(m *Mark) { m.Instance = "../etc" }),
		"frame":      with(func(m *Mark) { m.Frame = 0 }),
		"points":     with(func(m *Mark) { m.Points = m.Points[:1] }),
		"NaN":        with(func(m *Mark) { m.Points[0][1] = math.NaN() }),
		"far away":   with(func(m *Mark) { m.Points[0][1] = 1e12 }),
		"value":      with(func(m *Mark) { m.Values[0].Value = math.Inf(1) }),
		"value name": with(func(m *Mark) { m.Values[0].Name = "volume" }),
		"unit":       with(func(m *Mark) { m.Values[0].Unit = `m\m` }),
		"text":       with(func(m *Mark) { m.Text = string(make([]byte, 5000)) }),
		"twice":      {Marks: []Mark{good, good}},
		"too many":   {Marks: make([]Mark, 5000)},
		"key":        {Keys: []KeyImage{{ID: "k", Number: 0, Instance: "1.2", Frame: 1}}},
		"key window": {Keys: []KeyImage{{ID: "k", Number: 1, Instance: "1.2", Frame: 1, Window: &KeyWindow{Width: -1}}}},
	} {
		if err := a.check(); !errors.Is(err, ErrAnnotations) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
