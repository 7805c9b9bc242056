package pixel

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

var syntaxes = []string{
	uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian,
}

// TestNativeSyntaxes: the same pixels come out of every uncompressed syntax, in
// any order of frames.
func TestNativeSyntaxes(t *testing.T) {
	t.Parallel()
	count := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(i*7 + i/256)
		}
		return b
	}
	for name, c := range map[string]struct {
		s    shape
		vr   string
		want func(pix []byte, n int) []byte // of frame n
	}{
		"16 bit": {s: shape{rows: 3, columns: 5, samples: 1, allocated: 16, stored: 16, high: 15, frames: 3, photometric: Monochrome2}, vr: "OW"},
		"8 bit":  {s: shape{rows: 3, columns: 5, samples: 1, allocated: 8, stored: 8, high: 7, frames: 4, photometric: Monochrome2}, vr: "OW"},
		"8 bit in OB": {
			s: shape{rows: 3, columns: 5, samples: 1, allocated: 8, stored: 8, high: 7, frames: 4, photometric: Monochrome2}, vr: "OB",
		},
		"rgb": {s: shape{rows: 2, columns: 3, samples: 3, allocated: 8, stored: 8, high: 7, frames: 2, photometric: RGB}, vr: "OB"},
		"rgb planar": {
			s:  shape{rows: 2, columns: 3, samples: 3, allocated: 8, stored: 8, high: 7, frames: 2, photometric: RGB, planar: 1},
			vr: "OB",
			want: func(pix []byte, n int) []byte {
				f := pix[n*18 : (n+1)*18]
				var out []byte
				for i := range 6 {
					out = append(out, f[i], f[6+i], f[12+i])
				}
				return out
			},
		},
		"rgb planar 16 bit": {
			s:  shape{rows: 2, columns: 2, samples: 3, allocated: 16, stored: 16, high: 15, frames: 1, photometric: RGB, planar: 1},
			vr: "OW",
			want: func(pix []byte, _ int) []byte {
				var out []byte
				for i := range 4 {
					for s := range 3 {
						out = append(out, pix[s*8+2*i], pix[s*8+2*i+1])
					}
				}
				return out
			},
		},
		"one bit": {
			s:  shape{rows: 3, columns: 5, samples: 1, allocated: 1, stored: 1, high: 0, frames: 5, photometric: Monochrome2},
			vr: "OB",
			want: func(pix []byte, n int) []byte {
				out := make([]byte, 15)
				for i := range out {
					b := n*15 + i
					out[i] = pix[b/8] >> (b % 8) & 1
				}
				return out
			},
		},
		"4:2:2": {
			s:  shape{rows: 2, columns: 4, samples: 3, allocated: 8, stored: 8, high: 7, frames: 2, photometric: YBRFull422},
			vr: "OB",
			want: func(pix []byte, n int) []byte {
				var out []byte
				for f := pix[n*16 : (n+1)*16]; len(f) > 0; f = f[4:] {
					out = append(out, f[0], f[2], f[3], f[1], f[2], f[3])
				}
				return out
			},
		},
	} {
		size := c.s.rows * c.s.columns * c.s.samples * max(c.s.allocated/8, 1)
		length := size * c.s.frames
		switch {
		case c.s.allocated == 1:
			length = (c.s.rows*c.s.columns*c.s.frames + 7) / 8
		case c.s.photometric == YBRFull422:
			length = length * 2 / 3
		}
		pix := count(length)
		want := c.want
		if want == nil {
			want = func(pix []byte, n int) []byte { return pix[n*size : (n+1)*size] }
		}
		for _, syntax := range syntaxes {
			r := native(t, c.s, c.vr, syntax, pix)
			var f Frame
			for _, n := range []int{c.s.frames - 1, 0, c.s.frames / 2, c.s.frames - 1} {
				if err := r.Stored(context.Background(), n, &f); err != nil {
					t.Fatalf("%s, %s, frame %d: %v", name, uid.Name(syntax), n, err)
				}
				if w := want(pix, n); !bytes.Equal(f.Pix, w) {
					t.Errorf("%s, %s, frame %d:\n got %v\nwant %v", name, uid.Name(syntax), n, f.Pix, w)
				}
			}
		}
	}
}

