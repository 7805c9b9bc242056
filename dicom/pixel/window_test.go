package pixel

import (
	"bytes"
	"encoding/binary"
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// TestWindowFunctions pins values worked out by hand from the formulas of PS3.3
// C.11.2.1.2, among them the notes' own examples.
func TestWindowFunctions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		w    Window
		x    float64
		want float64
	}{
		{Window{Center: 2048, Width: 4096}, 0, 0},
		{Window{Center: 2048, Width: 4096}, 4095, 1},
		{Window{Center: 2048, Width: 4096}, 2047.5, 0.5},
		{Window{Center: 2048, Width: 1}, 2047, 0},
		{Window{Center: 2048, Width: 1}, 2048, 1},
		{Window{Center: 0, Width: 100}, -50, 0},
		{Window{Center: 0, Width: 100}, 49, 1},
		{Window{Center: 0, Width: 100, Function: LinearExact}, -50, 0},
		{Window{Center: 0, Width: 100, Function: LinearExact}, 0, 0.5},
		{Window{Center: 0, Width: 100, Function: LinearExact}, 50, 1},
		{Window{Center: 10, Width: 20, Function: Sigmoid}, 10, 0.5},
		{Window{Center: 10, Width: 20, Function: Sigmoid}, 15, 1 / (1 + math.Exp(-1))},
	} {
		if got := c.w.At(c.x); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v at %v is %v, want %v", c.w, c.x, got, c.want)
		}
	}
	for _, w := range []Window{{Width: 0}, {Width: 0.5}, {Width: -4, Function: LinearExact}, {Center: math.NaN(), Width: 9}, {Width: math.Inf(1)}} {
		if w.Valid() {
			t.Errorf("%+v is taken for valid", w)
		}
	}
}

// TestTableIsTheFunction compares every entry with the function it stands for.
func TestTableIsTheFunction(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	var tb Table
	for range 300 {
		stored, signed := 1+r.IntN(16), r.IntN(2) == 1
		tr := Transform{
			Modality: Modality{Slope: []float64{1, 0.5, -2, 1.37, 0}[r.IntN(5)], Intercept: float64(r.IntN(4000) - 2000)},
			Window: Window{
				Center: float64(r.IntN(4000) - 2000), Width: 1 + float64(r.IntN(3000)),
				Function: []string{"", Linear, LinearExact, Sigmoid}[r.IntN(4)],
			},
			Invert: r.IntN(2) == 1,
		}
		if r.IntN(4) == 0 {
			tr.Padding = Padding{Present: true, Value: -100, Last: r.IntN(200)}
		}
		if r.IntN(4) == 0 {
			tr.VOI = &LUT{First: r.IntN(100) - 50, Bits: 12, Data: []uint16{0, 100, 4095, 2000}}
		}
		if r.IntN(4) == 0 {
			tr.Modality.LUT = &LUT{First: -3, Bits: 16, Data: []uint16{9, 5, 1000, 40000}}
		}
		tb.Set(tr, stored, signed)
		lo, hi := (&Frame{BitsStored: stored, Signed: signed}).Range()
		for v := lo; v <= hi; v++ {
			var want uint8
			x := tr.Modality.At(v)
			if tr.VOI != nil {
				want = uint8(float64(tr.VOI.At(int(math.Floor(x+0.5))))/tr.VOI.max()*255 + 0.5)
			} else {
				want = uint8(tr.Window.At(x)*255 + 0.5)
			}
			if tr.Invert {
				want = 255 - want
			}
			if tr.Padding.Has(v) {
				want = 0
			}
			if got := tb.grey[uint16(v)]; got != want {
				t.Fatalf("%+v, %d bits, signed %v: %d becomes %d, want %d", tr, stored, signed, v, got, want)
			}
		}
	}
}

