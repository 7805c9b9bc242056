package oru

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/internal/hl7"
	"github.com/dokuei/dokuei/reports"
)

// Parties are who sends to whom, MSH-3 to MSH-6.
type Parties struct {
	SendingApplication, SendingFacility, ReceivingApplication, ReceivingFacility string
}

// Options of a message.
type Options struct {
	Parties
	Charset hl7.Charset // zero: hl7.JIS
	PDF     []byte      // the printed report; nil: without
}

// ControlID is MSH-10 of the message of a version: 20 characters.
func ControlID(r *reports.Report) string {
	return strings.ToUpper(r.ContentHash[:min(20, len(r.ContentHash))])
}

// Build makes the message.
func Build(r *reports.Report, o Options) hl7.Message {
	if o.Charset == "" {
		o.Charset = hl7.JIS
	}
	at := hl7.Time(r.SignedAt.In(reports.JST))
	m := hl7.Message{Charset: o.Charset}
	m.Segments = append(m.Segments,
		segment("MSH", nil, nil, hl7.Text(or(o.SendingApplication, "DOKUEI")), hl7.Text(o.SendingFacility),
			hl7.Text(o.ReceivingApplication), hl7.Text(or(o.ReceivingFacility, r.Facility.ID)), hl7.Text(at), nil,
			hl7.Composite("ORU", "R01", "ORU_R01"), hl7.Text(ControlID(r)), hl7.Text("P"), hl7.Text("2.5"),
			nil, nil, hl7.Text("AL"), hl7.Text("NE"), hl7.Text("JPN"), o.Charset.Names(), nil, o.Charset.Scheme()),
		pid(r),
		segment("PV1", hl7.Text("1"), hl7.Text("U"), nil, nil, nil, nil, nil, doctor(r.Study.ReferringPhysician)),
		segment("ORC", hl7.Text("RE"), hl7.Text(r.Study.AccessionNumber), hl7.Text(r.Study.AccessionNumber)),
		obr(r, at),
	)
	n := 0
	observeAs := func(sub, kind, code, name, scheme string, value hl7.Field) {
		n++
		m.Segments = append(m.Segments, segment("OBX", hl7.Text(strconv.Itoa(n)), hl7.Text(kind), hl7.Composite(code, name, scheme), hl7.Text(sub), value,
			nil, nil, nil, nil, nil, hl7.Text(status(r.Kind)), nil, nil, hl7.Text(at), nil, author(r.Author)))
	}
	observe := func(kind, code, name, scheme string, value hl7.Field) {
		observeAs("1", kind, code, name, scheme, value)
	}
	if r.Study.Request != "" {
		observe("FT", reports.CodeRequest, reports.Heading(reports.CodeRequest, r.Language, ""), "LN", hl7.Text(r.Study.Request))
	}
	for i, s := range r.Sections {
		scheme := "LN"
		if s.Code == reports.CodeReason {
			scheme = reports.Scheme
		}
		parts := r.Parts(i)
		// What a line says in codes has its OBX-4; where a line says several things,
		// each is numbered below it.
		for k, p := range parts {
			sub := strconv.Itoa(i + 1)
			if len(parts) > 1 || len(p.Coded) > 0 {
				sub += "." + strconv.Itoa(k+1)
			}
			observeAs(sub, "FT", s.Code, s.Heading, scheme, hl7.Text(p.Text))
			for f, c := range p.Coded {
				group := sub
				if len(p.Coded) > 1 {
					group += "." + strconv.Itoa(f+1)
				}
				put := func(name, value reports.Concept) {
					observeAs(group, "CE", name.Value, name.Meaning, name.Scheme, hl7.Composite(value.Value, value.Meaning, value.Scheme))
				}
				put(finding, c.Finding)
				for _, m := range c.Modifiers {
					put(m.Name, m.Value)
				}
			}
		}
	}
	observe("ST", "DOKUEI_VERSION", "Version", reports.Scheme, hl7.Text(r.ID+" "+strconv.Itoa(r.Version)+" "+string(r.Kind)+" "+r.Language+" "+r.ContentHash))
	observe("HD", "113014", "Study Instance UID", "DCM", hl7.Text(r.Study.StudyInstanceUID))
	if sr, ok := r.Document("sr"); ok {
		observe("RP", "DOKUEI_SR", "DICOM SR", reports.Scheme, hl7.Composite(sr.SOPInstanceUID, "DICOM", "", ""))
	}
	if o.PDF != nil {
		observe("ED", r.Title.Code, r.Title.In(r.Language), "LN", hl7.Composite("DOKUEI", "AP", "PDF", "Base64", base64.StdEncoding.EncodeToString(o.PDF)))
	}
	return m
}

