package reports

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Annotating is a saved set of annotations of a workitem.
type Annotating struct {
	Annotations
	Revision int64 // 0: never saved
	ReportID string
	SavedAt  time.Time
}

// OpenAnnotations returns what the holder of a workitem has put on its images.
func OpenAnnotations(ctx context.Context, d *db.DB, p identity.Principal, workitemID string) (Annotating, error) {
	var a Annotating
	err := d.View(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		if _, err = hold(ctx, tx, p, workitemID); err != nil {
			return err
		}
		a, err = readAnnotations(ctx, tx, workitemID)
		return err
	})
	return a, err
}

// SaveAnnotations keeps a set whose revision is the one it was read with and
// returns the next. ErrStale when another window saved first.
func SaveAnnotations(ctx context.Context, d *db.DB, p identity.Principal, workitemID string, revision int64, a Annotations) (Annotating, error) {
	saved := Annotating{Annotations: a, Revision: revision + 1}
	if err := a.check(); err != nil {
		return saved, err
	}
	body, err := json.Marshal(a)
	if err != nil {
		return saved, fmt.Errorf("reports: annotations: %w", err)
	}
	err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		item, err := hold(ctx, tx, p, workitemID)
		if err != nil {
			return err
		}
		saved.SavedAt = db.Now()
		var res sql.Result
		if revision == 0 {
			res, err = tx.ExecContext(ctx, `INSERT INTO annotations (workitem_id, study_id, revision, body, saved_at)
 VALUES ($1, $2, 1, $3, $4) ON CONFLICT (workitem_id) DO NOTHING`, workitemID, item.StudyID, string(body), db.Micros(saved.SavedAt))
		} else {
			res, err = tx.ExecContext(ctx, `UPDATE annotations SET revision = $1, body = $2, saved_at = $3
 WHERE workitem_id = $4 AND revision = $5 AND report_id = ''`, saved.Revision, string(body), db.Micros(saved.SavedAt), workitemID, revision)
		}
		return changedOne(res, err)
	})
	return saved, err
}

// SignedAnnotations lists the sets that were signed with versions of a study's
// report, within scope, oldest first.
func SignedAnnotations(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string) ([]Annotating, error) {
	cond, args := scope.SharedFilter(identity.SharedReports, 2)
	rows, err := tx.QueryContext(ctx, `SELECT a.revision, a.body, a.report_id, a.saved_at FROM annotations a JOIN studies ON studies.id = a.study_id
 WHERE a.study_id = $1 AND a.report_id <> '' AND `+cond+` ORDER BY a.saved_at`, append([]any{studyID}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("reports: annotations: %w", err)
	}
	defer rows.Close()
	var out []Annotating
	for rows.Next() {
		a, err := scanAnnotations(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

func readAnnotations(ctx context.Context, tx db.Tx, workitemID string) (Annotating, error) {
	a, err := scanAnnotations(tx.QueryRowContext(ctx, `SELECT revision, body, report_id, saved_at FROM annotations WHERE workitem_id = $1`, workitemID))
	if errors.Is(err, sql.ErrNoRows) {
		return Annotating{}, nil
	}
	return a, err
}

func scanAnnotations(row interface{ Scan(...any) error }) (a Annotating, err error) {
	var body string
	var at int64
	if err := row.Scan(&a.Revision, &body, &a.ReportID, &at); err != nil {
		return a, fmt.Errorf("reports: annotations: %w", err)
	}
	a.SavedAt = db.FromMicros(at)
	if err := json.Unmarshal([]byte(body), &a.Annotations); err != nil {
		return a, fmt.Errorf("reports: annotations: %w", err)
	}
	return a, nil
}

// sealAnnotations ends the changes of a set: it stands with its report.
func sealAnnotations(ctx context.Context, tx db.Tx, r *Report) error {
	if _, err := tx.ExecContext(ctx, `UPDATE annotations SET report_id = $1 WHERE workitem_id = $2`, r.ID, r.WorkitemID); err != nil {
		return fmt.Errorf("reports: annotations: %w", err)
	}
	return nil
}
