package j2k

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
)

// handmade is a stream of one tile of side × side samples of 8 bits in components of
// code-blocks of 4 × 4, reversible and without a level, whose packets are body.
func handmade(side, components, layers int, order byte, more, body []byte) []byte {
	size := binary.BigEndian.AppendUint16(nil, 0)
	for _, v := range []int{side, side, 0, 0, side, side, 0, 0} {
		size = binary.BigEndian.AppendUint32(size, uint32(v))
	}
	size = binary.BigEndian.AppendUint16(size, uint16(components))
	size = append(size, bytes.Repeat([]byte{7, 1, 1}, components)...)
	style := append([]byte{0, order}, byte(layers>>8), byte(layers), 0, 0, 0, 0, 0, 1)
	main := append([]byte{mSOC >> 8, mSOC & 0xFF}, segmentOf(mSIZ, size)...)
	main = append(main, segmentOf(mCOD, style)...)
	main = append(main, segmentOf(mQCD, []byte{usualGuard << 5, 8 << 3})...)
	main = append(main, more...)
	part := binary.BigEndian.AppendUint32([]byte{0, 0}, uint32(14+len(body)))
	main = append(main, segmentOf(mSOT, append(part, 0, 1))...)
	main = append(main, mSOD>>8, mSOD&0xFF)
	return append(append(main, body...), mEOC>>8, mEOC&0xFF)
}

// TestWorkOfLayers: packets of many layers that bring nothing, in a byte each, are not
// walked code-block by code-block.
func TestWorkOfLayers(t *testing.T) {
	t.Parallel()
	const side, layers = 1024, 60000
	// A packet that is not empty; the root of its inclusion tree says: not in this layer.
	src := handmade(side, 1, layers, 0, nil, bytes.Repeat([]byte{0x80}, layers))
	var d Decoder
	var m codec.Image
	if err := d.Decode(&m, src, codec.Options{}); err != nil {
		t.Fatal(err)
	}
	if most := int64(side*side + 8*layers); d.Work() > most {
		t.Errorf("work of %d for %d layers, want %d at most", d.Work(), layers, most)
	}
}

// TestWorkOfPositions: progressions by position that read nothing cost nothing, with as
// many components as there may be.
func TestWorkOfPositions(t *testing.T) {
	t.Parallel()
	const side, n = 128, maxComponents
	idle := bytes.Repeat([]byte{0, 0, 0, 0, 0, 1, 4, 0, 3}, 60) // no layer
	all := []byte{0, 0, 0, 0, 1, 1, 4, 0, 3}
	src := handmade(side, n, 1, 3, segmentOf(mPOC, append(idle, all...)), make([]byte, n))
	var d Decoder
	var m codec.Image
	if err := d.Decode(&m, src, codec.Options{}); err != nil {
		t.Fatal(err)
	}
	if most := int64(2 * side * side * n); d.Work() > most {
		t.Errorf("work of %d, want %d at most", d.Work(), most)
	}
}

// TestFlood: a header that says COD or QCD for all components again and again.
func TestFlood(t *testing.T) {
	t.Parallel()
	for name, s := range map[string][]byte{
		"COD": segmentOf(mCOD, []byte{0, 0, 0, 1, 0, 0, 0, 0, 0, 1}),
		"QCD": segmentOf(mQCD, []byte{usualGuard << 5, 8 << 3}),
	} {
		var m codec.Image
		src := handmade(8, maxComponents, 1, 0, bytes.Repeat(s, 10000), make([]byte, maxComponents))
		if err := new(Decoder).Decode(&m, src, codec.Options{}); !errors.Is(err, codec.ErrCorrupt) {
			t.Errorf("%s: got %v, want %v", name, err, codec.ErrCorrupt)
		}
	}
}

