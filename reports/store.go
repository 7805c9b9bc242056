package reports

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

const columns = `reports.id, reports.study_id, reports.workitem_id, reports.predecessor_id, reports.content_hash, reports.body`

// scanReport reads columns and makes sure that the body is what was signed.
func scanReport(row interface{ Scan(...any) error }) (*Report, error) {
	var r Report
	var body string
	if err := row.Scan(&r.ID, &r.StudyID, &r.WorkitemID, &r.PredecessorID, &r.ContentHash, &body); err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(body))
	if hex.EncodeToString(sum[:]) != r.ContentHash {
		return nil, fmt.Errorf("%w: report %s", ErrCorrupt, r.ID)
	}
	var c canonical
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		return nil, fmt.Errorf("reports: body of %s: %w", r.ID, err)
	}
	at, err := time.Parse(time.RFC3339Nano, c.SignedAt)
	if err != nil || c.ID != r.ID {
		return nil, fmt.Errorf("%w: report %s", ErrCorrupt, r.ID)
	}
	r.Version, r.Kind, r.Language, r.SignedAt = c.Version, c.Kind, c.Language, at
	r.Title = TitleByCode(c.TitleCode, c.TitleCode)
	if c.Marks != nil {
		r.Marks = *c.Marks
	}
	r.Facility, r.Patient, r.Study, r.Sections, r.Author = c.Facility, c.Patient, c.Study, c.Sections, c.Author
	return &r, nil
}

// ByID reads one version with its documents, within scope.
func ByID(ctx context.Context, tx db.Tx, scope identity.Scope, id string) (*Report, error) {
	cond, args := scope.SharedFilter(identity.SharedReports, 2)
	r, err := scanReport(tx.QueryRowContext(ctx, `SELECT `+columns+` FROM reports JOIN studies ON studies.id = reports.study_id
 WHERE reports.id = $1 AND `+cond, append([]any{id}, args...)...))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("reports: read: %w", err)
	}
	return r, readRest(ctx, tx, r)
}

// readRest fills in what stands around a version: the versions before it and
// the objects of both.
func readRest(ctx context.Context, tx db.Tx, r *Report) error {
	if r.Version > 1 {
		rows, err := tx.QueryContext(ctx, `SELECT `+columns+` FROM reports WHERE study_id = $1 AND version < $2 ORDER BY version`, r.StudyID, r.Version)
		if err != nil {
			return fmt.Errorf("reports: earlier versions: %w", err)
		}
		if r.Earlier, err = scanSummaries(rows); err != nil {
			return err
		}
	}
	return readDocuments(ctx, tx, r)
}

