package reports

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/reports/template"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// MaxText bounds one section, in bytes: some eighty printed pages.
const MaxText = 256 << 10

// DefaultLanguage is what reports are written in unless the reader chooses.
const DefaultLanguage = "ja"

// Sections are the texts a reader writes. Addendum is for addenda only, Reason
// for corrections and retractions.
type Sections struct {
	History        string `json:"history,omitempty"`
	Technique      string `json:"technique,omitempty"`
	Comparison     string `json:"comparison,omitempty"`
	Findings       string `json:"findings"`
	Impression     string `json:"impression"`
	Recommendation string `json:"recommendation"`
	Addendum       string `json:"addendum,omitempty"`
	Reason         string `json:"reason,omitempty"`
}

// each calls fn for every section with its name and code.
func (s *Sections) each(fn func(name, code string, text *string)) {
	fn("reason", CodeReason, &s.Reason)
	fn("history", CodeHistory, &s.History)
	fn("technique", CodeTechnique, &s.Technique)
	fn("comparison", CodeComparison, &s.Comparison)
	fn("findings", CodeFindings, &s.Findings)
	fn("impression", CodeImpression, &s.Impression)
	fn("recommendation", CodeRecommendation, &s.Recommendation)
	fn("addendum", CodeAddendum, &s.Addendum)
}

// Draft is a report being written.
type Draft struct {
	WorkitemID string
	Revision   int64 // 0: never saved
	Language   string
	Template   string // what the text began from
	Sections   Sections
	Marks      Marks
	Answers    Answers
	SavedAt    time.Time // zero: never saved
}

// Answers are what was chosen in the fields of the draft's template, by item.
// They help who goes on writing; the text is the report, and they end with the
// draft.
type Answers map[string][]string

func (a Answers) check() error {
	n := 0
	for item, list := range a {
		n += len(item)
		for _, v := range list {
			n += len(v) + 1
		}
	}
	if len(a) > template.MaxItems || n > maxAnswers {
		return ErrMarks
	}
	return nil
}

const maxAnswers = 64 << 10 // bytes

// hold reads the workitem within the principal's scope and makes sure that they
// hold it.
func hold(ctx context.Context, tx db.Tx, p identity.Principal, workitemID string) (worklist.Entry, error) {
	w, err := worklist.Get(ctx, tx, p.Scope().Unveiled(), workitemID)
	switch {
	case err != nil:
		return w, err
	case w.State == worklist.Scheduled:
		return w, worklist.ErrNotInProgress
	case w.State != worklist.InProgress:
		return w, worklist.ErrFinal
	case w.ClaimedBy != p.UserID:
		return w, worklist.ErrNotHolder
	}
	return w, nil
}

// OpenDraft returns the draft of a workitem the principal holds. One that was
// never saved is empty: the normal findings of a template that nobody chose must
// not stand in a report that somebody may sign. Who verifies, agrees or corrects
// begins from the text that was signed, saved as revision 1.
func OpenDraft(ctx context.Context, d *db.DB, p identity.Principal, workitemID string) (Draft, error) {
	var draft Draft
	begin := false
	err := d.View(ctx, func(ctx context.Context, tx db.Tx) error {
		item, err := hold(ctx, tx, p, workitemID)
		if err != nil {
			return err
		}
		if draft, err = readDraft(ctx, tx, workitemID); err != nil || draft.Revision > 0 {
			return err
		}
		draft = Draft{WorkitemID: workitemID, Language: DefaultLanguage}
		switch item.Purpose {
		case worklist.Verification, worklist.Consensus, worklist.Correction:
			before, err := newest(ctx, tx, item.StudyID)
			if err != nil || before == nil {
				return err
			}
			draft.Language, draft.Sections, draft.Marks = before.Language, sectionsOf(before), before.Marks.carried()
			begin = true
		}
		return nil
	})
	if err != nil || !begin {
		return draft, err
	}
	return SaveDraft(ctx, d, p, draft)
}

// sectionsOf is the text of a signed version, to go on from.
func sectionsOf(r *Report) Sections {
	var out Sections
	for _, s := range r.Sections {
		out.each(func(_, code string, text *string) {
			switch {
			case code != s.Code || code == CodeReason:
			case *text == "":
				*text = s.Text
			default:
				*text += "\n" + s.Text
			}
		})
	}
	return out
}

