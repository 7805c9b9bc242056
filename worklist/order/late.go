package order

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// ofOrder is a study of an order, and whether there is a report of it.
type ofOrder struct {
	catalog.Study
	reported bool
}

// maxStudies bounds the studies of one order that are looked at.
const maxStudies = 64

// joined are the studies of an order.
func joined(ctx context.Context, tx db.Tx, orderID string) ([]ofOrder, error) {
	return studies(ctx, tx, `SELECT s.id, EXISTS (SELECT 1 FROM workitems w WHERE w.study_id = s.id AND w.state = 'COMPLETED')
 FROM order_studies x JOIN studies s ON s.id = x.study_id WHERE x.order_id = $1 ORDER BY s.id LIMIT $2`, orderID, maxStudies)
}

func studies(ctx context.Context, tx db.Tx, query string, args ...any) ([]ofOrder, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("order: studies: %w", err)
	}
	defer rows.Close()
	type found struct {
		id       string
		reported bool
	}
	var all []found
	for rows.Next() {
		var f found
		if err := rows.Scan(&f.id, &f.reported); err != nil {
			return nil, fmt.Errorf("order: studies: %w", err)
		}
		all = append(all, f)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("order: studies: %w", err)
	}
	var list []ofOrder
	for _, f := range all {
		s, err := catalog.StudyByID(ctx, tx, identity.Everything(), f.id)
		if err != nil {
			return nil, err
		}
		list = append(list, ofOrder{s, f.reported})
	}
	return list, nil
}

// Adopt joins an order that came after its study: complete studies of its hospital that
// have none and share its number, or its patient and day. What is not sure is asked.
func Adopt(ctx context.Context, tx db.Tx, o Order) error {
	list, err := studies(ctx, tx, `SELECT s.id, 1 = 0 FROM studies s
 WHERE s.facility_id = $1 AND s.completed_at IS NOT NULL AND s.trashed_at = 0
 AND (s.study_instance_uid = $2 OR s.accession_number = $3 OR s.study_date = $4 AND s.patient_id = $5)
 AND NOT EXISTS (SELECT 1 FROM order_studies x WHERE x.study_id = s.id) ORDER BY s.id LIMIT $6`,
		o.FacilityID, o.StudyInstanceUID, o.AccessionNumber, o.Step.StartDate, o.PatientID, maxStudies)
	if err != nil {
		return err
	}
	for _, s := range list {
		if _, _, err := Join(ctx, tx, s.Study); err != nil {
			return err
		}
	}
	return nil
}

// Inherit gives the studies of orders that were replaced to the one that replaces them.
// One that is of another patient is asked about.
func Inherit(ctx context.Context, tx db.Tx, old []Order, o Order, actor string) error {
	for _, before := range old {
		list, err := joined(ctx, tx, before.ID)
		if err != nil {
			return err
		}
		for _, s := range list {
			if _, err := tx.ExecContext(ctx, `UPDATE reconciliations SET resolved_at = $1, resolution = 'replaced', actor = $2
 WHERE study_id = $3 AND order_id = $4 AND resolved_at = 0`, db.Micros(db.Now()), actor, s.ID, before.ID); err != nil {
				return fmt.Errorf("order: inherit: %w", err)
			}
			if !samePatient(o, s.Study) {
				if err := part(ctx, tx, s.ID, before, actor); err != nil {
					return err
				}
				if err := ask(ctx, tx, s.Study, []Order{o}, PatientDiffers); err != nil {
					return err
				}
				continue
			}
			if err := join(ctx, tx, s.Study, o, ByReplacement, actor); err != nil {
				return err
			}
		}
	}
	return nil
}

// recheck takes studies from an order that is of another patient now.
func recheck(ctx context.Context, tx db.Tx, o Order, actor string) error {
	list, err := joined(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	for _, s := range list {
		if samePatient(o, s.Study) {
			continue
		}
		if err := part(ctx, tx, s.ID, o, actor); err != nil {
			return err
		}
		if err := ask(ctx, tx, s.Study, []Order{o}, PatientDiffers); err != nil {
			return err
		}
	}
	return nil
}

// part takes a study from an order. One that was not joined with it stays as it is.
func part(ctx context.Context, tx db.Tx, studyID string, o Order, actor string) error {
	res, err := tx.ExecContext(ctx, `DELETE FROM order_studies WHERE study_id = $1 AND order_id = $2`, studyID, o.ID)
	if err != nil {
		return fmt.Errorf("order: part: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if err := audit.Append(ctx, tx, audit.Record{Actor: actor, Action: "order.parted", Object: o.ID, FacilityID: o.FacilityID, Detail: "study " + studyID}); err != nil {
		return fmt.Errorf("order: audit: %w", err)
	}
	return tell(ctx, tx, catalog.Study{ID: studyID, FacilityID: o.FacilityID})
}
