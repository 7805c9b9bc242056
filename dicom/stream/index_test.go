package stream_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strconv"
	"testing"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

func image(ts string, frames, rows, cols, bits int) *data {
	d := builder(ts)
	d.elem(tag.Modality, "CS", "CT")
	d.us(tag.SamplesPerPixel, 1)
	d.elem(tag.NumberOfFrames, "IS", strconv.Itoa(frames))
	d.us(tag.Rows, uint16(rows)).us(tag.Columns, uint16(cols)).us(tag.BitsAllocated, uint16(bits))
	return d
}

func index(t *testing.T, ts string, d *data) (*stream.Index, []byte) {
	t.Helper()
	b := d.b
	if ts == uid.DeflatedExplicitVRLittleEndian {
		b = deflated(t, b)
	}
	f := file(t, stream.Meta{TransferSyntaxUID: ts}, b)
	x, err := stream.IndexFrames(bytes.NewReader(f), int64(len(f)))
	if err != nil {
		t.Fatal(err)
	}
	return x, f
}

func frames(t *testing.T, x *stream.Index, f []byte) []string {
	t.Helper()
	var out []string
	for n := range x.Frames() {
		b, err := x.ReadFrame(bytes.NewReader(f), int64(len(f)), n, nil)
		if err != nil {
			t.Fatalf("frame %d: %v", n, err)
		}
		out = append(out, string(b))
	}
	return out
}

func TestIndexNative(t *testing.T) {
	t.Parallel()
	for _, ts := range []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian} {
		x, f := index(t, ts, image(ts, 3, 2, 2, 8).elem(tag.PixelData, "OW", "aaaabbbbcccc"))
		got := frames(t, x, f)
		if len(got) != 3 || got[0] != "aaaa" || got[1] != "bbbb" || got[2] != "cccc" {
			t.Errorf("%s: %q", uid.Name(ts), got)
		}
		if x.BigEndian != (ts == uid.ExplicitVRBigEndian) {
			t.Errorf("%s: byte order", uid.Name(ts))
		}
	}
	// Bits run on from frame to frame: 3 frames of 3×3 bits in 4 bytes.
	x, _ := index(t, uid.ExplicitVRLittleEndian, image(uid.ExplicitVRLittleEndian, 3, 3, 3, 1).elem(tag.PixelData, "OB", "abcd"))
	rs, shift, err := x.Extents(1)
	if err != nil || shift != 1 || len(rs) != 1 || rs[0].Offset != x.PixelOffset+1 || rs[0].Length != 2 {
		t.Errorf("bits: %v %d %v", rs, shift, err)
	}
	// A header that promises more than there is.
	x, f := index(t, uid.ExplicitVRLittleEndian, image(uid.ExplicitVRLittleEndian, 2000000000, 60000, 60000, 16).elem(tag.PixelData, "OW", "aaaa"))
	if _, err := x.ReadFrame(bytes.NewReader(f), int64(len(f)), 1999999999, nil); !stream.Truncated(err) {
		t.Errorf("promised frame: %v", err)
	}
	x, _ = index(t, uid.ExplicitVRLittleEndian, builder(uid.ExplicitVRLittleEndian).elem(tag.Modality, "CS", "SR"))
	if _, _, err := x.Extents(0); x.Frames() != 0 || !errors.Is(err, stream.ErrNoFrames) {
		t.Errorf("no pixels: %d, %v", x.Frames(), err)
	}
}

func fragments(d *data, bot []uint32, parts ...string) *data {
	d.header(tag.PixelData, "OB", und)
	d.item(tag.Item, uint32(4*len(bot)))
	for _, o := range bot {
		d.b = binary.LittleEndian.AppendUint32(d.b, o)
	}
	for _, p := range parts {
		d.item(tag.Item, uint32(len(p))).raw(p)
	}
	return d.item(tag.SequenceDelimitationItem, 0)
}

