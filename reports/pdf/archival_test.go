package pdf

import (
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
)

// What ISO 19005-2 asks of PDF/A-2a and ISO 14289-1 of PDF/UA-1, of files of every kind:
// read object by object with a parser of the test's own.
func TestArchivalForm(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*reports.Report{
		"final": reportstest.Sample(), "english": reportstest.English(), "addendum": reportstest.Amended(), "long": reportstest.Long(), "coded": reportstest.Coded(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := Render(r, org, figures(t, 3)...)
			if err != nil {
				t.Fatal(err)
			}
			f := readFile(t, b)
			f.file()
			f.catalog(r)
			f.pages()
			f.structure()
			if said := tool(t, b, "qpdf", "--check", "FILE"); said != "" && !strings.Contains(said, "No syntax or stream encoding errors found") {
				t.Errorf("qpdf says %s", said)
			}
		})
	}
}

// file is 6.1: header, trailer, streams, and nothing that PDF/A has no room for.
func (f *pdfFile) file() {
	if head := string(f.raw[:16]); head[:15] != "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n" || !strings.HasSuffix(string(f.raw), "%%EOF\n") {
		f.t.Errorf("begins with %q", f.raw[:16])
	}
	id := f.list(f.trailer["ID"])
	if len(id) != 2 || len(fmt.Sprint(id[0])) < 16 || f.trailer["Encrypt"] != nil {
		f.t.Errorf("trailer %v", f.trailer)
	}
	for n, o := range f.objects {
		s, ok := o.(packed)
		if !ok {
			continue
		}
		if filter := s.dict["Filter"]; filter != nil && filter != name("FlateDecode") && filter != name("DCTDecode") || s.dict["F"] != nil {
			f.t.Errorf("stream %d has %v", n, s.dict)
		}
	}
	for _, o := range f.objects {
		walk(o, func(d dict) {
			for _, bad := range []name{"JS", "OpenAction", "AA", "Annots", "AcroForm", "EmbeddedFiles", "SMask", "Group", "ExtGState", "OCProperties", "Alternates", "OPI", "Interpolate"} {
				if d[bad] != nil {
					f.t.Errorf("%s is in %v", bad, d)
				}
			}
		})
	}
}

// catalog is 6.2.3 (output intent), 6.6 (metadata), 6.7 (tagged, language), and what
// ISO 14289-1 clause 7.1 asks of the title.
func (f *pdfFile) catalog(r *reports.Report) {
	c := f.dict(f.trailer["Root"])
	if f.dict(c["MarkInfo"])["Marked"] != true || f.dict(c["ViewerPreferences"])["DisplayDocTitle"] != true || c["Lang"] != text(r.Language) {
		f.t.Errorf("catalog %v", c)
	}
	intent := f.dict(f.list(c["OutputIntents"])[0])
	profile := f.stream(intent["DestOutputProfile"])
	if intent["S"] != name("GTS_PDFA1") || profile.dict["N"] != 3.0 || string(profile.data[36:40]) != "acsp" {
		f.t.Errorf("output intent %v", intent)
	}
	m := f.stream(c["Metadata"])
	if m.dict["Filter"] != nil || m.dict["Type"] != name("Metadata") || m.dict["Subtype"] != name("XML") {
		f.t.Errorf("metadata %v", m.dict)
	}
	said := map[string]string{}
	for dec, at := xml.NewDecoder(strings.NewReader(string(m.data))), []string{}; ; {
		tok, err := dec.Token()
		if err != nil {
			break
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			at = append(at, tok.Name.Space+tok.Name.Local)
		case xml.EndElement:
			at = at[:len(at)-1]
		case xml.CharData:
			for i, element := range at {
				if !strings.HasPrefix(element, "http://www.w3.org/") && i > 0 && element != "adobe:ns:meta/xmpmeta" {
					said[element] += strings.TrimSpace(string(tok))
				}
			}
		}
	}
	info := f.dict(f.trailer["Info"])
	day := regexp.MustCompile(`^D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$`).ReplaceAllString(fmt.Sprint(info["CreationDate"]), "$1-$2-${3}T$4:$5:${6}Z")
	for element, want := range map[string]string{
		"http://www.aiim.org/pdfa/ns/id/part": "2", "http://www.aiim.org/pdfa/ns/id/conformance": "A", "http://www.aiim.org/pdfua/ns/id/part": "1",
		"http://purl.org/dc/elements/1.1/title": fmt.Sprint(info["Title"]), "http://purl.org/dc/elements/1.1/creator": fmt.Sprint(info["Author"]),
		"http://ns.adobe.com/xap/1.0/CreateDate": day, "http://ns.adobe.com/xap/1.0/ModifyDate": day, "http://purl.org/dc/elements/1.1/language": r.Language,
	} {
		if said[element] != want || want == "" {
			f.t.Errorf("%s is %q, want %q", element, said[element], want)
		}
	}
	// 6.6.2.3: a schema that PDF/A does not know is described.
	if got := said["http://www.aiim.org/pdfa/ns/schema#namespaceURI"]; got != "http://www.aiim.org/pdfua/ns/id/" {
		f.t.Errorf("schema %q", got)
	}
}

