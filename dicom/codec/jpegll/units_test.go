package jpegll

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"pgregory.net/rapid"
)

// sampled is a frame whose components have several sizes.
type sampled struct {
	width, height, precision int
	factors                  [][2]int // H, V
	planes                   [][]int  // each of size(c)
	selection, pt            int
	restartUnitRows          int
	separate                 bool
}

func (s *sampled) most() (h, v int) {
	for _, f := range s.factors {
		h, v = max(h, f[0]), max(v, f[1])
	}
	return h, v
}

func (s *sampled) size(c int) (w, h int) {
	hm, vm := s.most()
	return (s.width*s.factors[c][0] + hm - 1) / hm, (s.height*s.factors[c][1] + vm - 1) / vm
}

// image is the frame with every component at its size.
func (s *sampled) image() codec.Image {
	m := codec.Image{Config: codec.Config{Width: s.width, Height: s.height, Samples: len(s.factors), Precision: s.precision, Lossless: true}}
	if m.Samples == 1 {
		m.Color = codec.ColorGray
	}
	hm, vm := s.most()
	for y := range s.height {
		for x := range s.width {
			for c, f := range s.factors {
				w, _ := s.size(c)
				v := s.planes[c][y*f[1]/vm*w+x*f[0]/hm] >> s.pt << s.pt
				m.Pix = append(m.Pix, byte(v))
				if s.precision > 8 {
					m.Pix = append(m.Pix, byte(v>>8))
				}
			}
		}
	}
	return m
}

// encode writes it by the letter of T.81 §A.2 and Annex H.
func (s *sampled) encode() []byte {
	out := []byte{0xFF, 0xD8, 0xFF, 0xC4, 0, 19 + 17, 0}
	counts := [16]byte{4: 17}
	out = append(out, counts[:]...)
	for i := range 17 {
		out = append(out, byte(i))
	}
	n := len(s.factors)
	out = append(out, 0xFF, 0xC3, 0, byte(8+3*n), byte(s.precision))
	out = binary.BigEndian.AppendUint16(out, uint16(s.height))
	out = binary.BigEndian.AppendUint16(out, uint16(s.width))
	out = append(out, byte(n))
	for c, f := range s.factors {
		out = append(out, byte(c+1), byte(f[0]<<4|f[1]), 0)
	}
	scans := [][]int{nil}
	for c := range n {
		if s.separate && c > 0 {
			scans = append(scans, nil)
		}
		scans[len(scans)-1] = append(scans[len(scans)-1], c)
	}
	for _, comps := range scans {
		hm, vm := s.most()
		across, down := (s.width+hm-1)/hm, (s.height+vm-1)/vm
		if len(comps) == 1 {
			across, down = s.size(comps[0])
		}
		if s.restartUnitRows > 0 {
			out = append(out, 0xFF, 0xDD, 0, 4)
			out = binary.BigEndian.AppendUint16(out, uint16(s.restartUnitRows*across))
		}
		out = append(out, 0xFF, 0xDA, 0, byte(6+2*len(comps)), byte(len(comps)))
		for _, c := range comps {
			out = append(out, byte(c+1), 0)
		}
		out = append(out, byte(s.selection), 0, byte(s.pt))
		w := bitWriter{dst: out}
		for my := range down {
			first := my == 0
			if s.restartUnitRows > 0 && my > 0 && my%s.restartUnitRows == 0 {
				first = true
				w.dst = append(w.flush(), 0xFF, byte(0xD0+(my/s.restartUnitRows-1)%8))
			}
			for mx := range across {
				for _, c := range comps {
					h, v := s.factors[c][0], s.factors[c][1]
					if len(comps) == 1 {
						h, v = 1, 1
					}
					for dy := range v {
						for dx := range h {
							s.sample(&w, c, mx*h+dx, my*v+dy, first && dy == 0)
						}
					}
				}
			}
		}
		out = w.flush()
	}
	return append(out, 0xFF, 0xD9)
}

