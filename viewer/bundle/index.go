package bundle

import "encoding/binary"

// entry is what the index says of a frame: lengths of its records.
type entry struct{ preview, frame, half uint32 }

const entryBytes = 12

// index is one entry a frame, in slice order.
type index []entry

func (x index) record() Record {
	b := make([]byte, 0, entryBytes*len(x))
	for _, e := range x {
		b = binary.BigEndian.AppendUint32(b, e.preview)
		b = binary.BigEndian.AppendUint32(b, e.frame)
		b = binary.BigEndian.AppendUint32(b, e.half)
	}
	return Record{Kind: KindIndex, Payload: b}
}

func indexOf(payload []byte) index {
	x := make(index, len(payload)/entryBytes)
	for i := range x {
		b := payload[entryBytes*i:]
		x[i] = entry{binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])}
	}
	return x
}

// offsets gives where the frame records begin, by slice, when the first prev record
// begins at first.
func (x index) offsets(first int64, order []int) []int64 {
	at := first
	for _, e := range x {
		at += int64(e.preview)
	}
	out := make([]int64, len(x))
	for _, n := range order {
		out[n] = at
		at += int64(x[n].frame)
	}
	return out
}

// centreOut is the order of n frames from the middle outwards.
func centreOut(n int) []int {
	out := make([]int, 0, n)
	for i := range n {
		step := (i + 1) / 2
		if i%2 == 0 {
			step = -step
		}
		out = append(out, (n-1)/2+step)
	}
	return out
}
