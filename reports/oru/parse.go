package oru

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/internal/hl7"
	"github.com/dokuei/dokuei/reports"
)

// ErrNotReport says that a message holds no report.
var ErrNotReport = errors.New("oru: no report in the message")

// Parse reads a report out of a message, and the PDF when it has one. What only
// Dokuei writes (ID, version, kind, hash) is empty in messages of others, whose
// kind follows from OBR-25.
func Parse(m hl7.Message) (*reports.Report, []byte, error) {
	if m.Type() != "ORU^R01" {
		return nil, nil, ErrNotReport
	}
	p, o := m.Segment("PID"), m.Segment("OBR")
	r := &reports.Report{
		Patient: reports.Patient{PatientID: p.Component(3, 1), Name: parseNames(p.Field(5)), BirthDate: p.Text(7), Sex: p.Text(8)},
		Study: reports.Study{
			AccessionNumber: o.Text(3), Modalities: strings.Fields(o.Text(44)),
			ReferringPhysician: strings.TrimSpace(o.Component(16, 2) + " " + o.Component(16, 3)),
		},
		Title: reports.TitleByCode(o.Component(4, 1), o.Component(4, 2)),
	}
	if at := o.Text(7); len(at) >= 8 {
		r.Study.Date, r.Study.Time = at[:8], at[8:]
	}
	r.Author.License, r.Author.Name = o.Component(32, 1), o.Component(32, 2)
	if t, err := time.Parse("20060102150405-0700", o.Text(22)); err == nil {
		r.SignedAt = t.UTC()
	}
	r.Kind = map[string]reports.Kind{"P": reports.Preliminary, "C": reports.Correction, "X": reports.Retraction}[o.Text(25)]
	if r.Kind == "" {
		r.Kind = reports.Final
	}
	b := body{r: r}
	for _, x := range m.All("OBX") {
		if err := b.observation(x); err != nil {
			return nil, nil, err
		}
	}
	if len(r.Sections) == 0 {
		return nil, nil, ErrNotReport
	}
	return r, b.pdf, nil
}

// body is what is read from the OBX of a message.
type body struct {
	r    *reports.Report
	pdf  []byte
	sub  string // OBX-4 of the text that was read last
	line string // and its text
}

// text takes a section, or the next piece of one, which has the same number before the
// point of its OBX-4.
func (b *body) text(code, heading, sub, text string) {
	before, _, _ := strings.Cut(b.sub, ".")
	number, _, piece := strings.Cut(sub, ".")
	b.sub, b.line = sub, strings.Trim(text, "\n")
	last := len(b.r.Sections) - 1
	switch {
	case code == reports.CodeRequest:
		b.r.Study.Request = text
	case piece && number == before && last >= 0 && b.r.Sections[last].Code == code:
		b.r.Sections[last].Text += "\n" + text
	default:
		b.r.Sections = append(b.r.Sections, reports.Section{Code: code, Heading: heading, Text: text})
	}
}

func (b *body) observation(x hl7.Segment) error {
	r := b.r
	code, heading := x.Component(3, 1), x.Component(3, 2)
	switch x.Text(2) {
	case "FT", "TX":
		b.text(code, heading, x.Text(4), strings.Join(x.Texts(5), "\n"))
	case "CE", "CWE":
		value := reports.Concept{Value: x.Component(5, 1), Meaning: x.Component(5, 2), Scheme: x.Component(5, 3)}
		last := len(r.Marks.Coded) - 1
		switch {
		case value.Value == "" || len(r.Sections) == 0 || !strings.HasPrefix(x.Text(4)+".", b.sub+"."):
		case code == finding.Value:
			section := r.Sections[len(r.Sections)-1].Code
			r.Marks.Coded = append(r.Marks.Coded, reports.Coded{Section: section, Line: b.line, Finding: value})
		case last >= 0:
			name := reports.Concept{Value: code, Meaning: heading, Scheme: x.Component(3, 3)}
			r.Marks.Coded[last].Modifiers = append(r.Marks.Coded[last].Modifiers, reports.Modifier{Name: name, Value: value})
		}
	case "HD":
		r.Study.StudyInstanceUID = x.Text(5)
	case "ST":
		if f := strings.Fields(x.Text(5)); code == "DOKUEI_VERSION" && len(f) == 5 {
			r.ID, r.Kind, r.Language, r.ContentHash = f[0], reports.Kind(f[2]), f[3], f[4]
			r.Version, _ = strconv.Atoi(f[1]) //nolint:errcheck // 0 for what is no number
		}
	case "ED":
		pdf, err := base64.StdEncoding.DecodeString(x.Component(5, 5))
		if err != nil {
			return errors.Join(ErrNotReport, err)
		}
		b.pdf = pdf
	}
	return nil
}

// parseNames puts the repetitions of XPN together to a PN.
func parseNames(f hl7.Field) string {
	groups := [3]string{}
	for i, rep := range f {
		at, ok := map[string]int{"A": 0, "I": 1, "P": 2}[rep.Text(8)]
		if !ok {
			at = min(i, 2)
		}
		groups[at] = strings.TrimRight(rep.Text(1)+"^"+rep.Text(2)+"^"+rep.Text(3), "^")
	}
	return strings.TrimRight(strings.Join(groups[:], "="), "=")
}
