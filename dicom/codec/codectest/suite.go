package codectest

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
)

// Stream is a small stream and the frame it holds.
type Stream struct {
	Name    string
	Src     []byte
	Options codec.Options
	Want    codec.Image
	// Lenient marks a stream whose form cannot reveal that it was cut (codes
	// without redundancy): a cut may then give other samples without an error.
	Lenient bool
}

// Run is the contract of codec.Decoder. It must not run beside other tests of
// the same process, for it counts allocations.
func Run(t *testing.T, newDecoder func() codec.Decoder, streams []Stream) {
	for _, s := range streams {
		t.Run(s.Name, func(t *testing.T) {
			t.Run("decode", func(t *testing.T) { testDecode(t, newDecoder(), s) })
			t.Run("reuse", func(t *testing.T) { testReuse(t, newDecoder(), s) })
			t.Run("limits", func(t *testing.T) { testLimits(t, newDecoder(), s) })
			t.Run("truncated", func(t *testing.T) { testTruncated(t, newDecoder(), s) })
			t.Run("mutated", func(t *testing.T) { testMutated(t, newDecoder(), s) })
		})
	}
}

func testDecode(t *testing.T, d codec.Decoder, s Stream) {
	var m codec.Image
	if err := d.Decode(&m, s.Src, s.Options); err != nil {
		t.Fatal(err)
	}
	if m.Width != s.Want.Width || m.Height != s.Want.Height || m.Samples != s.Want.Samples || m.Precision != s.Want.Precision || m.Signed != s.Want.Signed {
		t.Fatalf("config %+v, want %+v", m.Config, s.Want.Config)
	}
	if len(m.Pix) != m.FrameBytes() {
		t.Fatalf("%d bytes of samples, want %d", len(m.Pix), m.FrameBytes())
	}
	if !bytes.Equal(m.Pix, s.Want.Pix) {
		t.Fatalf("samples differ from byte %d on", firstDifference(m.Pix, s.Want.Pix))
	}
	c, err := d.DecodeConfig(s.Src)
	if err != nil {
		t.Fatal(err)
	}
	if c.Width != 0 && s.Options.Reduce == 0 && c != m.Config {
		t.Errorf("DecodeConfig %+v, Decode %+v", c, m.Config)
	}
	// Padding after the end is ignored.
	if err := d.Decode(&m, append(bytes.Clone(s.Src), 0, 0), s.Options); err != nil {
		t.Errorf("with padding: %v", err)
	}
}

func firstDifference(a, b []byte) int {
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return i
		}
	}
	return len(a)
}

