package softcopy_test

import (
	"reflect"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/softcopy"
	"github.com/dokuei/dokuei/dicom/tag"
)

// An averaged mask is read; what else may be asked of a mask is said not to be shown.
func TestMask(t *testing.T) {
	t.Parallel()
	average := func(more func(*dataset.Dataset)) *dataset.Dataset {
		return set(func(m *dataset.Dataset) {
			m.SetString(tag.MaskOperation, "CS", "AVG_SUB")
			m.SetInt(tag.MaskFrameNumbers, "US", 1, 2)
			more(m)
		})
	}
	nothing := func(*dataset.Dataset) {}
	for name, c := range map[string]struct {
		items []*dataset.Dataset
		want  *softcopy.Mask
	}{
		"plain": {[]*dataset.Dataset{average(nothing)}, &softcopy.Mask{Frames: []int{1, 2}}},
		"of ranges, unshifted": {[]*dataset.Dataset{average(func(m *dataset.Dataset) {
			m.SetFloat(tag.MaskSubPixelShift, "FL", 0, 0)
			m.SetInt(tag.ApplicableFrameRange, "US", 3, 7, 9, 9)
			m.SetInt(tag.ContrastFrameAveraging, "US", 1)
		})}, &softcopy.Mask{Frames: []int{1, 2}, Ranges: [][2]int{{3, 7}, {9, 9}}}},
		"difference in time": {[]*dataset.Dataset{average(func(m *dataset.Dataset) { m.SetString(tag.MaskOperation, "CS", "TID") })}, nil},
		"averaged contrast":  {[]*dataset.Dataset{average(func(m *dataset.Dataset) { m.SetInt(tag.ContrastFrameAveraging, "US", 2) })}, nil},
		"several":            {[]*dataset.Dataset{average(nothing), average(nothing)}, nil},
		"no frame":           {[]*dataset.Dataset{average(func(m *dataset.Dataset) { m.SetInt(tag.MaskFrameNumbers, "US") })}, nil},
		"frame 0":            {[]*dataset.Dataset{average(func(m *dataset.Dataset) { m.SetInt(tag.MaskFrameNumbers, "US", 0) })}, nil},
		"half a range":       {[]*dataset.Dataset{average(func(m *dataset.Dataset) { m.SetInt(tag.ApplicableFrameRange, "US", 3) })}, nil},
		"shifted":            {[]*dataset.Dataset{average(func(m *dataset.Dataset) { m.SetFloat(tag.MaskSubPixelShift, "FL", 0.5, -2) })}, &softcopy.Mask{Frames: []int{1, 2}, Shift: &[2]float64{0.5, 2}}},
		"shifted one way":    {[]*dataset.Dataset{average(func(m *dataset.Dataset) { m.SetFloat(tag.MaskSubPixelShift, "FL", 0.5) })}, nil},
		"shifted away":       {[]*dataset.Dataset{average(func(m *dataset.Dataset) { m.SetFloat(tag.MaskSubPixelShift, "FL", 0.5, 1e9) })}, nil},
	} {
		d := sample()
		d.SetItems(tag.MaskSubtractionSequence, c.items...)
		got, err := softcopy.Parse(d, softcopy.DefaultLimits)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(got.Mask, c.want) || (len(got.Missing) == 0) != (c.want != nil) {
			t.Errorf("%s: %+v, missing %v", name, got.Mask, got.Missing)
		}
	}
}
