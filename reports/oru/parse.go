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
	var pdf []byte
	for _, x := range m.All("OBX") {
		if err := observation(r, &pdf, x); err != nil {
			return nil, nil, err
		}
	}
	if len(r.Sections) == 0 {
		return nil, nil, ErrNotReport
	}
	return r, pdf, nil
}

func observation(r *reports.Report, pdf *[]byte, x hl7.Segment) error {
	code, heading := x.Component(3, 1), x.Component(3, 2)
	switch x.Text(2) {
	case "FT", "TX":
		text := strings.Join(x.Texts(5), "\n")
		if code == reports.CodeRequest {
			r.Study.Request = text
			return nil
		}
		r.Sections = append(r.Sections, reports.Section{Code: code, Heading: heading, Text: text})
	case "HD":
		r.Study.StudyInstanceUID = x.Text(5)
	case "ST":
		if f := strings.Fields(x.Text(5)); code == "DOKUEI_VERSION" && len(f) == 5 {
			r.ID, r.Kind, r.Language, r.ContentHash = f[0], reports.Kind(f[2]), f[3], f[4]
			r.Version, _ = strconv.Atoi(f[1]) //nolint:errcheck // 0 for what is no number
		}
	case "ED":
		b, err := base64.StdEncoding.DecodeString(x.Component(5, 5))
		if err != nil {
			return errors.Join(ErrNotReport, err)
		}
		*pdf = b
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