// testReuse: a used Image and Decoder give the same frame, without allocation,
// after an error too.
func testReuse(t *testing.T, d codec.Decoder, s Stream) {
	m := codec.Image{Pix: bytes.Repeat([]byte{0xA5}, len(s.Want.Pix)+64)}
	if err := d.Decode(&m, s.Src, s.Options); err != nil {
		t.Fatal(err)
	}
	var other codec.Image
	if err := d.Decode(&other, s.Src[:len(s.Src)/2], s.Options); err == nil && !s.Lenient {
		t.Error("half a stream decoded")
	}
	allocs := testing.AllocsPerRun(3, func() {
		if err := d.Decode(&m, s.Src, s.Options); err != nil {
			t.Error(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations for a frame with reused buffers", allocs)
	}
	if !bytes.Equal(m.Pix, s.Want.Pix) {
		t.Error("samples differ with reused buffers")
	}
}

// testLimits: what is refused is refused before memory is taken for it.
func testLimits(t *testing.T, d codec.Decoder, s Stream) {
	refuse := func(name string, o codec.Options, kinds ...error) {
		t.Helper()
		var m codec.Image
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := d.Decode(&m, s.Src, o)
		runtime.ReadMemStats(&after)
		checkKind(t, name, err, kinds...)
		if got := after.TotalAlloc - before.TotalAlloc; got > 64<<10 {
			t.Errorf("%s: %d bytes allocated", name, got)
		}
	}
	o := s.Options
	o.MaxPixels = 1
	if s.Want.Width*s.Want.Height > 1 {
		refuse("pixels", o, codec.ErrLimit)
	}
	o = s.Options
	o.MaxBytes = 1
	if len(s.Want.Pix) > 1 {
		refuse("bytes", o, codec.ErrLimit)
	}
	o = s.Options
	o.Width, o.Height = 40_000, 30_000
	o.MaxPixels, o.MaxBytes = 1<<40, 1<<40
	refuse("dimensions", o, codec.ErrMismatch, codec.ErrTruncated)
	o = s.Options
	o.Samples = s.Want.Samples + 1
	refuse("samples", o, codec.ErrMismatch)
	refuse("far too many levels", codec.Options{
		Width: s.Options.Width, Height: s.Options.Height, Samples: s.Options.Samples,
		BitsAllocated: s.Options.BitsAllocated, Reduce: 60,
	}, codec.ErrUnsupported)
}

func checkKind(t *testing.T, name string, err error, kinds ...error) {
	t.Helper()
	var e *codec.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: got %v, want a *codec.Error", name, err)
		return
	}
	for _, k := range kinds {
		if errors.Is(err, k) {
			return
		}
	}
	if len(kinds) > 0 {
		t.Errorf("%s: got %v, want one of %v", name, err, kinds)
	}
}

// testTruncated cuts the stream at every byte, long ones at every third behind
// the header: an error, or the whole frame when only the trailer was cut.
func testTruncated(t *testing.T, d codec.Decoder, s Stream) {
	var m codec.Image
	step := 3
	if raceEnabled {
		step = 31
	}
	for n := range len(s.Src) {
		if len(s.Src) > 700 && n > 200 && n < len(s.Src)-100 && n%step != 0 {
			continue
		}
		err := d.Decode(&m, s.Src[:n:n], s.Options)
		if err != nil {
			checkSane(t, err, n)
			continue
		}
		if !s.Lenient && !bytes.Equal(m.Pix, s.Want.Pix) {
			t.Fatalf("%d of %d bytes give other samples without an error", n, len(s.Src))
		}
	}
}

// checkSane holds what is true of every error.
func checkSane(t *testing.T, err error, streamLength int) {
	t.Helper()
	var e *codec.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %T %v, want a *codec.Error", err, err)
	}
	if e.Offset < 0 || e.Offset > int64(streamLength) || e.Reason == "" || e.Kind == nil {
		t.Fatalf("error without sense in a stream of %d bytes: %+v", streamLength, e)
	}
}

// testMutated changes bytes: no panic, no memory beyond the frame and a constant, no
// more than 50 times the work of the clean decode, counted and not timed.
func testMutated(t *testing.T, d codec.Decoder, s Stream) {
	var m codec.Image
	if err := d.Decode(&m, s.Src, s.Options); err != nil {
		t.Fatal(err)
	}
	clean := d.Work()
	if clean <= 0 {
		t.Fatal("no work counted")
	}
	if err := d.Decode(&m, s.Src, s.Options); err != nil || d.Work() != clean {
		t.Fatalf("the same stream: %d units of work, then %d, %v", clean, d.Work(), err)
	}
	o := s.Options
	o.MaxPixels, o.MaxBytes = int64(4*s.Want.Width*s.Want.Height), int64(8*len(s.Want.Pix))
	// Work space is some four bytes a sample for the largest frame the options allow,
	// in several planes, and tables.
	allowed := uint64(32*o.MaxBytes + 1<<20)
	rng := rand.New(rand.NewPCG(1, uint64(len(s.Src))))
	src := make([]byte, len(s.Src))
	var before, after runtime.MemStats
	for i := range mutants(len(s.Src)) {
		copy(src, s.Src)
		at := i % len(src)
		src[at] ^= byte(1 + rng.IntN(255))
		for range i / len(src) { // later rounds change more bytes
			src[rng.IntN(len(src))] = byte(rng.IntN(256))
		}
		runtime.ReadMemStats(&before)
		err := d.Decode(&m, src, o)
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > allowed {
			t.Fatalf("mutant %d: %d bytes allocated, allowed %d", i, got, allowed)
		}
		if d.Work() > 50*clean {
			t.Fatalf("mutant %d: %d units of work, the clean stream takes %d", i, d.Work(), clean)
		}
		if err != nil {
			checkSane(t, err, len(src))
			continue
		}
		if len(m.Pix) != m.FrameBytes() || int64(len(m.Pix)) > o.MaxBytes {
			t.Fatalf("mutant %d: %d bytes of samples for %+v", i, len(m.Pix), m.Config)
		}
	}
}

func mutants(n int) int {
	if raceEnabled {
		return 100 // slow, and the decoders are of one goroutine
	}
	return min(max(n, 400), 1500)
}

// Fuzz checks the promises that hold for every input. Seeds are added to the
// committed corpus.
func Fuzz(f *testing.F, newDecoder func() codec.Decoder, o codec.Options, seeds ...[]byte) {
	for _, s := range seeds {
		f.Add(s)
	}
	o.MaxPixels, o.MaxBytes = 1<<16, 1<<20
	d := newDecoder()
	var m codec.Image
	f.Fuzz(func(t *testing.T, src []byte) {
		err := d.Decode(&m, src, o)
		if err != nil {
			checkSane(t, err, len(src))
			return
		}
		if len(m.Pix) != m.FrameBytes() || int64(len(m.Pix)) > o.MaxBytes {
			t.Fatalf("%d bytes of samples for %+v", len(m.Pix), m.Config)
		}
		c, err := newDecoder().DecodeConfig(src)
		if err != nil {
			t.Fatalf("decoded, but DecodeConfig: %v", err)
		}
		if c.Width != 0 && c.Samples != m.Samples {
			t.Fatalf("DecodeConfig %+v, Decode %+v", c, m.Config)
		}
	})
}