// finding is the concept name of a coded finding, PS3.16 CID 7002.
var finding = reports.Concept{Value: "121071", Scheme: "DCM", Meaning: "Finding"}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func segment(name string, fields ...hl7.Field) hl7.Segment {
	s := hl7.Segment{Name: name}
	if name == "MSH" {
		fields[0], fields[1] = hl7.Text("|"), hl7.Text(`^~\&`)
	}
	s.Fields = fields
	return s
}

func pid(r *reports.Report) hl7.Segment {
	p := r.Patient
	return segment("PID", hl7.Text("1"), nil, hl7.Composite(p.PatientID, "", "", or(p.IssuerOfPatientID, r.Facility.ID), "PI"), nil,
		names(p.Name), nil, hl7.Text(p.BirthDate), hl7.Text(or(p.Sex, "U")))
}

// names writes the component groups of a PN as the repetitions of XPN: A
// alphabetic, I ideographic, P phonetic (table 0465).
func names(pn string) hl7.Field {
	var all []hl7.Field
	for i, group := range strings.SplitN(pn, "=", 3) {
		if group == "" {
			continue
		}
		parts := append(strings.Split(group, "^"), "", "", "", "", "")
		all = append(all, hl7.Composite(parts[0], parts[1], parts[2], parts[4], parts[3], "", "L", []string{"A", "I", "P"}[i]))
	}
	return hl7.Repeat(all...)
}

// doctor is a PN as XCN without an ID.
func doctor(pn string) hl7.Field {
	n := reports.ParsePersonName(pn)
	family, given, _ := strings.Cut(n.In("ja"), " ")
	return hl7.Composite("", family, given)
}

// author is a reader as XCN under their licence number.
func author(a reports.Author) hl7.Field {
	family, given, _ := strings.Cut(a.Name, " ")
	return hl7.Composite(a.License, family, given, "", "", "", "", "", "JPMEDREG")
}

func obr(r *reports.Report, at string) hl7.Segment {
	s := segment("OBR", hl7.Text("1"), hl7.Text(r.Study.AccessionNumber), hl7.Text(r.Study.AccessionNumber),
		hl7.Composite(r.Title.Code, r.Title.In(r.Language), "LN"))
	s.Set(7, hl7.Text(r.Study.Date+clock(r.Study.Time)))
	s.Set(16, doctor(r.Study.ReferringPhysician))
	s.Set(22, hl7.Text(at))
	s.Set(24, hl7.Text("RAD"))
	s.Set(25, hl7.Text(r.Kind.Status()))
	s.Set(32, hl7.Composite(r.Author.License, r.Author.Name))
	s.Set(44, hl7.Text(strings.Join(r.Study.Modalities, " ")))
	return s
}

// clock is hours, minutes and seconds of a TM.
func clock(tm string) string {
	whole, _, _ := strings.Cut(tm, ".")
	return whole
}

// status is OBX-11, table 0085: as OBR-25, but for a withdrawn result.
func status(k reports.Kind) string {
	if k == reports.Retraction {
		return "W"
	}
	return k.Status()
}