// readDocuments fills in the objects of r and of the versions before it.
func readDocuments(ctx context.Context, tx db.Tx, r *Report) error {
	rows, err := tx.QueryContext(ctx, `SELECT reports.version, d.object, d.instance_id, d.sop_class_uid, d.sop_instance_uid, d.series_instance_uid
 FROM report_documents d JOIN reports ON reports.id = d.report_id
 WHERE reports.study_id = $1 AND reports.version <= $2 ORDER BY reports.version, d.object DESC`, r.StudyID, r.Version)
	if err != nil {
		return fmt.Errorf("reports: documents: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var version int
		var d DocumentRef
		if err := rows.Scan(&version, &d.Object, &d.InstanceID, &d.SOPClassUID, &d.SOPInstanceUID, &d.SeriesInstanceUID); err != nil {
			return fmt.Errorf("reports: documents: %w", err)
		}
		if version == r.Version {
			r.Documents = append(r.Documents, d)
		} else {
			r.Predecessors = append(r.Predecessors, d)
		}
	}
	return rows.Err()
}

// Versions lists the versions of a study's report within scope, oldest first.
func Versions(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string) ([]Summary, error) {
	cond, args := scope.SharedFilter(identity.SharedReports, 2)
	rows, err := tx.QueryContext(ctx, `SELECT `+columns+` FROM reports JOIN studies ON studies.id = reports.study_id
 WHERE reports.study_id = $1 AND `+cond+` ORDER BY reports.version`, append([]any{studyID}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("reports: versions: %w", err)
	}
	return scanSummaries(rows)
}

func scanSummaries(rows *sql.Rows) ([]Summary, error) {
	defer rows.Close()
	var out []Summary
	for rows.Next() {
		r, err := scanReport(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r.Summary())
	}
	return out, rows.Err()
}

// newest reads the latest version of a study's report with its documents; nil
// when there is none.
func newest(ctx context.Context, tx db.Tx, studyID string) (*Report, error) {
	r, err := scanReport(tx.QueryRowContext(ctx, `SELECT `+columns+` FROM reports
 WHERE study_id = $1 ORDER BY version DESC LIMIT 1`, studyID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reports: newest version: %w", err)
	}
	return r, readRest(ctx, tx, r)
}

// insert adds a signed version and its documents.
func insert(ctx context.Context, tx db.Tx, r *Report, body []byte) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO reports (id, study_id, facility_id, workitem_id, version, kind, predecessor_id, author_id, signed_at, content_hash, body)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		r.ID, r.StudyID, r.Facility.ID, r.WorkitemID, r.Version, string(r.Kind), r.PredecessorID, r.Author.UserID,
		db.Micros(r.SignedAt), r.ContentHash, string(body))
	if err != nil {
		return fmt.Errorf("reports: insert: %w", err)
	}
	for _, d := range r.Documents {
		_, err := tx.ExecContext(ctx, `INSERT INTO report_documents (report_id, object, instance_id, sop_class_uid, sop_instance_uid, series_instance_uid)
 VALUES ($1, $2, $3, $4, $5, $6)`, r.ID, d.Object, d.InstanceID, d.SOPClassUID, d.SOPInstanceUID, d.SeriesInstanceUID)
		if err != nil {
			return fmt.Errorf("reports: insert document: %w", err)
		}
	}
	return nil
}

// Verify reads every report and calls bad for each whose text is not what was
// signed, whose row tells something else than its text, whose chain of
// predecessors is broken, or of whose signature the audit trail tells another hash:
// text and hash may be changed together, the trail is chained for itself. It returns
// how many were read.
func Verify(ctx context.Context, tx db.Tx, bad func(id string, err error)) (int, error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+columns+`, reports.version, reports.kind, reports.author_id, reports.signed_at, COALESCE(p.content_hash, ''),
 COALESCE((SELECT MAX(a.detail) FROM audit a WHERE a.object = reports.id AND a.action = 'report.signed'), '') FROM reports
 LEFT JOIN reports p ON p.id = reports.predecessor_id ORDER BY reports.study_id, reports.version`)
	if err != nil {
		return 0, fmt.Errorf("reports: verify: %w", err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
		var id, studyID, workitemID, predecessorID, hash, body, kind, author, before, trail string
		var version, signed int64
		if err := rows.Scan(&id, &studyID, &workitemID, &predecessorID, &hash, &body, &version, &kind, &author, &signed, &before, &trail); err != nil {
			return n, fmt.Errorf("reports: verify: %w", err)
		}
		sum := sha256.Sum256([]byte(body))
		var c canonical
		switch {
		case hex.EncodeToString(sum[:]) != hash:
			bad(id, ErrCorrupt)
		case json.Unmarshal([]byte(body), &c) != nil || c.ID != id:
			bad(id, ErrCorrupt)
		case c.Version != int(version), string(c.Kind) != kind, c.Author.UserID != author,
			c.SignedAt != db.FromMicros(signed).Format(time.RFC3339Nano):
			bad(id, fmt.Errorf("%w: its row tells another version, kind, author or time", ErrCorrupt))
		case c.Predecessor != before:
			bad(id, fmt.Errorf("%w: predecessor", ErrCorrupt))
		case trail != "" && !strings.Contains(trail, " sha256 "+hash): // "": archived with its years
			bad(id, fmt.Errorf("%w: the audit trail tells of another text", ErrCorrupt))
		}
	}
	return n, rows.Err()
}

// Head is the latest version of a study's report.
type Head struct {
	ID   string
	Kind Kind
}

// Newest tells the latest versions of the reports of studies within scope, by study, for
// lists. A study of which nothing was signed is not among them.
func Newest(ctx context.Context, tx db.Tx, scope identity.Scope, studyIDs ...string) (map[string]Head, error) {
	in, args := db.In(studyIDs)
	cond, more := scope.SharedFilter(identity.SharedReports, len(args)+1)
	// The condition is hidden from the planner, which would begin with what a hospital has.
	rows, err := tx.QueryContext(ctx, `SELECT reports.study_id, reports.id, reports.kind FROM reports JOIN studies ON studies.id = reports.study_id
 WHERE reports.study_id IN `+in+` AND CASE WHEN `+cond+` THEN 1 ELSE 0 END = 1 ORDER BY reports.version`, append(args, more...)...)
	if err != nil {
		return nil, fmt.Errorf("reports: newest: %w", err)
	}
	defer rows.Close()
	newest := map[string]Head{}
	for rows.Next() {
		var study string
		var h Head
		if err := rows.Scan(&study, &h.ID, &h.Kind); err != nil {
			return nil, fmt.Errorf("reports: newest: %w", err)
		}
		newest[study] = h
	}
	return newest, rows.Err()
}