// TestReduceIsTheAverage compares every kernel with the average done plainly.
func TestReduceIsTheAverage(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	var tb Table
	for range 200 {
		f := Frame{Rows: 1 + r.IntN(70), Columns: 1 + r.IntN(70), Samples: 1, Signed: r.IntN(2) == 1}
		f.BitsAllocated = []int{1, 8, 16, 16, 16, 32}[r.IntN(6)]
		w, h := 1+r.IntN(f.Columns), 1+r.IntN(f.Rows)
		if k := r.IntN(3); k > 0 && f.Columns >= 2*k && f.Rows >= 2*k { // the kernels of 2 and 4
			f.Columns, f.Rows = f.Columns/(2*k)*2*k, f.Rows/(2*k)*2*k
			w, h = f.Columns/(2*k), f.Rows/(2*k)
		}
		f.BitsStored = f.BitsAllocated
		if f.BitsAllocated == 1 {
			f.Signed = false
		}
		f.resize(f.Rows * f.Columns * f.CellBytes())
		for i := range f.Pix {
			f.Pix[i] = byte(r.Uint32())
			if f.BitsAllocated == 1 {
				f.Pix[i] &= 1
			}
		}
		lo, hi := f.Range()
		// A window that makes the grey a fine ruler for the average.
		tr := Transform{Modality: Modality{Slope: 1}, Window: Window{Center: float64(lo+hi) / 2, Width: float64(hi-lo) + 1, Function: LinearExact}}
		var dst image.Gray
		ResizeGray(&dst, w, h)
		Reduce(&dst, &f, tr, &tb)
		for y := range h {
			for x := range w {
				sum, n := 0.0, 0.0
				for yy := y * f.Rows / h; yy < (y+1)*f.Rows/h; yy++ {
					for xx := x * f.Columns / w; xx < (x+1)*f.Columns/w; xx++ {
						sum += float64(f.Value(yy, xx, 0))
						n++
					}
				}
				want := tr.Window.At(sum/n) * 255
				if f.BitsAllocated == 1 {
					want = sum / n * 255
				}
				if got := float64(dst.GrayAt(x, y).Y); math.Abs(got-want) > 1.6 {
					t.Fatalf("%d×%d of %d bits, signed %v, to %d×%d: (%d,%d) is %v, want %.1f",
						f.Columns, f.Rows, f.BitsAllocated, f.Signed, w, h, x, y, got, want)
				}
			}
		}
	}
}

// TestShrinkThenRender: a smaller frame shows what Reduce shows of the large one,
// and smaller frames of it still show about that.
func TestShrinkThenRender(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	var tb Table
	for range 200 {
		f := Frame{Rows: 4 + r.IntN(70), Columns: 4 + r.IntN(70), Samples: 1, Signed: r.IntN(2) == 1, BitsAllocated: 8 << r.IntN(2)}
		if r.IntN(2) == 0 {
			f.Rows, f.Columns = f.Rows/4*4, f.Columns/4*4
		}
		f.BitsStored = f.BitsAllocated
		f.resize(f.Pixels() * f.CellBytes())
		for i := range f.Pix {
			f.Pix[i] = byte(r.Uint32())
		}
		lo, hi := f.Range()
		tr := Transform{Modality: Modality{Slope: 1}, Window: Window{Center: float64(lo+hi) / 2, Width: float64(hi-lo) + 1, Function: LinearExact}}
		var half, quarter Frame
		new(Shrinker).Shrink(&half, &f, f.Columns/2, f.Rows/2)
		var got, want image.Gray
		Render(&got, &half, tr, &tb)
		ResizeGray(&want, f.Columns/2, f.Rows/2)
		Reduce(&want, &f, tr, &tb)
		if !bytes.Equal(got.Pix, want.Pix) || !half.Shrinks() {
			t.Fatalf("%d bit, signed %v, %d × %d: Shrink shows something else than Reduce", f.BitsAllocated, f.Signed, f.Rows, f.Columns)
		}
		if f.Rows%4 != 0 || f.Columns%4 != 0 {
			continue
		}
		new(Shrinker).Shrink(&quarter, &half, f.Columns/4, f.Rows/4)
		Render(&got, &quarter, tr, &tb)
		ResizeGray(&want, f.Columns/4, f.Rows/4)
		Reduce(&want, &f, tr, &tb)
		for i, g := range got.Pix {
			if d := int(g) - int(want.Pix[i]); d < -1 || d > 1 {
				t.Fatalf("grey %d in two steps, %d in one", g, want.Pix[i])
			}
		}
	}
}

