package archive

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// ErrCursor says that a cursor was not made by this list.
var ErrCursor = errors.New("archive: the cursor does not belong to this list")

// Query says which reports are looked for; a zero field asks for nothing.
type Query struct {
	Text       string // every word or phrase between blanks
	Code       string // LOINC of the title, of a measurement, a finding, its site or side
	Modality   string
	Kind       reports.Kind
	FacilityID string
	AuthorID   string
	From, To   time.Time // signed at or after, before
	Teaching   bool
	Critical   bool
	Cursor     string
	Limit      int // 0: 50
}

const (
	pageSize = 50
	pageMax  = 200
	// A phrase of common pairs may stand in none of many reports that have them:
	// one search reads so many, and says where it goes on.
	readMax = 2000
)

// Index writes the words of a version, in the transaction that signs it.
func Index(ctx context.Context, tx db.Tx, r *reports.Report) error {
	for _, w := range indexed(r) {
		if _, err := tx.ExecContext(ctx, `INSERT INTO report_words (word, report_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, w, r.ID); err != nil {
			return fmt.Errorf("archive: index: %w", err)
		}
	}
	return nil
}

// IndexOlder makes reports findable that an older version of the program signed,
// some at a time. It is for the start and writes nothing when there is nothing to do.
func IndexOlder(ctx context.Context, d *db.DB) (done int, err error) {
	for {
		var ids []string
		rows, err := d.Read(ctx).QueryContext(ctx, `SELECT id FROM reports WHERE NOT EXISTS (SELECT 1 FROM report_words w WHERE w.report_id = reports.id) ORDER BY id LIMIT 100`)
		if err != nil {
			return done, fmt.Errorf("archive: index: %w", err)
		}
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				_ = rows.Close()
				return done, fmt.Errorf("archive: index: %w", err)
			}
			ids = append(ids, id)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil || len(ids) == 0 {
			return done, err
		}
		err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			for _, id := range ids {
				r, err := reports.ByID(ctx, tx, identity.Everything(), id)
				if err == nil {
					err = Index(ctx, tx, r)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return done, err
		}
		done += len(ids)
	}
}

// Search lists the newest versions in scope that fit, the last signed first. next
// continues after them; "" says that there is nothing more.
func Search(ctx context.Context, tx db.Tx, scope identity.Scope, q Query) (found []*reports.Report, next string, err error) {
	if q.Limit <= 0 {
		q.Limit = pageSize
	}
	q.Limit = min(q.Limit, pageMax)
	asked := phrases(q.Text)
	read := 0
	for {
		ids, at, err := page(ctx, tx, scope, q)
		if err != nil {
			return nil, "", err
		}
		for n, id := range ids {
			r, err := reports.ByID(ctx, tx, scope, id)
			if err != nil {
				return nil, "", err
			}
			read++
			if !holds(textOf(r), asked) {
				continue
			}
			found = append(found, r)
			if len(found) == q.Limit {
				if n+1 < len(ids) || len(ids) == pageSize {
					next = at[n]
				}
				return found, next, nil
			}
		}
		if len(ids) < pageSize {
			return found, "", nil
		}
		q.Cursor = at[len(at)-1]
		if read >= readMax {
			return found, q.Cursor, nil
		}
	}
}

// page is one step of the walk: reports that have all words of the index.
func page(ctx context.Context, tx db.Tx, scope identity.Scope, q Query) (ids, at []string, err error) {
	var args []any
	where := []string{`NOT EXISTS (SELECT 1 FROM reports n WHERE n.study_id = reports.study_id AND n.version > reports.version)`}
	add := func(cond string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			cond = strings.Replace(cond, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		where = append(where, cond)
	}
	has := func(word string) {
		add(`EXISTS (SELECT 1 FROM report_words w WHERE w.word = ? AND w.report_id = reports.id)`, word)
	}
	asked := words(q.Text)
	if len(asked) == 0 && strings.TrimSpace(q.Text) != "" {
		return nil, nil, nil // punctuation is in no word
	}
	for _, w := range asked[:min(len(asked), maxAsked)] {
		// A word of letters may be the beginning of one; a pair stands as it is.
		if r := []rune(w); len(r) != 2 || r[0] < 0x2E80 {
			add(`EXISTS (SELECT 1 FROM report_words w WHERE w.word >= ? AND w.word < ? AND w.report_id = reports.id)`, w, w+"\U0010FFFF")
			continue
		}
		has(w)
	}
	for _, x := range [][2]string{{"code", q.Code}, {"modality", q.Modality}, {"kind", string(q.Kind)}} {
		if name, value := x[0], x[1]; value != "" {
			has(name + "=" + strings.ToLower(value))
		}
	}
	if q.Teaching {
		has("teaching=yes")
	}
	if q.Critical {
		add(`EXISTS (SELECT 1 FROM report_words w WHERE w.word >= ? AND w.word < ? AND w.report_id = reports.id)`, "critical=", "critical>")
	}
	if q.FacilityID != "" {
		add(`reports.facility_id = ?`, q.FacilityID)
	}
	if q.AuthorID != "" {
		add(`reports.author_id = ?`, q.AuthorID)
	}
	if !q.From.IsZero() {
		add(`reports.signed_at >= ?`, db.Micros(q.From))
	}
	if !q.To.IsZero() {
		add(`reports.signed_at < ?`, db.Micros(q.To))
	}
	if q.Cursor != "" {
		signed, id, err := parseCursor(q.Cursor)
		if err != nil {
			return nil, nil, err
		}
		add(`(reports.signed_at < ? OR reports.signed_at = ? AND reports.id < ?)`, signed, signed, id)
	}
	cond, more := scope.StudyFilter(len(args) + 1)
	args = append(args, more...)
	rows, err := tx.QueryContext(ctx, `SELECT reports.id, reports.signed_at FROM reports JOIN studies ON studies.id = reports.study_id
 WHERE `+strings.Join(where, " AND ")+` AND `+cond+` ORDER BY reports.signed_at DESC, reports.id DESC LIMIT `+strconv.Itoa(pageSize), args...)
	if err != nil {
		return nil, nil, fmt.Errorf("archive: search: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var signed int64
		if err := rows.Scan(&id, &signed); err != nil {
			return nil, nil, fmt.Errorf("archive: search: %w", err)
		}
		ids, at = append(ids, id), append(at, base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", signed, id)))
	}
	return ids, at, rows.Err()
}

func parseCursor(c string) (signed int64, id string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(c)
	if err != nil {
		return 0, "", ErrCursor
	}
	at, id, ok := strings.Cut(string(raw), " ")
	if signed, err = strconv.ParseInt(at, 10, 64); err != nil || !ok || !db.ValidID(id) {
		return 0, "", ErrCursor
	}
	return signed, id, nil
}