// TestEmptyTiles: tiles in which hardly a component has a sample, and so no packet.
func TestEmptyTiles(t *testing.T) {
	t.Parallel()
	const side, n = 64, maxComponents
	src := handmade(side, n, 1, 0, nil, nil)
	siz := bytes.Index(src, []byte{mSIZ >> 8, mSIZ & 0xFF}) + 4
	sot := bytes.Index(src, []byte{mSOT >> 8, mSOT & 0xFF})
	binary.BigEndian.PutUint32(src[siz+18:], 1) // tiles of one sample
	binary.BigEndian.PutUint32(src[siz+22:], 1)
	for c := 1; c < n; c++ {
		src[siz+36+3*c+1], src[siz+36+3*c+2] = 255, 255
	}
	src = src[:sot]
	for tile := range side * side {
		body := 1
		if tile == 0 {
			body = n
		}
		part := binary.BigEndian.AppendUint16(nil, uint16(tile))
		part = binary.BigEndian.AppendUint32(part, uint32(14+body))
		src = append(src, segmentOf(mSOT, append(part, 0, 1))...)
		src = append(append(src, mSOD>>8, mSOD&0xFF), make([]byte, body)...)
	}
	var d Decoder
	var m codec.Image
	if err := d.Decode(&m, src, codec.Options{}); !errors.Is(err, codec.ErrLimit) {
		t.Errorf("got %v, want %v", err, codec.ErrLimit)
	}
	if d.Work() > 1<<22 {
		t.Errorf("work of %d", d.Work())
	}
}

// TestOrders: the packets of components of several sizes come in each of the orders as
// the standard's walk over the reference grid has them.
func TestOrders(t *testing.T) {
	t.Parallel()
	m := codectest.Image(5, 61, 47, 3, 8)
	src, err := (&Encoder{HighThroughput: true}).Encode(nil, &m)
	if err != nil {
		t.Fatal(err)
	}
	var d Decoder
	var got codec.Image
	if err := d.Decode(&got, src, codec.Options{}); err != nil || !bytes.Equal(got.Pix, m.Pix) {
		t.Fatalf("other samples, or %v", err)
	}
	// By walk: the turns of the last tile, against those of all positions in turn.
	for _, v := range [][4]int{{0, 3, 0, 9}, {0, 1, 0, 9}, {1, 3, 2, 4}} {
		d.area = rect{7, 5, 61, 47}
		for c := range d.comps {
			comp := &d.comps[c]
			d.size.dx[c], d.size.dy[c] = 1+c%2, 1+c/2
			comp.rect = rect{ceilDiv(7, d.size.dx[c]), ceilDiv(5, d.size.dy[c]), ceilDiv(61, d.size.dx[c]), ceilDiv(47, d.size.dy[c])}
			for r := range comp.levels + 1 {
				comp.ppx[r], comp.ppy[r] = 3, 2
				if _, _, err := d.layoutResolution(c, r); err != nil {
					t.Fatal(err)
				}
			}
		}
		d.sortTurns(v[0], v[1], v[2], v[3])
		want := walk(&d, v[0], v[1], v[2], v[3])
		if len(want) == 0 || len(want) != len(d.turns) {
			t.Fatalf("%d turns, %d of the walk", len(d.turns), len(want))
		}
		for i, w := range want {
			if d.turns[i] != w {
				t.Fatalf("turn %d: got %+v, want %+v", i, d.turns[i], w)
			}
		}
	}
}

// walk is §B.12.1.4 as it is written.
func walk(d *Decoder, c0, c1, r0, r1 int) (out []turn) {
	for y := d.area.y0; y < d.area.y1; y++ {
		for x := d.area.x0; x < d.area.x1; x++ {
			for c := c0; c < c1; c++ {
				comp := &d.comps[c]
				for r := r0; r < min(r1, comp.levels+1); r++ {
					res := &comp.resolutions[r]
					n := uint(comp.levels - r)
					dx, dy := d.size.dx[c], d.size.dy[c]
					if res.pw*res.ph == 0 ||
						y%(dy<<(res.ppy+n)) != 0 && !(y == d.area.y0 && res.y0<<n%(1<<(res.ppy+n)) != 0) ||
						x%(dx<<(res.ppx+n)) != 0 && !(x == d.area.x0 && res.x0<<n%(1<<(res.ppx+n)) != 0) {
						continue
					}
					px := ceilDiv(x, dx<<n)>>res.ppx - res.x0>>res.ppx
					py := ceilDiv(y, dy<<n)>>res.ppy - res.y0>>res.ppy
					out = append(out, turn{uint32(y), uint32(x), uint16(c), uint8(r), int32(px + py*res.pw)})
				}
			}
		}
	}
	return out
}