func TestReduceLongBoxes(t *testing.T) {
	t.Parallel()
	f := Frame{Rows: 3000, Columns: 2000, Samples: 1, BitsAllocated: 16, BitsStored: 16}
	f.resize(2 * f.Pixels())
	for i := range f.Pix {
		f.Pix[i] = 0xFF
	}
	var dst image.Gray
	var tb Table
	ResizeGray(&dst, 1, 1)
	Reduce(&dst, &f, Transform{Window: Window{Center: 32768, Width: 65536}}, &tb)
	if dst.Pix[0] != 255 {
		t.Errorf("white becomes %d: the sum overflows", dst.Pix[0])
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rows, columns int
		aspect        float64
		side, w, h    int
	}{
		{512, 512, 1, 128, 128, 128},
		{64, 64, 1, 128, 64, 64},
		{256, 512, 1, 128, 128, 64},
		{1000, 10, 1, 128, 1, 128},
		{40, 80, 2, 512, 40, 40},
		{80, 40, 0.5, 512, 40, 40},
		{512, 512, 0, 128, 128, 128},
		{0, 5, 1, 128, 0, 0},
	} {
		if w, h := Fit(c.rows, c.columns, c.aspect, c.side); w != c.w || h != c.h {
			t.Errorf("Fit(%d, %d, %v, %d) is %d×%d, want %d×%d", c.rows, c.columns, c.aspect, c.side, w, h, c.w, c.h)
		}
	}
}

func TestAutoWindow(t *testing.T) {
	t.Parallel()
	// Half air at -1000, a body between 0 and 100 with one hot pixel, padding.
	f := Frame{Rows: 100, Columns: 100, Samples: 1, BitsAllocated: 16, BitsStored: 16, Signed: true}
	f.resize(2 * f.Pixels())
	for i := range f.Pixels() {
		v := -1000
		switch {
		case i == 9999:
			v = 30000
		case i >= 9000:
			v = -2000
		case i >= 5000:
			v = i % 101
		}
		f.Pix[2*i], f.Pix[2*i+1] = byte(v), byte(uint16(v)>>8)
	}
	w := AutoWindow(&f, Modality{Slope: 2, Intercept: 10}, Padding{Present: true, Value: -2000, Last: -2000})
	if lo, hi := w.bounds(); lo < 0 || lo > 20 || hi < 200 || hi > 215 {
		t.Errorf("window %+v shows %v to %v, want about 10 to 210", w, lo, hi)
	}
	flat := Frame{Rows: 2, Columns: 2, Samples: 1, BitsAllocated: 16, BitsStored: 16, Pix: make([]byte, 8)}
	if w := AutoWindow(&flat, Modality{}, Padding{}); w.grey(0) != 0 || !w.Valid() {
		t.Errorf("an empty frame is shown %d by %+v", w.grey(0), w)
	}
	mask := Frame{Rows: 1, Columns: 4, Samples: 1, BitsAllocated: 8, BitsStored: 8, Pix: []byte{0, 0, 2, 2}}
	if w := AutoWindow(&mask, Modality{}, Padding{}); w.grey(0) != 0 || w.grey(2) != 255 {
		t.Errorf("a mask of 0 and 2 is shown %d and %d", w.grey(0), w.grey(2))
	}
	all := AutoWindow(&mask, Modality{}, Padding{Present: true, Value: 0, Last: 2})
	if !all.Valid() {
		t.Errorf("nothing but padding gives %+v", all)
	}
}

// Values of 16 bits in cells of 32 are shown like those in cells of 16.
func TestRenderWideCells(t *testing.T) {
	t.Parallel()
	values := []int16{-1024, 0, 40, 80, 3000, -2000}
	narrow := Frame{Rows: 2, Columns: 3, Samples: 1, BitsAllocated: 16, BitsStored: 16, Signed: true, Photometric: Monochrome2}
	wide := narrow
	wide.BitsAllocated = 32
	for _, v := range values {
		narrow.Pix = binary.LittleEndian.AppendUint16(narrow.Pix, uint16(v))
		wide.Pix = binary.LittleEndian.AppendUint32(wide.Pix, uint32(int32(v)))
	}
	how := Transform{Window: Window{Center: 40, Width: 80}, Padding: Padding{Present: true, Value: -2000, Last: -2000}}
	var want, got image.Gray
	var tb Table
	Render(&want, &narrow, how, &tb)
	Render(&got, &wide, how, &tb)
	if !bytes.Equal(got.Pix, want.Pix) {
		t.Errorf("%v, want %v", got.Pix, want.Pix)
	}
	Reduce(&got, &wide, how, &tb)
	Reduce(&want, &narrow, how, &tb)
	if !bytes.Equal(got.Pix, want.Pix) {
		t.Errorf("reduced %v, want %v", got.Pix, want.Pix)
	}
}
