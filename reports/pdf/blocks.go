package pdf

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/pdf/document"
)

// letterhead prints who reads, the title, and for whom.
func (s *sheet) letterhead(org reports.Organization) {
	ja := s.r.Language == "ja"
	name, facility := org.Name, s.r.Facility.Name
	if !ja && org.NameEn != "" {
		name = org.NameEn
	}
	if !ja && s.r.Facility.NameEn != "" {
		facility = s.r.Facility.NameEn
	}
	s.text(document.P, left, s.y, s.clip(name, 10, 300), document.Style{Size: 10, Bold: true})
	contact := s.clip(strings.Join(nonEmpty(org.Address, org.Phone), "　"), 8, 230)
	s.text(document.P, right-s.doc.Width(contact, 8), s.y, contact, document.Style{Size: 8, Grey: 0.3})
	s.page.Line(left, s.y+7, right, s.y+7, 1.2, 0.15)
	s.y += 38

	title := s.r.Title.In(s.r.Language)
	size := 18.0
	s.text(document.H1, (document.A4Width-s.doc.Width(title, size))/2, s.y, title, document.Style{Size: size, Bold: true})
	if kind := s.w.kinds[s.r.Kind]; kind != "" {
		s.y += 20
		mark := fmt.Sprintf("%s  %s %d", kind, s.w.version, s.r.Version)
		s.text(document.P, (document.A4Width-s.doc.Width(mark, 12))/2, s.y, mark, document.Style{Size: 12, Bold: true})
	}
	s.y += 28
	s.text(document.P, left, s.y, s.clip(facility+s.w.honorific, 12, 300), document.Style{Size: 12})
	s.y += 12
}

// field is one labelled value of the patient block.
type field struct {
	label, value, small string
}

// patientBlock prints patient and study as the hospital's images named them.
func (s *sheet) patientBlock() {
	r, w := s.r, s.w
	name := reports.ParsePersonName(r.Patient.Name)
	shown := name.In(r.Language)
	small := name.Phonetic
	if small == "" || small == shown {
		small = name.Alphabetic
	}
	if small == shown {
		small = ""
	}
	birth := reports.PrintDate(r.Patient.BirthDate, r.Language)
	if age, ok := reports.Age(r.Patient.BirthDate, r.Study.Date); ok {
		birth += " (" + fmt.Sprintf(w.years, age) + ")"
	}
	when := strings.Join(nonEmpty(reports.PrintDate(r.Study.Date, r.Language), reports.PrintTime(r.Study.Time)), " ")
	what := strings.Join(nonEmpty(strings.Join(r.Study.Modalities, ", "), r.Study.BodyPart), " / ")
	rows := [][2]field{
		{{w.patient, shown, small}, {w.id, r.Patient.PatientID, r.Patient.IssuerOfPatientID}},
		{{w.birth, birth, ""}, {w.sex, w.sexOf(r.Patient.Sex), ""}},
		{{w.studied, when, ""}, {w.modality, what, ""}},
		{{w.description, r.Study.Description, ""}, {w.accession, r.Study.AccessionNumber, ""}},
	}
	if ref := reports.ParsePersonName(r.Study.ReferringPhysician).In(r.Language); ref != "" {
		rows = append(rows, [2]field{{w.referrer, ref, ""}, {"", "", ""}})
	}
	s.y += 8
	mid := (left + right) / 2
	s.page.Line(left, s.y, right, s.y, 0.6, 0.3)
	for _, row := range rows {
		height := max(s.cell(left, mid-left, row[0]), s.cell(mid, right-mid, row[1]))
		s.y += height
		s.page.Line(left, s.y, right, s.y, 0.3, 0.7)
	}
	if r.Study.Request != "" {
		s.y += s.cell(left, right-left, field{w.request, r.Study.Request, ""})
		s.page.Line(left, s.y, right, s.y, 0.3, 0.7)
	}
	s.y += 4
}

