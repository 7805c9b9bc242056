package pdf

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/pdf/document"
	"github.com/dokuei/dokuei/reports/pdf/font"
	"github.com/dokuei/dokuei/reports/pdf/truetype"
	"github.com/dokuei/dokuei/reports/pdf/typeset"
)

// faces parses the embedded fonts on first use; they are immutable afterwards.
var faces = sync.OnceValues(func() ([]document.Face, error) {
	var out []document.Face
	for _, f := range []struct {
		name string
		data []byte
	}{{"IPAexGothic", font.IPAexGothic}, {"VL-PGothic-Regular", font.VLPGothic}} {
		parsed, err := truetype.Parse(f.data)
		if err != nil {
			return nil, fmt.Errorf("pdf: typeface %s: %w", f.name, err)
		}
		out = append(out, document.Face{Name: f.name, Font: parsed})
	}
	return out, nil
})

// Page measures in points.
const (
	left     = 51.0
	right    = document.A4Width - 51.0
	top      = 48.0
	bottom   = document.A4Height - 56.0
	bodySize = 10.5
	leading  = 17.0
)

// sheet is a report being printed: where on which page it stands.
type sheet struct {
	doc  *document.Document
	page *document.Page
	y    float64
	r    *reports.Report
	w    *words
}

// Render prints a report with the pictures of its key images.
func Render(r *reports.Report, org reports.Organization, figures ...reports.Drawn) ([]byte, error) {
	typefaces, err := faces()
	if err != nil {
		return nil, err
	}
	w := wordsFor(r.Language)
	id := sha256.Sum256([]byte("dokuei-pdf " + r.ID + " " + r.ContentHash))
	s := &sheet{r: r, w: w, doc: document.New(document.Info{
		Title:    r.Title.In(r.Language),
		Author:   authorName(r),
		Subject:  w.hash + " " + r.ContentHash,
		Creator:  "Dokuei",
		Language: r.Language,
		Created:  r.SignedAt,
		ID:       [16]byte(id[:16]),
	}, typefaces...)}
	s.newPage()
	s.letterhead(org)
	s.patientBlock()
	for i, section := range r.Sections {
		heading := section.Heading
		if section.Code == reports.CodeAddendum {
			heading += " (" + nameOf(r.SectionAuthor(i), r.Language) + ")"
		}
		s.section(heading, section.Text)
	}
	if err := s.figures(figures); err != nil {
		return nil, err
	}
	s.signature()
	s.missing()
	s.footers()
	var b bytes.Buffer
	if err := s.doc.Write(&b); err != nil {
		return nil, fmt.Errorf("pdf: %w", err)
	}
	return b.Bytes(), nil
}

func authorName(r *reports.Report) string { return nameOf(r.Author, r.Language) }

func nameOf(a reports.Author, language string) string {
	if language != "ja" && a.NameEn != "" {
		return a.NameEn
	}
	return a.Name
}

// newPage begins a page; from the second on it names what it belongs to.
func (s *sheet) newPage() {
	s.page = s.doc.AddPage()
	s.y = top
	if len(s.doc.Pages()) == 1 {
		return
	}
	p := s.r.Patient
	line := strings.Join(nonEmpty(s.r.Title.In(s.r.Language), reports.ParsePersonName(p.Name).In(s.r.Language),
		p.PatientID, reports.PrintDate(s.r.Study.Date, s.r.Language)), "　")
	s.doc.Artifact(func() {
		s.page.Text(left, s.y, s.clip(line, 8.5, right-left), document.Style{Size: 8.5, Grey: 0.3})
	})
	s.page.Line(left, s.y+5, right, s.y+5, 0.4, 0.6)
	s.y += 28
}

// room begins a new page when less than height is left on this one.
func (s *sheet) room(height float64) {
	if s.y+height > bottom {
		s.newPage()
	}
}

// lines breaks text for a width in points at a type size.
func (s *sheet) lines(text string, size, width float64) []string {
	return typeset.Lines(text, int(width*1000/size), s.doc.Advance)
}

// clip shortens a line that must not wrap.
func (s *sheet) clip(text string, size, width float64) string {
	lines := s.lines(strings.ReplaceAll(text, "\n", " "), size, width-size)
	if len(lines) > 1 {
		return lines[0] + "…"
	}
	return lines[0]
}

func (s *sheet) section(heading, text string) {
	lines := s.lines(text, bodySize, right-left-8)
	// A heading never stands alone at the foot of a page.
	s.room(30 + leading*float64(min(len(lines), 2)))
	s.y += 22
	s.page.Fill(left, s.y-11, 3, 14, 0.15)
	s.text(document.H2, left+9, s.y, heading, document.Style{Size: 11.5, Bold: true})
	s.y += 4
	s.doc.Tag(document.P, "", func() { s.flow(lines, left+8, bodySize, leading) })
}

// flow prints lines below each other, over as many pages as they take.
func (s *sheet) flow(lines []string, x, size, leading float64) {
	for i, line := range lines {
		// The last line does not go over alone.
		need := leading
		if i == len(lines)-2 {
			need = 2 * leading
		}
		s.room(need)
		s.y += leading
		s.page.Text(x, s.y, line, document.Style{Size: size})
	}
}

// footers number the pages once their count is known.
func (s *sheet) footers() {
	pages := s.doc.Pages()
	for i, p := range pages {
		y := document.A4Height - 32
		p.Line(left, y-12, right, y-12, 0.4, 0.6)
		grey := document.Style{Size: 7.5, Grey: 0.35}
		p.Text(left, y, s.w.reportID+" "+s.r.ID, grey)
		number := fmt.Sprintf(s.w.page, i+1, len(pages))
		p.Text(right-s.doc.Width(number, 7.5), y, number, grey)
	}
}

// missing names the characters that were printed as 〓.
func (s *sheet) missing() {
	lost := s.doc.Lost()
	if len(lost) == 0 {
		return
	}
	codes := make([]string, len(lost))
	for i, r := range lost {
		codes[i] = fmt.Sprintf("U+%04X", r)
	}
	for _, line := range s.lines(s.w.missing+strings.Join(codes, " "), 7.5, right-left) {
		s.room(12)
		s.y += 12
		s.text(document.P, left, s.y, line, document.Style{Size: 7.5, Grey: 0.2})
	}
}

// text prints a line that is an element of the document for itself.
func (s *sheet) text(role document.Role, x, y float64, line string, st document.Style) {
	s.doc.Tag(role, "", func() { s.page.Text(x, y, line, st) })
}

func nonEmpty(values ...string) []string {
	var out []string
	for _, v := range values {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}
