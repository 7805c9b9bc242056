package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/storage/db"
)

// Attributes whose names are looked up by their beginning.
const (
	patientName   = "patient"
	referringName = "referring"
)

// nameMax is how many characters of a folded name are kept: PS3.5 Table 6.2-1
// allows 64 for a component group.
const nameMax = 128

// groups are the component groups of a name as they are compared: the index is
// the group, empty ones are "".
func groups(name string) (folded [3]string) {
	folded[0], folded[1], folded[2] = charset.SplitPN(name)
	for i := range folded {
		folded[i] = Fold(folded[i])
		if r := []rune(folded[i]); len(r) > nameMax {
			folded[i] = string(r[:nameMax])
		}
	}
	return folded
}

// PatientKey is what the items of a study are put in order by when a list is sorted by
// patient: the first component group of the name that is not empty, folded.
func PatientKey(ctx context.Context, tx db.Tx, studyID string) (key string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT folded FROM study_names WHERE study_id = $1 AND attribute = '`+patientName+`' ORDER BY component LIMIT 1`, studyID).Scan(&key)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("catalog: patient key: %w", err)
	}
	return key, nil
}

// indexNames writes what a study is found by; fresh says that nothing is there.
func indexNames(ctx context.Context, tx db.Tx, s *Study, fresh bool) error {
	if !fresh {
		if _, err := tx.ExecContext(ctx, `DELETE FROM study_names WHERE study_id = $1`, s.ID); err != nil {
			return fmt.Errorf("catalog: names: %w", err)
		}
		// The items of the study have the key too, where an index can follow it.
		name := groups(s.Patient.Name)
		if _, err := tx.ExecContext(ctx, `UPDATE workitems SET patient_key = $1 WHERE study_id = $2 AND patient_key <> $1`, cmp.Or(name[:]...), s.ID); err != nil {
			return fmt.Errorf("catalog: patient key: %w", err)
		}
	}
	for _, n := range [...]struct{ attribute, name string }{{patientName, s.Patient.Name}, {referringName, s.ReferringPhysician}} {
		for i, folded := range groups(n.name) {
			if folded == "" {
				continue
			}
			_, err := tx.ExecContext(ctx, `INSERT INTO study_names (facility_id, attribute, folded, component, study_id) VALUES ($1, $2, $3, $4, $5)`,
				s.FacilityID, n.attribute, folded, i+1, s.ID)
			if err != nil {
				return fmt.Errorf("catalog: names: %w", err)
			}
		}
	}
	return nil
}
