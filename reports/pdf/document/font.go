package document

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/dokuei/dokuei/reports/pdf/truetype"
)

// writeFonts embeds the used part of every face and returns the Font resource
// dictionary.
func (d *Document) writeFonts(f *file) (string, error) {
	var resources strings.Builder
	resources.WriteString("<<")
	for i := range d.faces {
		if d.faces[i].subset.Len() == 1 && i > 0 {
			continue // nothing was set in it
		}
		n, err := d.writeFont(f, i)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&resources, " /F%d %d 0 R", i+1, n)
	}
	resources.WriteString(" >>")
	return resources.String(), nil
}

// writeFont embeds one subset: the Type 0 font (ISO 32000-1 §9.7.6), its
// descendant CIDFontType2 (§9.7.4), the descriptor (§9.8), the font program
// (§9.9) and the ToUnicode map. It returns the number of the Type 0 font.
func (d *Document) writeFont(f *file, index int) (int, error) {
	face := d.faces[index]
	program, err := face.subset.Build()
	if err != nil {
		return 0, err
	}
	type0, cid, descriptor := f.reserve(), f.reserve(), f.reserve()
	fontFile, toUnicode := f.reserve(), f.reserve()
	m := face.Font.Metrics()
	name := d.subsetTag(index) + "+" + face.Name

	f.object(type0, fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>",
		name, cid, toUnicode))
	f.object(cid, fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor %d 0 R /DW 1000 /W [%s] /CIDToGIDMap /Identity >>",
		name, descriptor, widths(face.subset)))
	f.object(descriptor, fmt.Sprintf("<< /Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%d %d %d %d] /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight %d /StemV 80 /FontFile2 %d 0 R >>",
		name, m.BBox[0], m.BBox[1], m.BBox[2], m.BBox[3], m.Ascent, m.Descent, m.Ascent*4/5, fontFile))
	if err := f.stream(fontFile, fmt.Sprintf("/Length1 %d", len(program)), program); err != nil {
		return 0, err
	}
	return type0, f.stream(toUnicode, "", unicodeMap(face.subset))
}

// subsetTag is the six letters of §9.6.4, from the document's identifier.
func (d *Document) subsetTag(index int) string {
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + (d.info.ID[i]+byte(index))%26
	}
	return string(tag)
}

// widths is the W array (§9.7.4.3): every glyph's advance, from code 0.
func widths(subset *truetype.Subset) string {
	var b strings.Builder
	b.WriteString("0 [")
	for n := range subset.Len() {
		if n > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%d", subset.Advance(uint16(n)))
	}
	b.WriteByte(']')
	return b.String()
}

// unicodeMap is the map from codes to characters (§9.10.3): UTF-16BE, so that a
// character beyond U+FFFF is a surrogate pair; at most 100 lines a block.
func unicodeMap(subset *truetype.Subset) []byte {
	var lines []string
	for n := 1; n < subset.Len(); n++ {
		r, ok := subset.Char(uint16(n))
		if !ok {
			continue
		}
		var u strings.Builder
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&u, "%04X", unit)
		}
		lines = append(lines, fmt.Sprintf("<%04X> <%s>\n", n, u.String()))
	}
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for len(lines) > 0 {
		n := min(len(lines), 100)
		fmt.Fprintf(&b, "%d beginbfchar\n%sendbfchar\n", n, strings.Join(lines[:n], ""))
		lines = lines[n:]
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}
