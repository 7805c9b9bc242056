package catalog

import (
	"context"
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

// indexNames writes what a study is found by; fresh says that nothing is there.
func indexNames(ctx context.Context, tx db.Tx, s *Study, fresh bool) error {
	if !fresh {
		if _, err := tx.ExecContext(ctx, `DELETE FROM study_names WHERE study_id = $1`, s.ID); err != nil {
			return fmt.Errorf("catalog: names: %w", err)
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

// IndexNames makes the studies of an older version of the program findable by
// name, some at a time. It is for the start and writes nothing when there is
// nothing to do.
func IndexNames(ctx context.Context, d *db.DB) (done int, err error) {
	const batch = 200
	after := ""
	for {
		page, err := unindexed(ctx, d.Read(ctx), after, batch)
		if err != nil || len(page) == 0 {
			return done, err
		}
		after = page[len(page)-1].ID
		err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			for i := range page {
				if err := indexNames(ctx, tx, &page[i], false); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return done, err
		}
		done += len(page)
	}
}

func unindexed(ctx context.Context, tx db.Tx, after string, limit int) (page []Study, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, facility_id, patient_name, referring_physician FROM studies
		WHERE id > $1 AND (patient_name <> '' OR referring_physician <> '')
		AND NOT EXISTS (SELECT 1 FROM study_names n WHERE n.study_id = studies.id) ORDER BY id LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("catalog: names: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var s Study
		if err := rows.Scan(&s.ID, &s.FacilityID, &s.Patient.Name, &s.ReferringPhysician); err != nil {
			return nil, fmt.Errorf("catalog: names: %w", err)
		}
		page = append(page, s)
	}
	return page, rows.Err()
}