// pages is 6.2: what is painted, in what colours and fonts, and that all of it is marked
// once: as an artifact or as content of the structure.
func (f *pdfFile) pages() {
	root := f.dict(f.trailer["Root"])
	parents := f.list(f.dict(f.dict(root["StructTreeRoot"])["ParentTree"])["Nums"])
	kids := f.list(f.dict(root["Pages"])["Kids"])
	if len(kids) == 0 || len(parents) != 2*len(kids) {
		f.t.Fatalf("%d pages, parent tree %v", len(kids), parents)
	}
	for n, k := range kids {
		p := f.dict(k)
		if p["StructParents"] != float64(n) || p["Tabs"] != name("S") || parents[2*n] != float64(n) {
			f.t.Errorf("page %v", p)
		}
		resources := f.dict(p["Resources"])
		fonts := map[name]*embedded{}
		for at, ref := range f.dict(resources["Font"]) {
			fonts[at] = f.font(ref)
		}
		for _, x := range f.dict(resources["XObject"]) {
			i := f.stream(x).dict
			if i["Subtype"] != name("Image") || i["ColorSpace"] != name("DeviceRGB") && i["ColorSpace"] != name("DeviceGray") {
				f.t.Errorf("XObject %v", i)
			}
		}
		f.content(f.stream(p["Contents"]).data, fonts, f.list(parents[2*n+1]))
	}
}

// content follows the operators of a page.
func (f *pdfFile) content(data []byte, fonts map[name]*embedded, owners []any) {
	var operands []any
	var font *embedded
	saved, marked, seen := 0, false, 0
	for p := (&scanner{t: f.t, b: data}); ; {
		v, ok := p.next()
		if !ok {
			break
		}
		op, is := v.(keyword)
		if !is {
			operands = append(operands, v)
			continue
		}
		switch op {
		case "q":
			saved++
		case "Q":
			saved--
		case "BMC", "BDC":
			if marked {
				f.t.Error("marked within marked content")
			}
			marked = true
			if op == "BMC" && operands[0] != name("Artifact") {
				f.t.Errorf("marked as %v", operands)
			}
			if op == "BDC" {
				if id := operands[1].(dict)["MCID"]; id != float64(seen) || f.dict(owners[seen])["S"] != operands[0] {
					f.t.Errorf("content %v is %v in the structure", operands, owners[seen])
				}
				seen++
			}
		case "EMC":
			marked = false
		case "Tf":
			if font = fonts[operands[0].(name)]; font == nil {
				f.t.Errorf("no font %v", operands[0])
			}
		case "Tj":
			f.shown(font, []byte(operands[0].(text)))
			fallthrough
		case "S", "s", "f", "Do":
			if !marked {
				f.t.Errorf("%s paints unmarked", op)
			}
		case "g", "G", "w", "J", "j", "cm", "re", "W", "n", "m", "l", "c", "BT", "ET", "Tr", "Td":
		default:
			f.t.Errorf("operator %s", op)
		}
		operands = operands[:0]
	}
	if saved != 0 || marked || seen != len(owners) {
		f.t.Errorf("%d states and %t left open, %d of %d sequences", saved, marked, seen, len(owners))
	}
}

// embedded is a font of a page: its program, the characters of its codes, their widths.
type embedded struct {
	tables  map[string][]byte
	unicode map[int]string
	widths  []any
}

