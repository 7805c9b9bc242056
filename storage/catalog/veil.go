package catalog

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Hide takes out of a study who it is of, for a scope whose reader is to know the
// patients of its hospital by pseudonyms: name, ID and birth date go, the age stays;
// so do accession number, study ID and referring physician, and names in the texts.
// Readers in this package and in worklist have called it.
func Hide(scope identity.Scope, s *Study) {
	key, veiled := scope.Veil(s.FacilityID)
	if !veiled {
		return
	}
	words := s.Words()
	s.Description, s.RequestText = words.Clean(s.Description), words.Clean(s.RequestText)
	if s.Patient.Age == "" {
		s.Patient.Age = age(s.Patient.BirthDate, s.StudyDate)
	}
	pseudonym := deident.Pseudonym(key, s.PatientRef)
	s.Patient.Name, s.Patient.PatientID, s.Patient.Issuer, s.Patient.BirthDate = pseudonym, pseudonym, "", ""
	s.AccessionNumber, s.StudyID, s.ReferringPhysician = "", "", ""
}

// Words are what names the patient of a study.
func (s *Study) Words() *deident.Words {
	w := new(deident.Words)
	w.AddName(s.Patient.Name)
	w.AddName(s.ReferringPhysician)
	w.AddID(s.Patient.PatientID)
	w.AddID(s.AccessionNumber)
	w.AddDate(s.Patient.BirthDate)
	return w
}

// age is an AS (PS3.5 §6.2) in years, of a birth date on a day.
func age(birth, day string) string {
	if len(birth) != 8 || len(day) != 8 || birth > day {
		return ""
	}
	from, err1 := strconv.Atoi(birth)
	to, err2 := strconv.Atoi(day)
	if err1 != nil || err2 != nil || (to-from)/10000 > 999 {
		return ""
	}
	return fmt.Sprintf("%03dY", (to-from)/10000)
}

// hidden is what a search within a scope must not find out.
type hiddenFrom struct {
	facilities []string
	patients   []string // of these facilities, those whose pseudonym was asked for
}

// maxVeiled bounds the patients among whom a pseudonym is looked for.
const maxVeiled = 20_000

// hiddenOf finds what a search for a text may be about, besides words.
func hiddenOf(ctx context.Context, tx db.Tx, scope identity.Scope, text string) (h hiddenFrom, err error) {
	h.facilities = scope.Veiled()
	if len(h.facilities) == 0 || text == "" {
		return h, nil
	}
	slices.Sort(h.facilities)
	cond, args := scope.SharedFilter(identity.SharedStudies, 1)
	w := Where{Args: args, Conds: []string{cond}}
	w.Add("studies.facility_id IN "+marks(h.facilities), anys(h.facilities)...)
	rows, err := tx.QueryContext(ctx, `SELECT DISTINCT studies.patient_ref, studies.facility_id FROM studies WHERE `+w.String()+` LIMIT `+strconv.Itoa(maxVeiled), w.Args...)
	if err != nil {
		return h, fmt.Errorf("catalog: pseudonyms: %w", err)
	}
	defer rows.Close()
	want := strings.ToUpper(strings.TrimSpace(text))
	for rows.Next() {
		var ref, facility string
		if err := rows.Scan(&ref, &facility); err != nil {
			return h, fmt.Errorf("catalog: pseudonyms: %w", err)
		}
		if key, ok := scope.Veil(facility); ok && deident.Pseudonym(key, ref) == want {
			h.patients = append(h.patients, ref)
		}
	}
	return h, rows.Err()
}

// guard lets conditions that speak of patients hold only where they may be spoken of.
func (h hiddenFrom) guard(w *Where, conds []string) {
	if len(h.facilities) == 0 {
		w.Conds = append(w.Conds, conds...)
		return
	}
	known := Where{Args: w.Args, Conds: conds}
	known.Add("studies.facility_id NOT IN "+marks(h.facilities), anys(h.facilities)...)
	cond := "(" + known.String() + ")"
	w.Args = known.Args
	if len(h.patients) > 0 {
		named := Where{Args: w.Args}
		named.Add("studies.patient_ref IN "+marks(h.patients), anys(h.patients)...)
		cond = "(" + cond + " OR " + named.String() + ")"
		w.Args = named.Args
	}
	w.Conds = append(w.Conds, cond)
}

func marks(list []string) string { return "(?" + strings.Repeat(", ?", len(list)-1) + ")" }

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// personal are the keys by which somebody could find out who a patient is.
var personal = map[tag.Tag]bool{
	tag.PatientName: true, tag.PatientID: true, tag.IssuerOfPatientID: true, tag.PatientBirthDate: true, tag.AccessionNumber: true,
	tag.ReferringPhysicianName: true, tag.StudyID: true, tag.StudyDescription: true, tag.SeriesDescription: true, tag.ProtocolName: true,
}