// TestCells: bits above and below the value go, the sign is extended.
func TestCells(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stored, high, signed int
		in                   []uint16
		want                 []int
	}{
		"12 of 16":            {12, 11, 0, []uint16{0xF123, 0x0FFF, 0x1000, 7, 0xFFFF}, []int{0x123, 0xFFF, 0, 7, 0xFFF}},
		"12 of 16 signed":     {12, 11, 1, []uint16{0xF123, 0x0FFF, 0x1800, 7, 0x07FF}, []int{0x123, -1, -2048, 7, 2047}},
		"high bit 15":         {12, 15, 0, []uint16{0x1230, 0xFFFF, 0x000F, 0x8000, 1}, []int{0x123, 0xFFF, 0, 0x800, 0}},
		"high bit 14, signed": {12, 14, 1, []uint16{0x4000, 0x7FF8, 0x8008, 0x3FF8, 7}, []int{-2048, -1, 1, 2047, 0}},
		"whole signed":        {16, 15, 1, []uint16{0xFFFF, 0x8000, 0x7FFF, 1, 0}, []int{-1, -32768, 32767, 1, 0}},
	} {
		s := shape{rows: 1, columns: 5, samples: 1, allocated: 16, stored: c.stored, high: c.high, signed: c.signed, frames: 1, photometric: Monochrome2}
		r := native(t, s, "OW", uid.ExplicitVRLittleEndian, words(c.in...))
		var f Frame
		if err := r.Frame(t.Context(), 0, &f); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []int
		for x := range 5 {
			got = append(got, f.Value(0, x, 0))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestThreeBytesCalled422(t *testing.T) {
	t.Parallel()
	s := shape{rows: 1, columns: 2, samples: 3, allocated: 8, stored: 8, high: 7, frames: 1, photometric: YBRFull422}
	r := native(t, s, "OB", uid.ExplicitVRLittleEndian, []byte{76, 85, 255, 150, 44, 21})
	var f Frame
	if err := r.Frame(t.Context(), 0, &f); err != nil {
		t.Fatal(err)
	}
	// Pure red and a pure green of JFIF.
	if want := []byte{254, 0, 0, 0, 255, 1}; !near(f.Pix, want, 2) {
		t.Errorf("got %v, want about %v", f.Pix, want)
	}
}

func near(a, b []byte, by int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if d := int(a[i]) - int(b[i]); d > by || -d > by {
			return false
		}
	}
	return true
}

func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	whole := native(t, grey16(), "OW", uid.ExplicitVRLittleEndian, make([]byte, 32))
	d := grey16().dataset()
	d.SetInt(tag.NumberOfFrames, "IS", 3)
	d.SetBytes(tag.PixelData, "OW", make([]byte, 64))
	r := open(t, file(t, d, uid.ExplicitVRLittleEndian))
	var f Frame
	var broken *FrameError
	if err := r.Stored(t.Context(), 2, &f); !errors.As(err, &broken) || broken.Frame != 2 {
		t.Errorf("third frame of two: %v", err)
	}
	if err := r.Stored(t.Context(), 1, &f); err != nil {
		t.Errorf("second frame of two: %v", err)
	}
	var format *FormatError
	if err := whole.Stored(t.Context(), 1, &f); !errors.As(err, &format) {
		t.Errorf("frame outside: %v", err)
	}

	b := file(t, d, uid.ExplicitVRLittleEndian)
	cut := open(t, b[:len(b)-40]) // ends inside the first frame
	if err := cut.Stored(t.Context(), 0, &f); !errors.As(err, &broken) || broken.Offset != int64(len(b)-40) {
		t.Errorf("file that ends in the frame: %v", err)
	}
	d.Delete(tag.PixelData)
	b = file(t, d, uid.ExplicitVRLittleEndian)
	if _, err := Open(bytes.NewReader(b), int64(len(b))); !errors.Is(err, ErrNoPixels) {
		t.Errorf("no pixels: %v", err)
	}
	d.SetFragments(tag.PixelData, nil, []byte{1, 2})
	b = file(t, d, uid.ExplicitVRLittleEndian)
	if _, err := Open(bytes.NewReader(b), int64(len(b))); !errors.As(err, &format) {
		t.Errorf("fragments in a native syntax: %v", err)
	}
	b = file(t, d, "1.2.840.10008.1.2.4.100")
	r = open(t, b)
	var none *NoDecoderError
	if err := r.Displayable(); !errors.As(err, &none) || !errors.Is(err, ErrNoDecoder) {
		t.Errorf("MPEG2: %v", err)
	}
	if err := r.Frame(t.Context(), 0, &f); !errors.As(err, &none) || none.TransferSyntaxUID != "1.2.840.10008.1.2.4.100" {
		t.Errorf("MPEG2: %v", err)
	}
}

func TestFormatIsChecked(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*shape){
		"no rows":       func(s *shape) { s.rows = 0 },
		"12 allocated":  func(s *shape) { s.allocated = 12 },
		"64 allocated":  func(s *shape) { s.allocated = 64 },
		"bomb":          func(s *shape) { s.rows, s.columns = 65535, 65535 },
		"frames":        func(s *shape) { s.frames = 1 << 30 },
		"samples":       func(s *shape) { s.samples = 3 },
		"cmyk":          func(s *shape) { s.samples, s.photometric = 4, "CMYK" },
		"bit of colour": func(s *shape) { s.samples, s.allocated, s.photometric = 3, 1, RGB },
		"nonsense":      func(s *shape) { s.photometric = "\x1b[31m" },
	} {
		s := grey16()
		change(&s)
		var format *FormatError
		if f, err := FormatOf(s.dataset()); !errors.As(err, &format) {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	// What can be mended is: it does not say where samples lie.
	s := grey16()
	s.stored, s.high = 0, 40
	f, err := FormatOf(s.dataset())
	if err != nil || f.BitsStored != 16 || f.HighBit != 15 {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestFramesReuseMemory: after the first frame nothing is allocated.
func TestFramesReuseMemory(t *testing.T) {
	s := grey16()
	s.frames, s.stored, s.high, s.signed = 4, 12, 11, 1
	r := native(t, s, "OW", uid.ExplicitVRLittleEndian, make([]byte, 32*4))
	var f Frame
	ctx := t.Context()
	n := 0
	allocs := testing.AllocsPerRun(100, func() {
		if err := r.Frame(ctx, n%4, &f); err != nil {
			t.Fatal(err)
		}
		n++
	})
	if allocs != 0 {
		t.Errorf("%v allocations a frame", allocs)
	}
}
