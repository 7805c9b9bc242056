package truetype_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/dokuei/dokuei/reports/pdf/font"
	"github.com/dokuei/dokuei/reports/pdf/truetype"
)

func parse(t testing.TB) *truetype.Font {
	t.Helper()
	f, err := truetype.Parse(font.IPAexGothic)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestGlyph(t *testing.T) {
	t.Parallel()
	f := parse(t)
	for _, r := range "A漢、①髙﨑𠮟𩸽" {
		if _, ok := f.Glyph(r); !ok {
			t.Errorf("no glyph for %q (U+%04X)", r, r)
		}
	}
	// The reason for the second typeface: if this one ever learns 𠮷, drop that.
	if _, ok := f.Glyph('𠮷'); ok {
		t.Error("IPAexGothic has 𠮷 now")
	}
	vl, err := truetype.Parse(font.VLPGothic)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := vl.Glyph('𠮷'); !ok {
		t.Error("VL PGothic has no 𠮷")
	}
	if a, _ := f.Glyph('吉'); f.Advance(a) != 1000 {
		t.Errorf("an ideograph is %d thousandths wide, want 1000", f.Advance(a))
	}
}

// A subset is itself a font: its glyph table parses, its checksum is the one
// the standard asks for, and it is small.
func TestSubsetBuild(t *testing.T) {
	t.Parallel()
	s := truetype.NewSubset(parse(t))
	seen := map[uint16]bool{}
	const text = "Aéが𠮟髙﨑①\uFA19\u795E" // é and が may be composites; the last two share a shape
	for _, r := range text {
		n, ok := s.Add(r)
		if !ok {
			t.Fatalf("no glyph for %q", r)
		}
		if seen[n] {
			t.Errorf("%q got the number of another character", r)
		}
		seen[n] = true
		if again, _ := s.Add(r); again != n {
			t.Errorf("%q got two numbers", r)
		}
		if back, ok := s.Char(n); !ok || back != r {
			t.Errorf("number %d stands for %q, want %q", n, back, r)
		}
	}
	b, err := s.Build()
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 32<<10 {
		t.Errorf("subset of %d glyphs has %d bytes", s.Len(), len(b))
	}
	var sum uint32
	for i := 0; i+4 <= len(b); i += 4 {
		sum += binary.BigEndian.Uint32(b[i:])
	}
	if sum != 0xB1B0AFBA {
		t.Errorf("checksum of the file %08X, want B1B0AFBA", sum)
	}
	again, err := s.Build()
	if err != nil || string(again) != string(b) {
		t.Error("a second Build gave other bytes")
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, b := range map[string][]byte{
		"empty":      nil,
		"text":       []byte("this is certainly no font file"),
		"header":     font.IPAexGothic[:12],
		"directory":  font.IPAexGothic[:40],
		"cut tables": font.IPAexGothic[:4096],
	} {
		var fe *truetype.FormatError
		if _, err := truetype.Parse(b); !errors.As(err, &fe) {
			t.Errorf("%s: got %v, want a FormatError", name, err)
		}
	}
}

// FuzzParse starts from a real subset of a few kilobytes and checks that
// whatever parses can also be asked for glyphs and be subset.
func FuzzParse(f *testing.F) {
	s := truetype.NewSubset(parse(f))
	s.Add('A')
	b, err := s.Build()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(tiny())
	f.Fuzz(func(t *testing.T, b []byte) {
		font, err := truetype.Parse(b)
		if err != nil {
			return
		}
		sub := truetype.NewSubset(font)
		for _, r := range "Aé漢𠮷" {
			sub.Add(r)
			if g, ok := font.Glyph(r); ok {
				font.Advance(g)
			}
		}
		_, _ = sub.Build()
	})
}

// tiny is a complete font of two empty glyphs with a format 4 map of 'A'.
func tiny() []byte {
	cmap := []byte{
		0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12, // one subtable, 3/1
		0, 4, 0, 32, 0, 0, 0, 4, 0, 4, 0, 1, 0, 0, // format 4, two segments
		0, 'A', 0xFF, 0xFF, 0, 0, 0, 'A', 0xFF, 0xFF,
		0xFF, 0xC0, 0, 1, 0, 0, 0, 0,
	}
	head := make([]byte, 54)
	head[18], head[19] = 0x03, 0xE8
	hhea := make([]byte, 36)
	hhea[35] = 2
	maxp := []byte{0, 1, 0, 0, 0, 2}
	tables := []struct {
		tag string
		b   []byte
	}{{"cmap", cmap}, {"glyf", nil}, {"head", head}, {"hhea", hhea}, {"hmtx", make([]byte, 8)}, {"loca", make([]byte, 6)}, {"maxp", maxp}}
	out := []byte{0, 1, 0, 0, 0, byte(len(tables)), 0, 0, 0, 0, 0, 0}
	at := len(out) + 16*len(tables)
	var body []byte
	for _, tb := range tables {
		out = append(out, tb.tag...)
		out = binary.BigEndian.AppendUint32(out, 0)
		out = binary.BigEndian.AppendUint32(out, uint32(at+len(body)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(tb.b)))
		body = append(body, tb.b...)
	}
	return append(out, body...)
}

func TestTiny(t *testing.T) {
	t.Parallel()
	f, err := truetype.Parse(tiny())
	if err != nil {
		t.Fatal(err)
	}
	if g, ok := f.Glyph('A'); !ok || g != 1 {
		t.Errorf("format 4: glyph of A is %d, want 1", g)
	}
}