// font is 6.2.11: a composite font whose program is in the file.
func (f *pdfFile) font(ref any) *embedded {
	d := f.dict(ref)
	cid := f.dict(f.list(d["DescendantFonts"])[0])
	descriptor := f.dict(cid["FontDescriptor"])
	program := f.stream(descriptor["FontFile2"])
	if d["Subtype"] != name("Type0") || d["Encoding"] != name("Identity-H") || cid["Subtype"] != name("CIDFontType2") || cid["CIDToGIDMap"] != name("Identity") ||
		d["BaseFont"] != descriptor["FontName"] || d["BaseFont"] != cid["BaseFont"] || program.dict["Length1"] != float64(len(program.data)) {
		f.t.Errorf("font %v %v %v", d, cid, descriptor)
	}
	e := &embedded{tables: map[string][]byte{}, unicode: map[int]string{}, widths: f.list(f.list(cid["W"])[1])}
	for at := 12; at < 12+16*int(binary.BigEndian.Uint16(program.data[4:])); at += 16 {
		from, size := binary.BigEndian.Uint32(program.data[at+8:]), binary.BigEndian.Uint32(program.data[at+12:])
		e.tables[string(program.data[at:at+4])] = program.data[from : from+size]
	}
	for _, table := range []string{"glyf", "head", "hhea", "hmtx", "loca", "maxp"} { // ISO 32000-1 §9.9
		if e.tables[table] == nil {
			f.t.Errorf("the program of %v has no %s", d["BaseFont"], table)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^<([0-9A-F]{4})> <([0-9A-F]+)>$`).FindAllStringSubmatch(string(f.stream(d["ToUnicode"]).data), -1) {
		var code int
		fmt.Sscanf(m[1], "%X", &code) //nolint:errcheck // four hexadecimal digits
		e.unicode[code] = m[2]
	}
	return e
}

// advance is the width of a glyph in its program, in thousandths.
func (e *embedded) advance(code int) float64 {
	last := int(binary.BigEndian.Uint16(e.tables["hhea"][34:])) - 1
	units := binary.BigEndian.Uint16(e.tables["head"][18:])
	return math.Round(float64(binary.BigEndian.Uint16(e.tables["hmtx"][4*min(code, last):])) * 1000 / float64(units))
}

// shown is 6.2.11.5 (widths), 6.2.11.7 (Unicode, none of private use) and 6.2.11.8 (no
// .notdef) of the glyphs of a string.
func (f *pdfFile) shown(e *embedded, codes []byte) {
	for i := 0; i+1 < len(codes); i += 2 {
		code := int(codes[i])<<8 | int(codes[i+1])
		u := e.unicode[code]
		if code == 0 || u == "" || u == "0000" || u == "FEFF" || u == "FFFE" || u >= "E000" && u < "F900" && len(u) == 4 {
			f.t.Errorf("glyph %d is character %q", code, u)
			continue
		}
		if code >= len(e.widths) || e.widths[code] != e.advance(code) {
			f.t.Errorf("glyph %d has another width in its program", code)
		}
	}
}

// structure is ISO 14289-1 clause 7: standard roles, headings in their order, words and
// a place for every figure, all of it under one Document.
func (f *pdfFile) structure() {
	root := f.dict(f.dict(f.trailer["Root"])["StructTreeRoot"])
	document := f.dict(f.list(root["K"])[0])
	if document["S"] != name("Document") || root["RoleMap"] != nil {
		f.t.Errorf("structure %v", root)
	}
	var roles []name
	for _, k := range f.list(document["K"]) {
		e := f.dict(k)
		role, _ := e["S"].(name)
		roles = append(roles, role)
		if f.dict(e["P"])["S"] != name("Document") || len(f.list(e["K"])) == 0 {
			f.t.Errorf("element %v", e)
		}
		if role == "Figure" {
			alt, _ := e["Alt"].(text)
			if box := f.list(f.dict(e["A"])["BBox"]); alt == "" || len(box) != 4 || box[0].(float64) >= box[2].(float64) || box[1].(float64) >= box[3].(float64) {
				f.t.Errorf("figure %v", e)
			}
		}
	}
	for n, role := range roles {
		if !slices.Contains([]name{"H1", "H2", "P", "Figure", "Caption"}, role) || role == "Figure" && roles[n+1] != "Caption" {
			f.t.Errorf("role %s", role)
		}
	}
	if first := slices.IndexFunc(roles, func(r name) bool { return r == "H1" || r == "H2" }); first < 0 || roles[first] != "H1" || slices.Contains(roles[first+1:], "H1") {
		f.t.Errorf("headings in %v", roles)
	}
	if !slices.Contains(roles, "Figure") {
		f.t.Error("no figure")
	}
}
