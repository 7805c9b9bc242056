package document

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/dokuei/dokuei/reports/pdf/truetype"
)

// A4 in points.
const (
	A4Width  = 595.276
	A4Height = 841.89
)

// Info is the document information dictionary, ISO 32000-1 §14.3.3.
type Info struct {
	Title, Author, Subject, Creator string
	Language                        string // RFC 5646
	Created                         time.Time
	// ID identifies the file (§14.4); the same document has the same ID.
	ID [16]byte
}

// Face is a typeface a document may be set in.
type Face struct {
	Name string // PostScript name
	Font *truetype.Font
}

// face is a typeface in use.
type face struct {
	Face
	subset *truetype.Subset
}

// Document is a PDF file being made.
type Document struct {
	info   Info
	faces  []face
	pages  []*Page
	images []*Image
	lost   map[rune]bool

	elements []*element // in the order of reading
	current  *element   // what is drawn belongs to; nil: an artifact
}

// New begins a document. A character is set in the first of the faces that has
// it.
func New(info Info, faces ...Face) *Document {
	d := &Document{info: info, lost: map[rune]bool{}}
	for _, f := range faces {
		d.faces = append(d.faces, face{f, truetype.NewSubset(f.Font)})
	}
	return d
}

// getaMark stands for a character the typeface has not got, as printers have
// always done in Japan: a gap that is seen, never a silent one.
const getaMark = '〓'

// glyph returns the face and code of a character.
func (d *Document) glyph(r rune) (faceIndex int, code uint16) {
	for i, f := range d.faces {
		if private(r) {
			break
		}
		if g, ok := f.subset.Add(r); ok {
			return i, g
		}
	}
	if r == getaMark {
		return 0, 0 // .notdef, an empty box in every typeface
	}
	d.lost[r] = true
	return d.glyph(getaMark)
}

// Lost lists the characters asked for so far that no face has, in order. Each
// was printed as 〓.
func (d *Document) Lost() []rune {
	return slices.Sorted(maps.Keys(d.lost))
}

// Advance is the width of a character in thousandths of the type size.
func (d *Document) Advance(r rune) int {
	if invisible(r) {
		return 0
	}
	for _, f := range d.faces {
		if g, ok := f.Font.Glyph(r); ok && !private(r) {
			return f.Font.Advance(g)
		}
	}
	return 1000
}

// Width is the width of a string in points at a type size.
func (d *Document) Width(s string, size float64) float64 {
	sum := 0
	for _, r := range s {
		sum += d.Advance(r)
	}
	return float64(sum) * size / 1000
}

// invisible reports variation selectors and joiners: they choose a form of the
// character before them and have no mark of their own.
func invisible(r rune) bool {
	return r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF || r == 0x200D || r == 0x200B
}

// private reports characters of the private use areas. What they are is agreed between
// the hospital and its typeface: ours would show something else.
func private(r rune) bool { return unicode.Is(unicode.Co, r) }

// Page is one A4 page. Its origin is the upper left corner, y grows downwards.
type Page struct {
	doc    *Document
	number int // from 0
	body   bytes.Buffer
	owners []*element // of its marked-content sequences
}

// AddPage begins a page.
func (d *Document) AddPage() *Page {
	p := &Page{doc: d, number: len(d.pages)}
	d.pages = append(d.pages, p)
	return p
}

// Pages returns the pages made so far.
func (d *Document) Pages() []*Page { return d.pages }

// Style is how a string is printed.
type Style struct {
	Size float64
	Grey float64 // 0 black to 1 white
	Bold bool    // drawn with an outline: the typeface has one weight
}

// Text prints one line with its baseline at y.
func (p *Page) Text(x, y float64, s string, st Style) {
	var show strings.Builder
	current := -1
	for _, r := range s {
		if invisible(r) {
			continue
		}
		face, code := p.doc.glyph(r)
		if face != current {
			if current >= 0 {
				show.WriteString("> Tj ")
			}
			fmt.Fprintf(&show, "/F%d %s Tf <", face+1, num(st.Size))
			current = face
		}
		fmt.Fprintf(&show, "%04X", code)
	}
	if current < 0 {
		return
	}
	mode := "0 Tr"
	if st.Bold {
		mode = fmt.Sprintf("2 Tr %s w %s G", num(st.Size*0.028), num(st.Grey))
	}
	p.mark(fmt.Sprintf("q %s g BT %s %s %s Td %s> Tj ET Q\n",
		num(st.Grey), mode, num(x), num(A4Height-y), show.String()))
}

// Line draws a rule.
func (p *Page) Line(x1, y1, x2, y2, width, grey float64) {
	p.artifact(fmt.Sprintf("q %s w %s G %s %s m %s %s l S Q\n",
		num(width), num(grey), num(x1), num(A4Height-y1), num(x2), num(A4Height-y2)))
}

// Fill paints a rectangle; x and y are its upper left corner.
func (p *Page) Fill(x, y, w, h, grey float64) {
	p.artifact(fmt.Sprintf("q %s g %s %s %s %s re f Q\n",
		num(grey), num(x), num(A4Height-y-h), num(w), num(h)))
}

// num writes a number the short way, at most three decimals.
func num(f float64) string {
	s := fmt.Sprintf("%.3f", f)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "" || s == "-0" {
		return "0"
	}
	return s
}
