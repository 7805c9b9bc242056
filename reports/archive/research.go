package archive

import (
	"context"
	"fmt"
	"regexp"

	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Record is a report for research. Nothing in it names the patient, the hospital,
// a person or a moment (PS3.15 Annex E: names, identifiers, UIDs, dates and
// institutions are left out; free text is cleaned of them).
type Record struct {
	Subject      string                `json:"subject"` // the same of one patient within one export
	Age          string                `json:"age"`     // years; "90+" above 89
	Sex          string                `json:"sex"`
	Modalities   []string              `json:"modalities"`
	BodyPart     string                `json:"bodyPart"`
	TitleCode    string                `json:"titleCode"` // LOINC
	Language     string                `json:"language"`
	Kind         reports.Kind          `json:"kind"`
	Sections     []RecordSection       `json:"sections"`
	Measurements []reports.Measurement `json:"measurements"`
	Codes        []string              `json:"codes"`              // of findings, sites and sides: "SCT 274100004"
	Critical     string                `json:"critical,omitempty"` // level
}

// RecordSection is a section and its cleaned text.
type RecordSection struct {
	Code string `json:"code"` // LOINC
	Text string `json:"text"`
}

// Cleaner cleans reports of one export. Its key makes the pseudonyms; it is thrown
// away with it, so that two exports cannot be put together.
type Cleaner struct {
	Key    []byte
	people []identity.User
	houses []string
}

// NewCleaner reads who works here: readers and doctors are named in reports too.
func NewCleaner(ctx context.Context, tx db.Tx, key []byte) (*Cleaner, error) {
	c := &Cleaner{Key: key}
	for _, role := range identity.Roles() {
		list, err := identity.Users(ctx, tx, role)
		if err != nil {
			return nil, fmt.Errorf("archive: people: %w", err)
		}
		c.people = append(c.people, list...)
	}
	rows, err := tx.QueryContext(ctx, `SELECT name, name_en FROM facilities`)
	if err != nil {
		return nil, fmt.Errorf("archive: hospitals: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, en string
		if err := rows.Scan(&name, &en); err != nil {
			return nil, fmt.Errorf("archive: hospitals: %w", err)
		}
		c.houses = append(c.houses, name, en)
	}
	return c, rows.Err()
}

// Moments of any examination, people that no list knows but who are addressed as
// people are, and where somebody can be reached. Digits may be full-width.
var (
	moments = regexp.MustCompile(`(?:19|20|１９|２０)` + digit + `{2}[-/.年－／．]\s?` + digit + `{1,2}[-/.月－／．]\s?` + digit + `{1,2}日?` +
		`|(?:令和|平成|昭和|[RHS])\s?(?:元|` + digit + `{1,2})[年./]\s?` + digit + `{1,2}[月./]\s?` + digit + `{1,2}日?` +
		`|` + digit + `{1,2}月\s?` + digit + `{1,2}日` +
		`|\b\d{1,2}[ /](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?[ /,]+(?:19|20)\d{2}\b` +
		`|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d{1,2},? (?:19|20)\d{2}\b`)
	persons = regexp.MustCompile(`[\p{Han}\p{Hiragana}\p{Katakana}ー々]{1,6}?(?:先生|医師|技師|看護師|教授|様|さん|氏)|\b(?:Dr|Mr|Ms|Mrs|Prof)\.? ?\p{Lu}\p{L}+`)
	// 様 is how shapes are likened too: no person.
	shaped  = regexp.MustCompile(`(?:[状形型性影節瘤腫胞管血肪骨毛膜網斑板輪袋同一多異仕模]|ガラス|ポリープ|ニボー|もの|よう|の)様$`)
	houses  = regexp.MustCompile(`[\p{Han}\p{Katakana}ー]{2,12}(?:病院|医院|診療所|クリニック|医療センター)`)
	reached = regexp.MustCompile(`[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[0０]` + digit + `{1,4}[-－ー(（]` + digit + `{1,4}[-－ー)）]` + digit + `{3,4}|https?://\S+`)
)

const digit = `[0-9０-９]`

func clean(w *deident.Words, text string) string {
	text = w.Clean(text)
	for _, re := range []*regexp.Regexp{reached, moments, persons, houses} {
		text = re.ReplaceAllStringFunc(text, func(s string) string {
			if re == persons && shaped.MatchString(s) {
				return s
			}
			return deident.Mark
		})
	}
	return text
}

// Clean makes the record of a report.
func (c *Cleaner) Clean(r *reports.Report) Record {
	var w deident.Words
	w.AddName(r.Patient.Name)
	w.AddName(r.Study.ReferringPhysician)
	for _, id := range []string{r.Patient.PatientID, r.Study.AccessionNumber, r.Study.StudyID, r.Study.StudyInstanceUID} {
		w.AddID(id)
	}
	w.AddDate(r.Patient.BirthDate)
	w.AddDate(r.Study.Date)
	for _, u := range c.people {
		w.AddName(u.Name)
		w.AddName(u.NameEn)
	}
	for _, h := range append(c.houses, r.Facility.Name, r.Facility.NameEn) {
		w.AddID(h)
	}
	out := Record{
		Subject: deident.Pseudonym(c.Key, r.Facility.ID+"\x00"+r.Patient.PatientID+"\x00"+r.Patient.IssuerOfPatientID),
		Sex:     r.Patient.Sex, Modalities: r.Study.Modalities, BodyPart: r.Study.BodyPart, TitleCode: r.Title.Code, Language: r.Language, Kind: r.Kind,
		Sections: []RecordSection{}, Measurements: append([]reports.Measurement{}, r.Marks.Measurements...),
	}
	if years, ok := reports.Age(r.Patient.BirthDate, r.Study.Date); ok {
		out.Age = fmt.Sprint(years)
		if years > 89 {
			out.Age = "90+"
		}
	}
	for _, s := range r.Sections {
		out.Sections = append(out.Sections, RecordSection{s.Code, clean(&w, s.Text)})
	}
	for i := range out.Measurements {
		out.Measurements[i].Name = clean(&w, out.Measurements[i].Name)
	}
	out.Codes = []string{}
	add := func(c reports.Concept) { out.Codes = append(out.Codes, c.Scheme+" "+c.Value) } // a meaning is somebody's text
	for _, f := range r.Codes() {
		add(f.Finding)
		for _, m := range f.Modifiers {
			add(m.Value)
		}
	}
	if r.Marks.Critical != nil {
		out.Critical = r.Marks.Critical.Level
	}
	return out
}
