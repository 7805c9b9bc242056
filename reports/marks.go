package reports

import (
	"strings"
	"unicode/utf8"
)

// Marks are what stands beside the text of a report and is signed with it.
type Marks struct {
	Figures      []Figure      `json:"figures,omitempty"`
	Measurements []Measurement `json:"measurements,omitempty"`
	Overrides    []Override    `json:"overrides,omitempty"`
	Critical     *Critical     `json:"critical,omitempty"`
	Origins      []Origin      `json:"origins,omitempty"`
	Teaching     bool          `json:"teaching,omitempty"`
	// Coded is made when a version is signed, from the answers whose lines stand in it.
	Coded []Coded `json:"coded,omitempty"`
}

// Figure is an image the text refers to, as (図2) or (Fig. 2) for Number 2.
type Figure struct {
	Number            int    `json:"number"`
	SeriesInstanceUID string `json:"seriesInstanceUid"`
	SOPClassUID       string `json:"sopClassUid"`
	SOPInstanceUID    string `json:"sopInstanceUid"`
	Frame             int    `json:"frame,omitempty"` // from 1; 0: of a single-frame image
	Caption           string `json:"caption,omitempty"`
}

// Measurement is a value that was measured on a figure.
type Measurement struct {
	Name   string  `json:"name"`             // as printed: "長径"
	Code   string  `json:"code,omitempty"`   // of the quantity, DCM or SCT; "" : 410668003 Length
	Scheme string  `json:"scheme,omitempty"` // of Code
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`             // UCUM
	Figure int     `json:"figure,omitempty"` // Figure.Number; 0: of none
}

// Override is a rule of the linter that the reader set aside, and why.
type Override struct {
	Rule   string `json:"rule"`
	Quote  string `json:"quote,omitempty"` // the words it was about; "": the whole report
	Reason string `json:"reason"`
}

// Critical is a finding that somebody has to be told of at once.
type Critical struct {
	Level   string `json:"level"` // CriticalRed, CriticalOrange, CriticalYellow
	Finding string `json:"finding"`
	// Contact is who was told before the report was signed; nil: nobody yet.
	Contact *Contact `json:"contact,omitempty"`
}

// Contact is one time that somebody was told of a critical finding.
type Contact struct {
	Told     string `json:"told"`
	How      string `json:"how"` // phone, in person, message
	ReadBack bool   `json:"readBack"`
}

// Levels of a critical finding, by the time in which the ordering doctor is told
// (ACR Actionable Reporting Work Group: minutes, hours, days).
const (
	CriticalRed    = "red"
	CriticalOrange = "orange"
	CriticalYellow = "yellow"
)

// Origin says where a passage came from that no hand typed: a dictation engine
// or a drafting model. Unseen passages keep a report from being signed.
type Origin struct {
	Source string `json:"source"` // name and version of the engine
	Kind   string `json:"kind"`   // "dictation", "draft"
	Text   string `json:"text"`   // as it came
	Seen   bool   `json:"seen"`   // the reader said that they have read it
}

// Limits of marks.
const (
	maxFigures = 64
	maxMark    = 2000 // characters
)

func (m Marks) zero() bool {
	return len(m.Figures) == 0 && len(m.Measurements) == 0 && len(m.Overrides) == 0 && m.Critical == nil && len(m.Origins) == 0 && !m.Teaching && len(m.Coded) == 0
}

// carried are the marks that go on into a version that begins from this one:
// reasons for overriding and the seen marks are each signature's own.
func (m Marks) carried() Marks {
	return Marks{Figures: m.Figures, Measurements: m.Measurements, Critical: m.Critical, Teaching: m.Teaching}
}

// check bounds what a client sends.
func (m Marks) check() error {
	ok := len(m.Figures) <= maxFigures && len(m.Measurements) <= maxFigures && len(m.Overrides) <= maxFigures && len(m.Origins) <= maxFigures
	text := func(most int, list ...string) {
		for _, s := range list {
			ok = ok && utf8.RuneCountInString(s) <= most
		}
	}
	seen := map[int]bool{}
	for _, f := range m.Figures {
		ok = ok && f.Number > 0 && f.Number <= 999 && !seen[f.Number] && f.Frame >= 0 && validUID(f.SOPInstanceUID)
		seen[f.Number] = true
		text(64, f.SeriesInstanceUID, f.SOPClassUID, f.SOPInstanceUID)
		text(maxMark, f.Caption)
	}
	for _, v := range m.Measurements {
		text(64, v.Name, v.Code, v.Scheme, v.Unit)
		ok = ok && v.Name != "" && v.Value == v.Value && v.Value < 1e12 && v.Value > -1e12
	}
	for _, o := range m.Overrides {
		text(64, o.Rule)
		text(maxMark, o.Quote, o.Reason)
	}
	for _, o := range m.Origins {
		text(200, o.Source, o.Kind)
		ok = ok && len(o.Text) <= MaxText
	}
	if c := m.Critical; c != nil {
		text(maxMark, c.Finding)
		if c.Contact != nil {
			text(200, c.Contact.Told, c.Contact.How)
			ok = ok && strings.TrimSpace(c.Contact.Told) != "" && (c.Contact.How == "phone" || c.Contact.How == "in person" || c.Contact.How == "message")
		}
		ok = ok && strings.TrimSpace(c.Finding) != "" && (c.Level == CriticalRed || c.Level == CriticalOrange || c.Level == CriticalYellow)
	}
	if !ok {
		return ErrMarks
	}
	return nil
}

// validUID is the grammar of UI, PS3.5 §9.1.
func validUID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "0123456789.") == ""
}

// unseen lists the engines whose text the reader has not said to have read.
func (m Marks) unseen() []string {
	var out []string
	for _, o := range m.Origins {
		if !o.Seen {
			out = append(out, o.Source)
		}
	}
	return out
}
