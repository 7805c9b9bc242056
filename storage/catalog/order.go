package catalog

import (
	"cmp"
	"math"
	"slices"
)

// SortInstances puts the instances of a series in reading order. When all are
// slices of one orientation at different places they are ordered along its normal
// (PS3.3 C.7.6.2.1.1); repeated places (phases, echoes, b-values) or a mixture
// are ordered by Acquisition Number and Instance Number, because then one pass
// through the body is not what position alone gives. The direction of the pass is
// that of the Instance Numbers.
func SortInstances(list []Instance) {
	place, ok := places(list)
	sortInstances(list, func(a, b *Instance) int {
		if ok {
			return cmp.Compare(place[a.ID], place[b.ID])
		}
		return cmp.Or(cmp.Compare(number(a.Header.AcquisitionNumber), number(b.Header.AcquisitionNumber)),
			cmp.Compare(a.InstanceNumber, b.InstanceNumber), cmp.Compare(a.SOPInstanceUID, b.SOPInstanceUID))
	})
}

// sortInstances sorts by moving places, not instances, which are large; most lists come
// in order and stay as they are.
func sortInstances(list []Instance, compare func(a, b *Instance) int) {
	at := make([]*Instance, len(list))
	for i := range list {
		at[i] = &list[i]
	}
	if slices.IsSortedFunc(at, compare) {
		return
	}
	slices.SortStableFunc(at, compare)
	sorted := make([]Instance, len(list))
	for i, from := range at {
		sorted[i] = *from
	}
	copy(list, sorted)
}

// places projects the positions on the common normal; ok is false when there is
// no common normal or two slices share a place.
func places(list []Instance) (at map[string]float64, ok bool) {
	const parallel, apart = 1e-3, 1e-3
	if len(list) < 2 {
		return nil, false
	}
	at = make(map[string]float64, len(list))
	all := make([]float64, 0, len(list))
	first := list[0].Header.Orientation
	for n := range list {
		i := &list[n]
		pos, ori := i.Header.Position, i.Header.Orientation
		if len(pos) != 3 || len(ori) != 6 {
			return nil, false
		}
		for k := range ori {
			if math.Abs(ori[k]-first[k]) > parallel {
				return nil, false
			}
		}
		n := normal(first)
		d := pos[0]*n[0] + pos[1]*n[1] + pos[2]*n[2]
		at[i.ID] = d
		all = append(all, d)
	}
	slices.Sort(all)
	for k := 1; k < len(all); k++ {
		if !(all[k]-all[k-1] >= apart) { // also false for NaN
			return nil, false
		}
	}
	if backwards(list, at) {
		for id := range at {
			at[id] = -at[id]
		}
	}
	return at, true
}

// backwards reports whether Instance Numbers rise against the normal: the slice
// with the lowest number lies beyond the one with the highest.
func backwards(list []Instance, at map[string]float64) bool {
	byNumber := func(a, b Instance) int { return cmp.Compare(a.InstanceNumber, b.InstanceNumber) }
	first, last := slices.MinFunc(list, byNumber), slices.MaxFunc(list, byNumber)
	return first.InstanceNumber != last.InstanceNumber && at[first.ID] > at[last.ID]
}

// normal is the cross product of the row and column direction.
func normal(o []float64) [3]float64 {
	return [3]float64{o[1]*o[5] - o[2]*o[4], o[2]*o[3] - o[0]*o[5], o[0]*o[4] - o[1]*o[3]}
}

func number(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
