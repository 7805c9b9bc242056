package stream_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

var fuzzSyntaxes = []string{
	uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.ExplicitVRBigEndian,
	uid.DeflatedExplicitVRLittleEndian, uid.JPEGBaseline8Bit,
}

// allocated runs f and fails when it allocates more than limit bytes.
func allocated(t *testing.T, limit uint64, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > limit {
		t.Fatalf("%d bytes allocated", n)
	}
}

func FuzzScanner(f *testing.F) {
	for i, u := range fuzzSyntaxes {
		f.Add(byte(i), ctHeader(f, u)[:2000])
		f.Add(byte(i), object(u, false, "Doe^John", 1, 2).b)
	}
	f.Add(byte(0), nested(20).b)
	f.Add(byte(4), fragments(builder(uid.JPEGBaseline8Bit), []uint32{0, 10}, "ab", "cd").b)
	f.Fuzz(func(t *testing.T, which byte, in []byte) {
		ts := syntax(fuzzSyntaxes[int(which)%len(fuzzSyntaxes)])
		allocated(t, 8<<20, func() {
			_, err := trace(bytes.NewReader(in), ts, stream.Limits{MaxInflate: 1 << 20})
			var fe *stream.FormatError
			if err != nil && !errors.As(err, &fe) {
				t.Fatalf("untyped error %v", err)
			}
			if ts.Deflated {
				return
			}
			// A scanner that skips values sees the same elements.
			s := stream.NewScanner(io.MultiReader(bytes.NewReader(in)), ts, stream.Limits{})
			depth, last := 0, int64(0)
			for {
				e, serr := s.Next()
				if serr != nil {
					if (serr == io.EOF) != (err == nil) {
						t.Fatalf("reading: %v, skipping: %v", err, serr)
					}
					break
				}
				if e.Offset < last || e.ValueOffset < e.Offset || e.ValueOffset > int64(len(in)) {
					t.Fatalf("%s at %d after %d", e.Tag, e.Offset, last)
				}
				last = e.Offset
				switch e.Kind {
				case stream.KindItem:
					depth++
				case stream.KindItemEnd:
					depth--
				}
				if depth < 0 || depth > 256 {
					t.Fatalf("depth %d", depth)
				}
			}
		})
	})
}

func FuzzReadMeta(f *testing.F) {
	f.Add(file(f, stream.Meta{TransferSyntaxUID: uid.ExplicitVRLittleEndian, SourceAE: "A"}, explicit().elem(tag.Modality, "CS", "CT").b))
	f.Add(explicit().elem(tag.Modality, "CS", "CT").elem(tag.PatientID, "LO", "1 ").b)
	f.Add(implicit().elem(tag.Modality, "", "CT").elem(tag.PatientID, "", "1 ").b)
	f.Fuzz(func(t *testing.T, in []byte) {
		br := bufio.NewReader(bytes.NewReader(in))
		m, n, err := stream.ReadMeta(br)
		if err != nil {
			var fe *stream.FormatError
			if !errors.As(err, &fe) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		rest, _ := io.ReadAll(br)
		if n+int64(len(rest)) != int64(len(in)) {
			t.Fatalf("took %d and left %d of %d", n, len(rest), len(in))
		}
		if m.TransferSyntaxUID == "" || len(m.MediaStorageSOPInstanceUID) > 66 {
			t.Fatalf("%+v", m)
		}
	})
}

func FuzzIndexFrames(f *testing.F) {
	as := func(u string, d *data) []byte { return file(f, stream.Meta{TransferSyntaxUID: u}, d.b) }
	f.Add(as(uid.ExplicitVRLittleEndian, image(uid.ExplicitVRLittleEndian, 3, 2, 2, 8).elem(tag.PixelData, "OW", "aaaabbbbcccc")))
	f.Add(as(uid.JPEGBaseline8Bit, fragments(image(uid.JPEGBaseline8Bit, 2, 2, 2, 8), []uint32{0, 20}, "ab", "cd", "ef")))
	f.Add(as(uid.JPEGBaseline8Bit, fragments(image(uid.JPEGBaseline8Bit, 2, 2, 2, 8), nil, "\xff\xd8ab", "cd", "\xff\xd8ef")))
	f.Fuzz(func(t *testing.T, in []byte) {
		allocated(t, 8<<20, func() {
			x, err := stream.IndexFrames(bytes.NewReader(in), int64(len(in)))
			if err != nil {
				var fe *stream.FormatError
				if !errors.As(err, &fe) {
					t.Fatalf("untyped error %v", err)
				}
				return
			}
			for _, n := range []int{-1, 0, 1, x.Frames() - 1, x.Frames()} {
				rs, _, err := x.Extents(n)
				if err == nil && (n < 0 || n >= x.Frames()) {
					t.Fatalf("frame %d of %d", n, x.Frames())
				}
				for _, r := range rs {
					if !x.TransferSyntax.Deflated && (r.Offset < 0 || r.Length < 0 || r.Offset+r.Length > int64(len(in))) {
						t.Fatalf("%+v of %d bytes", r, len(in))
					}
				}
			}
			if _, err := x.ReadFrame(bytes.NewReader(in), int64(len(in)), 0, nil); err != nil && x.Encapsulated && x.Frames() > 0 {
				t.Fatal(err)
			}
			if ok, err := stream.Equal(bytes.NewReader(in), bytes.NewReader(in)); err == nil && !ok {
				t.Fatal("not equal to itself")
			}
		})
	})
}