func TestIndexEncapsulated(t *testing.T) {
	t.Parallel()
	const (
		soi, eoi = "\xff\xd8", "\xff\xd9"
		jpg      = uid.JPEGBaseline8Bit
	)
	eot := func(offsets ...uint64) string {
		var b []byte
		for _, o := range offsets {
			b = binary.LittleEndian.AppendUint64(b, o)
		}
		return string(b)
	}
	tests := []struct {
		name string
		ts   string
		n    int
		in   *data
		want []string
	}{
		{"one frame, many fragments", jpg, 1, fragments(image(jpg, 1, 2, 2, 8), nil, "ab", "cd", "ef"), []string{"abcdef"}},
		{"one fragment a frame", jpg, 3, fragments(image(jpg, 3, 2, 2, 8), nil, "ab", "cd", "ef"), []string{"ab", "cd", "ef"}},
		{"basic offset table", jpg, 2, fragments(image(jpg, 2, 2, 2, 8), []uint32{0, 20}, "ab", "cd", "ef"), []string{"abcd", "ef"}},
		{"extended offset table", jpg, 2, fragments(image(jpg, 2, 2, 2, 8).elem(tag.ExtendedOffsetTable, "OV", eot(0, 10)), nil, "ab", "cd", "ef"), []string{"ab", "cdef"}},
		{"table that lies", jpg, 3, fragments(image(jpg, 3, 2, 2, 8), []uint32{0, 11, 20}, "ab", "cd", "ef"), []string{"ab", "cd", "ef"}},
		{"table that goes back", jpg, 2, fragments(image(jpg, 2, 2, 2, 8), []uint32{20, 0}, soi+"ab", "cd"+eoi, soi+eoi), []string{soi + "abcd" + eoi, soi + eoi}},
		{"start markers", jpg, 2, fragments(image(jpg, 2, 2, 2, 8), nil, soi+"ab", "cd"+eoi, soi+eoi), []string{soi + "abcd" + eoi, soi + eoi}},
		{"end markers", jpg, 2, fragments(image(jpg, 2, 2, 2, 8), nil, "abab", "abcd"+eoi+"\x00\x00", "ab"+eoi), []string{"abababcd" + eoi + "\x00\x00", "ab" + eoi}},
		{"rle", uid.RLELossless, 2, fragments(image(uid.RLELossless, 2, 2, 2, 8), nil, "ab", "cd"), []string{"ab", "cd"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x, f := index(t, tt.ts, tt.in)
			got := frames(t, x, f)
			if len(got) != len(tt.want) {
				t.Fatalf("%q", got)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("frame %d: %q, want %q", i, got[i], tt.want[i])
				}
			}
		})
	}
	for name, d := range map[string]*data{
		"no fragments":     fragments(image(jpg, 2, 2, 2, 8), nil),
		"too few":          fragments(image(jpg, 9, 2, 2, 8), nil, "ab", "cd"),
		"without anything": image(jpg, 1, 2, 2, 8).header(tag.PixelData, "OB", und).item(tag.SequenceDelimitationItem, 0),
	} {
		x, _ := index(t, jpg, d)
		if _, _, err := x.Extents(0); !errors.Is(err, stream.ErrNoFrames) || x.Frames() != 0 {
			t.Errorf("%s: %d frames, %v", name, x.Frames(), err)
		}
	}
}

func TestPixelData(t *testing.T) {
	t.Parallel()
	d := fragments(image(uid.JPEGBaseline8Bit, 2, 2, 2, 8), []uint32{0, 10}, "ab", "cd")
	d.elem(tag.DataSetTrailingPadding, "OB", "\x00\x00")
	s := stream.NewScanner(bytes.NewReader(d.b), syntax(uid.JPEGBaseline8Bit), stream.Limits{})
	for {
		e, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !e.PixelData() {
			continue
		}
		p, err := s.PixelData(e)
		if err != nil {
			t.Fatal(err)
		}
		if bot := p.BasicOffsetTable(); len(bot) != 2 || bot[1] != 10 {
			t.Errorf("table %v", bot)
		}
		off, n, r, err := p.NextFragment()
		if err != nil || n != 2 || d.b[off] != 'a' {
			t.Fatalf("fragment at %d: %v", off, err)
		}
		if b, err := io.ReadAll(r); err != nil || string(b) != "ab" {
			t.Errorf("%q, %v", b, err)
		}
		if b, err := io.ReadAll(p.Reader()); err != nil || string(b) != "cd" {
			t.Errorf("%q, %v", b, err)
		}
		if _, _, _, err := p.NextFragment(); err != io.EOF {
			t.Error(err)
		}
		if err := p.Finish(); err != nil {
			t.Error(err)
		}
		return
	}
}
