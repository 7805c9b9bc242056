package catalog

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// ErrCursor: the cursor was not made by this list.
var ErrCursor = errors.New("catalog: invalid cursor")

// PageMax bounds one page of a list.
const PageMax = 200

// StudyQuery selects studies. Zero fields select everything.
type StudyQuery struct {
	State      StudyState
	Text       string // words of name, patient ID, accession number, description, request
	From, To   string // Study Date, inclusive, DA
	Modality   string
	FacilityID string
	PatientRef string
	Person     string    // patients.id: of that patient, or of one linked with it
	Since      time.Time // first arrival at or after
	Cursor     string    // next of the page before
	Limit      int       // 1 … PageMax; 50 when 0
}

// Studies lists the studies within scope, newest arrival first. next is "" at the
// end.
func Studies(ctx context.Context, tx db.Tx, scope identity.Scope, q StudyQuery) (page []Study, next string, err error) {
	cond, args := scope.SharedFilter(identity.SharedStudies, 1)
	w := Where{Args: args, Conds: []string{cond}}
	if err := q.where(&w); err != nil {
		return nil, "", err
	}
	if err := w.AddText(ctx, tx, scope, q.Text); err != nil {
		return nil, "", err
	}
	limit := q.Limit
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, PageMax)
	rows, err := tx.QueryContext(ctx, `SELECT `+StudyColumns+` FROM `+StudyTables+` WHERE `+w.String()+`
		ORDER BY studies.first_arrival DESC, studies.id DESC LIMIT `+strconv.Itoa(limit+1), w.Args...)
	if err != nil {
		return nil, "", fmt.Errorf("catalog: list studies: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		s, err := scoped(scope, rows)
		if err != nil {
			return nil, "", err
		}
		page = append(page, s)
	}
	if err := rows.Err(); err != nil {
		return nil, "", fmt.Errorf("catalog: list studies: %w", err)
	}
	if len(page) > limit {
		page = page[:limit]
		last := page[limit-1]
		next = Cursor(db.Micros(last.FirstArrival), last.ID)
	}
	return page, next, nil
}

func (q StudyQuery) where(w *Where) error {
	if q.State != "" {
		w.Add("studies.state = ?", string(q.State))
	}
	if q.From != "" {
		w.Add("studies.study_date >= ?", q.From)
	}
	if q.To != "" {
		w.Add("studies.study_date <= ?", q.To)
	}
	if q.Modality != "" {
		w.Add(`? IN (SELECT series.modality FROM series WHERE series.study_id = studies.id)`, q.Modality)
	}
	if q.FacilityID != "" {
		w.Add("studies.facility_id = ?", q.FacilityID)
	}
	if q.PatientRef != "" {
		w.Add("studies.patient_ref = ?", q.PatientRef)
	}
	if q.Person != "" {
		w.Add("(studies.patient_ref = ? OR studies.patient_ref IN (SELECT other_ref FROM linked_patients WHERE patient_ref = ?))", q.Person, q.Person)
	}
	if !q.Since.IsZero() {
		w.Add("studies.first_arrival >= ?", db.Micros(q.Since))
	}
	if q.Cursor != "" {
		at, id, err := ParseCursor(q.Cursor)
		if err != nil {
			return err
		}
		w.Add("(studies.first_arrival, studies.id) < (?, ?)", at, id)
	}
	return nil
}

// Where collects conditions and numbers their placeholders.
type Where struct {
	Conds []string
	Args  []any
}

// Add takes a condition with one ? per value.
func (w *Where) Add(cond string, values ...any) {
	for _, v := range values {
		w.Args = append(w.Args, v)
		cond = strings.Replace(cond, "?", "$"+strconv.Itoa(len(w.Args)), 1)
	}
	w.Conds = append(w.Conds, cond)
}

func (w *Where) String() string {
	if len(w.Conds) == 0 {
		return "1 = 1"
	}
	return strings.Join(w.Conds, " AND ")
}

// Cursor encodes the key of the last row of a page: a number and an ID. It holds
// nothing about a patient.
func Cursor(n int64, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(n, 36) + "." + id))
}

// ParseCursor is the inverse of Cursor.
func ParseCursor(c string) (n int64, id string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(c)
	if err != nil || len(b) > 64 {
		return 0, "", ErrCursor
	}
	num, id, found := strings.Cut(string(b), ".")
	n, err = strconv.ParseInt(num, 36, 64)
	if err != nil || !found || !db.ValidID(id) {
		return 0, "", ErrCursor
	}
	return n, id, nil
}
