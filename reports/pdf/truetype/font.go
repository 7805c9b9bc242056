package truetype

import (
	"encoding/binary"
	"fmt"
)

// Font is a parsed TrueType font.
type Font struct {
	tables map[string][]byte

	unitsPerEm int
	bbox       [4]int
	ascent     int
	descent    int
	glyphs     int
	hMetrics   int
	longLoca   bool
	cmap       cmap
}

// FormatError says where a font file is not what the standard describes.
type FormatError struct {
	Table  string
	Offset int
	Reason string
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("truetype: table %q at %d: %s", e.Table, e.Offset, e.Reason)
}

// maxTables bounds the table directory; real fonts have about twenty.
const maxTables = 64

// Parse reads the tables of a font. The font refers to data, which must not
// change afterwards.
func Parse(data []byte) (*Font, error) {
	// Offset table and table records, ISO/IEC 14496-22 §4.5.
	if len(data) < 12 {
		return nil, &FormatError{"", 0, "shorter than an offset table"}
	}
	if v := binary.BigEndian.Uint32(data); v != 0x00010000 && v != 0x74727565 {
		return nil, &FormatError{"", 0, "no TrueType outlines"}
	}
	n := int(binary.BigEndian.Uint16(data[4:]))
	if n > maxTables || len(data) < 12+16*n {
		return nil, &FormatError{"", 4, "table directory is cut or too long"}
	}
	f := &Font{tables: make(map[string][]byte, n)}
	for i := range n {
		rec := data[12+16*i:]
		off, length := uint64(binary.BigEndian.Uint32(rec[8:])), uint64(binary.BigEndian.Uint32(rec[12:]))
		if off+length > uint64(len(data)) {
			return nil, &FormatError{string(rec[:4]), 12 + 16*i, "lies outside the file"}
		}
		f.tables[string(rec[:4])] = data[off : off+length : off+length]
	}
	for _, step := range []func() error{f.parseHead, f.parseMetrics, f.parseLoca} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	var err error
	f.cmap, err = parseCmap(f.tables["cmap"])
	return f, err
}

func (f *Font) need(table string, size int) ([]byte, error) {
	b := f.tables[table]
	if len(b) < size {
		return nil, &FormatError{table, len(b), fmt.Sprintf("shorter than %d bytes", size)}
	}
	return b, nil
}

func (f *Font) parseHead() error {
	b, err := f.need("head", 54)
	if err != nil {
		return err
	}
	f.unitsPerEm = int(binary.BigEndian.Uint16(b[18:]))
	if f.unitsPerEm < 16 || f.unitsPerEm > 16384 {
		return &FormatError{"head", 18, "unitsPerEm outside 16 to 16384"}
	}
	for i := range f.bbox {
		f.bbox[i] = int(int16(binary.BigEndian.Uint16(b[36+2*i:])))
	}
	switch binary.BigEndian.Uint16(b[50:]) {
	case 0:
	case 1:
		f.longLoca = true
	default:
		return &FormatError{"head", 50, "unknown indexToLocFormat"}
	}
	return nil
}

func (f *Font) parseMetrics() error {
	maxp, err := f.need("maxp", 6)
	if err != nil {
		return err
	}
	hhea, err := f.need("hhea", 36)
	if err != nil {
		return err
	}
	f.glyphs = int(binary.BigEndian.Uint16(maxp[4:]))
	f.ascent = int(int16(binary.BigEndian.Uint16(hhea[4:])))
	f.descent = int(int16(binary.BigEndian.Uint16(hhea[6:])))
	f.hMetrics = int(binary.BigEndian.Uint16(hhea[34:]))
	if f.glyphs == 0 || f.hMetrics == 0 || f.hMetrics > f.glyphs {
		return &FormatError{"hhea", 34, "numberOfHMetrics does not fit the number of glyphs"}
	}
	_, err = f.need("hmtx", 4*f.hMetrics+2*(f.glyphs-f.hMetrics))
	return err
}

func (f *Font) parseLoca() error {
	entry := 2
	if f.longLoca {
		entry = 4
	}
	if _, err := f.need("loca", entry*(f.glyphs+1)); err != nil {
		return err
	}
	_, err := f.need("glyf", 0)
	return err
}

// Glyph returns the glyph index of a character; false when the font has none.
func (f *Font) Glyph(r rune) (uint16, bool) {
	g := f.cmap.lookup(r)
	if g == 0 || int(g) >= f.glyphs {
		return 0, false
	}
	return g, true
}

// Advance is a glyph's width in thousandths of the type size.
func (f *Font) Advance(glyph uint16) int {
	g := min(int(glyph), f.hMetrics-1)
	return f.milli(int(binary.BigEndian.Uint16(f.tables["hmtx"][4*g:])))
}

// Metrics are the measures a PDF font descriptor repeats, in thousandths of the
// type size.
type Metrics struct {
	Ascent, Descent int
	BBox            [4]int
}

// Metrics returns the font's measures.
func (f *Font) Metrics() Metrics {
	m := Metrics{Ascent: f.milli(f.ascent), Descent: f.milli(f.descent)}
	for i, v := range f.bbox {
		m.BBox[i] = f.milli(v)
	}
	return m
}

func (f *Font) milli(units int) int {
	if units < 0 {
		return -((-units*1000 + f.unitsPerEm/2) / f.unitsPerEm)
	}
	return (units*1000 + f.unitsPerEm/2) / f.unitsPerEm
}

// outline returns the glyf entry of a glyph; empty for a glyph without marks.
func (f *Font) outline(glyph uint16) ([]byte, error) {
	if int(glyph) >= f.glyphs {
		return nil, &FormatError{"loca", int(glyph), "no such glyph"}
	}
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	var from, to uint64
	if f.longLoca {
		from = uint64(binary.BigEndian.Uint32(loca[4*int(glyph):]))
		to = uint64(binary.BigEndian.Uint32(loca[4*int(glyph)+4:]))
	} else {
		from = 2 * uint64(binary.BigEndian.Uint16(loca[2*int(glyph):]))
		to = 2 * uint64(binary.BigEndian.Uint16(loca[2*int(glyph)+2:]))
	}
	if from > to || to > uint64(len(glyf)) {
		return nil, &FormatError{"loca", int(glyph), "glyph lies outside glyf"}
	}
	return glyf[from:to], nil
}