// sample writes one, of which those beyond the edge repeat the last.
func (s *sampled) sample(w *bitWriter, c, x, y int, first bool) {
	width, height := s.size(c)
	at := func(x, y int) int { return s.planes[c][min(y, height-1)*width+min(x, width-1)] >> s.pt }
	p := 0
	switch {
	case first && x == 0:
		p = 1 << (s.precision - s.pt - 1)
	case first:
		p = at(x-1, y)
	case x == 0:
		p = at(x, y-1)
	default:
		a, b, d := at(x-1, y), at(x, y-1), at(x-1, y-1)
		p = [...]int{0, a, b, d, a + b - d, a + (b-d)>>1, b + (a-d)>>1, (a + b) >> 1}[s.selection]
	}
	diff := uint16(at(x, y) - p)
	size := category(diff)
	w.write(uint32(size), 5)
	if size > 0 && size < 16 {
		if diff >= 0x8000 {
			diff--
		}
		w.write(uint32(diff)&(1<<size-1), uint(size))
	}
}

func newSampled(seed uint64, width, height, precision int, factors [][2]int) *sampled {
	s := &sampled{width: width, height: height, precision: precision, factors: factors, selection: 1}
	rng := rand.New(rand.NewPCG(seed, 9))
	for c := range factors {
		w, h := s.size(c)
		plane := make([]int, w*h)
		for i := range plane {
			plane[i] = rng.IntN(1 << precision)
		}
		s.planes = append(s.planes, plane)
	}
	return s
}

// TestSampled: components of several sizes, interleaved or in scans of their own.
func TestSampled(t *testing.T) {
	t.Parallel()
	d := new(Decoder)
	rapid.Check(t, func(t *rapid.T) {
		factors := make([][2]int, rapid.IntRange(1, 4).Draw(t, "components"))
		for i := range factors {
			factors[i] = [2]int{rapid.IntRange(1, 4).Draw(t, "H"), rapid.IntRange(1, 4).Draw(t, "V")}
		}
		s := newSampled(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 40).Draw(t, "width"), rapid.IntRange(1, 20).Draw(t, "height"),
			rapid.IntRange(2, 16).Draw(t, "precision"), factors)
		s.selection = rapid.IntRange(1, 7).Draw(t, "selection")
		s.pt = rapid.IntRange(0, s.precision-1).Draw(t, "point transform")
		s.restartUnitRows = rapid.IntRange(0, 3).Draw(t, "restart")
		s.separate = rapid.Bool().Draw(t, "separate")
		want := s.image()
		check(t, d, s.encode(), &want)
	})
}

// TestUnits: three pixels of which two share their colour, written by hand.
func TestUnits(t *testing.T) {
	t.Parallel()
	s := &sampled{width: 3, height: 1, precision: 8, selection: 1, factors: [][2]int{{2, 1}, {1, 1}, {1, 1}}, planes: [][]int{{1, 2, 3}, {10, 20}, {30, 40}}}
	var m codec.Image
	if err := new(Decoder).Decode(&m, s.encode(), codec.Options{}); err != nil {
		t.Fatal(err)
	}
	if want := []byte{1, 10, 30, 2, 10, 30, 3, 20, 40}; !bytes.Equal(m.Pix, want) {
		t.Errorf("%v, want %v", m.Pix, want)
	}
	s.restartUnitRows = 1
	src := s.encode()
	src[bytes.Index(src, []byte{0xFF, 0xDD})+5] = 1 // two units in a row
	if err := new(Decoder).Decode(&m, src, codec.Options{}); !errors.Is(err, codec.ErrCorrupt) {
		t.Errorf("an interval of half a row: %v", err)
	}
}

// sampledStreams are such streams for the contract.
func sampledStreams() (list []codectest.Stream) {
	for name, factors := range map[string][][2]int{"422": {{2, 1}, {1, 1}, {1, 1}}, "420": {{2, 2}, {1, 1}, {1, 1}}, "222": {{2, 2}, {2, 2}, {2, 2}}} {
		s := newSampled(4, 13, 11, 8, factors)
		s.restartUnitRows = 2
		list = append(list, codectest.Stream{Name: name, Src: s.encode(), Want: s.image()})
	}
	return list
}
