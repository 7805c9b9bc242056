package pixel

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// TestSegments expands the example of PS3.3 C.7.9.2 and its neighbours.
func TestSegments(t *testing.T) {
	t.Parallel()
	d := descriptor{entries: 12, bits: 16}
	for name, c := range map[string]struct {
		d    descriptor
		in   []uint16
		want []uint16 // nil: refused
	}{
		"discrete":               {descriptor{entries: 3, bits: 16}, []uint16{0, 3, 10, 20, 30}, []uint16{10, 20, 30}},
		"linear":                 {descriptor{entries: 5, bits: 16}, []uint16{0, 1, 0, 1, 4, 100}, []uint16{0, 25, 50, 75, 100}},
		"falling":                {descriptor{entries: 3, bits: 16}, []uint16{0, 1, 100, 1, 2, 0}, []uint16{100, 50, 0}},
		"indirect":               {d, []uint16{0, 2, 5, 6, 1, 4, 46, 2, 2, 0, 0}, []uint16{5, 6, 16, 26, 36, 46, 5, 6, 16, 26, 36, 46}},
		"short is padded":        {descriptor{entries: 4, bits: 16}, []uint16{0, 2, 7, 9}, []uint16{7, 9, 9, 9}},
		"linear first":           {d, []uint16{1, 4, 100}, nil},
		"too many":               {descriptor{entries: 2, bits: 16}, []uint16{0, 3, 1, 2, 3}, nil},
		"cut":                    {d, []uint16{0, 4, 1, 2}, nil},
		"indirect to itself":     {d, []uint16{0, 1, 1, 2, 1, 6, 0}, nil},
		"indirect into indirect": {d, []uint16{0, 1, 1, 2, 1, 0, 0, 2, 1, 6, 0}, nil},
		"unknown":                {d, []uint16{7, 1, 1}, nil},
		"empty":                  {d, nil, nil},
	} {
		got, err := expandSegments(c.d, words(c.in...))
		if (err == nil) != (c.want != nil) || !slices.Equal(got, c.want) && c.want != nil {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
	}
}

func TestPaletteFrame(t *testing.T) {
	t.Parallel()
	ramp := func(f func(i int) uint16) []byte {
		var v []uint16
		for i := range 256 {
			v = append(v, f(i))
		}
		return words(v...)
	}
	for name, bits := range map[string]int{"true 16 bit": 16, "8 bits called 16": 16, "8 bit": 8} {
		scale := uint16(257)
		if name != "true 16 bit" {
			scale = 1
		}
		s := shape{rows: 1, columns: 4, samples: 1, allocated: 8, stored: 8, high: 7, frames: 1, photometric: PaletteColor}
		d := s.dataset()
		d.SetInt(tag.RedPaletteColorLookupTableDescriptor, "US", 256, 0, bits)
		d.SetInt(tag.GreenPaletteColorLookupTableDescriptor, "US", 256, 0, bits)
		d.SetInt(tag.BluePaletteColorLookupTableDescriptor, "US", 256, 0, bits)
		d.SetBytes(tag.RedPaletteColorLookupTableData, "OW", ramp(func(i int) uint16 { return uint16(i) * scale }))
		d.SetBytes(tag.GreenPaletteColorLookupTableData, "OW", ramp(func(i int) uint16 { return uint16(255-i) * scale }))
		d.SetBytes(tag.SegmentedBluePaletteColorLookupTableData, "OW", words(0, 1, 9*scale, 1, 255, 9*scale))
		if bits == 8 { // 8 bit segments take bytes
			d.SetBytes(tag.SegmentedBluePaletteColorLookupTableData, "OW", []byte{0, 1, 9, 1, 255, 9})
		}
		d.SetBytes(tag.PixelData, "OB", []byte{0, 1, 200, 255})
		for _, syntax := range syntaxes[1:3] {
			if bits == 8 && syntax == uid.ExplicitVRBigEndian {
				continue // our writer swaps the words of OW; what 8 bit segments do there is left open
			}
			r := open(t, file(t, d, syntax))
			var f Frame
			for range 2 {
				if err := r.Frame(t.Context(), 0, &f); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				want := []byte{0, 255, 9, 1, 254, 9, 200, 55, 9, 255, 0, 9}
				if !slices.Equal(f.Pix, want) || f.Photometric != RGB || f.Samples != 3 {
					t.Errorf("%s in %s: %v, want %v", name, uid.Name(syntax), f.Pix, want)
				}
			}
		}
	}
}

func TestLUT(t *testing.T) {
	t.Parallel()
	d, err := parseDescriptor([]int{4, 0xFFFE, 8}, true)
	if err != nil || d.first != -2 {
		t.Fatalf("%+v, %v", d, err)
	}
	l, err := newLUT(d, []byte{1, 2, 3, 200}) // 8 bit entries, a byte each
	if err != nil {
		t.Fatal(err)
	}
	for v, want := range map[int]uint16{-100: 1, -2: 1, -1: 2, 0: 3, 1: 200, 50: 200} {
		if got := l.At(v); got != want {
			t.Errorf("%d becomes %d, want %d", v, got, want)
		}
	}
	if l, err := newLUT(descriptor{entries: 2, bits: 10}, words(5, 4095)); err != nil || l.Bits != 12 {
		t.Errorf("entries above the declared bits: %+v, %v", l, err)
	}
	if d, err := parseDescriptor([]int{0, 0, 16}, false); err != nil || d.entries != 65536 {
		t.Errorf("0 entries: %+v, %v", d, err)
	}
	for _, bad := range [][]int{nil, {1, 2}, {4, 0, 0}, {4, 0, 17}} {
		if d, err := parseDescriptor(bad, false); err == nil {
			t.Errorf("descriptor %v taken as %+v", bad, d)
		}
	}
}

func FuzzSegments(f *testing.F) {
	f.Add(uint16(12), uint8(16), words(0, 2, 5, 6, 1, 4, 46, 2, 2, 0, 0))
	f.Add(uint16(0), uint8(8), []byte{0, 1, 9, 1, 255, 9, 2, 2, 0, 0, 0, 0})
	f.Add(uint16(4), uint8(16), words(2, 0xFFFF, 0, 0))
	f.Fuzz(func(t *testing.T, entries uint16, bits uint8, raw []byte) {
		d, err := parseDescriptor([]int{int(entries), 0, int(bits)}, false)
		if err != nil {
			return
		}
		if out, err := expandSegments(d, raw); err == nil && len(out) != d.entries {
			t.Fatalf("%d entries, want %d", len(out), d.entries)
		}
		if out, err := parseEntries(d, raw); err == nil && len(out) != d.entries {
			t.Fatalf("%d entries, want %d", len(out), d.entries)
		}
		p, err := newPalette([3]channel{
			{descriptor: []int{int(entries), 3, int(bits)}, data: raw},
			{descriptor: []int{int(entries), 3, int(bits)}, segmented: raw},
			{descriptor: []int{int(entries), 3, int(bits)}, data: raw},
		}, entries&1 == 1)
		if err == nil {
			p.At(-5)
			p.At(int(binary.LittleEndian.Uint16(append(raw, 0, 0))))
		}
	})
}