// SaveDraft saves a draft whose Revision is the one it was read with and returns
// it with the next. ErrStale when another save came first.
func SaveDraft(ctx context.Context, d *db.DB, p identity.Principal, draft Draft) (Draft, error) {
	if draft.Language == "" {
		draft.Language = DefaultLanguage
	}
	if draft.Language != "ja" && draft.Language != "en" {
		return draft, ErrLanguage
	}
	if len(draft.Template) > 64 {
		draft.Template = ""
	}
	tooLong := false
	draft.Sections.each(func(_, _ string, text *string) {
		tooLong = tooLong || len(*text) > MaxText
	})
	if tooLong {
		return draft, ErrTooLong
	}
	draft.Marks.Coded = nil // of signatures only
	if err := errors.Join(draft.Marks.check(), draft.Answers.check()); err != nil {
		return draft, err
	}
	if draft.Answers == nil {
		draft.Answers = Answers{}
	}
	body, err := json.Marshal(draft.Sections)
	if err != nil {
		return draft, fmt.Errorf("reports: draft: %w", err)
	}
	marks, err := json.Marshal(draft.Marks)
	if err != nil {
		return draft, fmt.Errorf("reports: draft: %w", err)
	}
	answers, err := json.Marshal(draft.Answers)
	if err != nil {
		return draft, fmt.Errorf("reports: draft: %w", err)
	}
	saved := draft
	err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if _, err := hold(ctx, tx, p, draft.WorkitemID); err != nil {
			return err
		}
		saved.SavedAt, saved.Revision = db.Now(), draft.Revision+1
		var res sql.Result
		if draft.Revision == 0 {
			res, err = tx.ExecContext(ctx, `INSERT INTO drafts (workitem_id, reader_id, revision, language, template, sections, saved_at, marks, answers)
 VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8) ON CONFLICT (workitem_id) DO NOTHING`,
				draft.WorkitemID, p.UserID, draft.Language, draft.Template, string(body), db.Micros(saved.SavedAt), string(marks), string(answers))
		} else {
			res, err = tx.ExecContext(ctx, `UPDATE drafts SET reader_id = $1, revision = $2, language = $3, template = $4, sections = $5, saved_at = $6, marks = $7, answers = $8
 WHERE workitem_id = $9 AND revision = $10`,
				p.UserID, saved.Revision, draft.Language, draft.Template, string(body), db.Micros(saved.SavedAt),
				string(marks), string(answers), draft.WorkitemID, draft.Revision)
		}
		return changedOne(res, err)
	})
	if err != nil {
		return draft, err
	}
	return saved, nil
}

// Held is the item that a principal holds, for those who help with its report.
func Held(ctx context.Context, tx db.Tx, p identity.Principal, workitemID string) (worklist.Entry, error) {
	return hold(ctx, tx, p, workitemID)
}

// changedOne turns "no row met the condition" into ErrStale.
func changedOne(res sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("reports: save draft: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("reports: save draft: %w", err)
	}
	if n != 1 {
		return ErrStale
	}
	return nil
}

// HasDraft says for which workitems something was written. It is for lists that show
// how far a report is; the text itself is its holder's alone.
func HasDraft(ctx context.Context, tx db.Tx, workitemIDs ...string) (map[string]bool, error) {
	in, args := db.In(workitemIDs)
	rows, err := tx.QueryContext(ctx, `SELECT workitem_id FROM drafts WHERE revision > 0 AND workitem_id IN `+in, args...)
	if err != nil {
		return nil, fmt.Errorf("reports: drafts: %w", err)
	}
	defer rows.Close()
	has := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("reports: drafts: %w", err)
		}
		has[id] = true
	}
	return has, rows.Err()
}

// readDraft returns a draft with Revision 0 when there is none.
func readDraft(ctx context.Context, tx db.Tx, workitemID string) (Draft, error) {
	d := Draft{WorkitemID: workitemID}
	var body, marks, answers string
	var at int64
	err := tx.QueryRowContext(ctx, `SELECT revision, language, template, sections, saved_at, marks, answers FROM drafts WHERE workitem_id = $1`, workitemID).
		Scan(&d.Revision, &d.Language, &d.Template, &body, &at, &marks, &answers)
	if errors.Is(err, sql.ErrNoRows) {
		return Draft{WorkitemID: workitemID}, nil
	}
	if err != nil {
		return d, fmt.Errorf("reports: read draft: %w", err)
	}
	d.SavedAt = db.FromMicros(at)
	if err := json.Unmarshal([]byte(answers), &d.Answers); err != nil {
		return d, fmt.Errorf("reports: read draft: %w", err)
	}
	if err := json.Unmarshal([]byte(marks), &d.Marks); err != nil {
		return d, fmt.Errorf("reports: read draft: %w", err)
	}
	if err := json.Unmarshal([]byte(body), &d.Sections); err != nil {
		return d, fmt.Errorf("reports: read draft: %w", err)
	}
	return d, nil
}