// cell prints one field and returns the height it takes. Long values wrap; a
// value is never cut, the page is there for it.
func (s *sheet) cell(x, width float64, f field) (height float64) {
	if f.label == "" {
		return 22
	}
	s.doc.Tag(document.P, "", func() { height = s.fill(x, width, f) })
	return height
}

func (s *sheet) fill(x, width float64, f field) float64 {
	const label = 74.0
	s.page.Text(x+4, s.y+15, s.clip(f.label, 8, label), document.Style{Size: 8, Grey: 0.35})
	lines := s.lines(f.value, 10.5, width-label-8)
	const most = 24 // lines of a request on the first page
	if len(lines) > most {
		lines = append(lines[:most-1], "…")
	}
	for i, line := range lines {
		s.page.Text(x+label, s.y+15+float64(i)*15, line, document.Style{Size: 10.5})
	}
	height := 22 + float64(len(lines)-1)*15
	if f.small != "" {
		for _, line := range s.lines(f.small, 7.5, width-label-8) {
			s.page.Text(x+label, s.y+height+3, line, document.Style{Size: 7.5, Grey: 0.35})
			height += 10
		}
		height += 2
	}
	return height
}

// signedAt prints a moment in Japan's time.
func signedAt(t time.Time) string { return t.In(reports.JST).Format("2006-01-02 15:04:05") + " JST" }

const (
	rowHeight  = 16.0
	valueLeft  = left + 114
	valueWidth = right - 4 - valueLeft
)

// signature prints who signed what and when: the versions before this one, over as many
// pages as they take, then what is of this one, kept together.
func (s *sheet) signature() {
	r, w := s.r, s.w
	var earlier []field
	for _, e := range r.Earlier {
		earlier = append(earlier, field{
			strings.Join(nonEmpty(fmt.Sprintf("%s %d", w.version, e.Version), w.kinds[e.Kind]), " "),
			strings.Join(nonEmpty(nameOf(e.Author, r.Language), e.Author.License, signedAt(e.SignedAt)), "　"), "",
		})
	}
	own := []field{
		{w.reader, authorName(r), ""},
		{w.license, r.Author.License, ""},
		{w.signed, signedAt(r.SignedAt), ""},
		{w.version, strconv.Itoa(r.Version), ""},
		{w.hash, r.ContentHash, ""},
	}
	const frame, pageful = 40, bottom - top - 28
	box := s.rows(own) + 12
	if all := frame + s.rows(earlier) + box; all < pageful {
		s.room(all) // a few versions stand together
	} else {
		s.room(frame + 3*rowHeight)
	}
	s.y += 24
	s.page.Line(left, s.y, right, s.y, 0.6, 0.3)
	s.y += 4
	for n, f := range earlier {
		need := s.rows([]field{f})
		if n == len(earlier)-1 {
			need += box // this version's never stand without one of those before it
		}
		s.room(need)
		s.row(f)
	}
	s.room(box)
	for _, f := range own {
		s.row(f)
	}
	s.y += 8
	s.page.Line(left, s.y, right, s.y, 0.6, 0.3)
}

// value is a signature's field in its lines, at the size it is set in; none is left out.
func (s *sheet) value(f field) (lines []string, size float64) {
	size = 10.5
	if f.label == s.w.hash {
		size = 8.5
	}
	if f.value == "" {
		return nil, size
	}
	return s.lines(f.value, size, valueWidth), size
}

// rows is the height of some fields of the signature.
func (s *sheet) rows(list []field) (height float64) {
	for _, f := range list {
		lines, _ := s.value(f)
		height += rowHeight * float64(len(lines))
	}
	return height
}

func (s *sheet) row(f field) {
	lines, size := s.value(f)
	if len(lines) == 0 {
		return
	}
	s.doc.Tag(document.P, "", func() {
		s.page.Text(left+4, s.y+rowHeight, f.label, document.Style{Size: 8, Grey: 0.35})
		for _, line := range lines {
			s.y += rowHeight
			s.page.Text(valueLeft, s.y, line, document.Style{Size: size})
		}
	})
}
