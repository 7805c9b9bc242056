package reports

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/reports/lint"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// LintError refuses a signature: rules of reports/lint ask about something, and
// the reader has neither changed it nor said why it stands.
type LintError struct{ Findings []lint.Finding }

func (e *LintError) Error() string {
	rules := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		rules[i] = f.Rule
	}
	return "reports: rules ask about the report: " + strings.Join(rules, " ")
}

// Lint is what the rules say of a text that the principal is writing. Nothing is
// saved.
func Lint(ctx context.Context, d *db.DB, p identity.Principal, draft Draft) (found []lint.Finding, err error) {
	err = d.View(ctx, func(ctx context.Context, tx db.Tx) error {
		item, err := hold(ctx, tx, p, draft.WorkitemID)
		if err != nil {
			return err
		}
		previous, err := newest(ctx, tx, item.StudyID)
		if err != nil {
			return err
		}
		found, err = review(ctx, tx, item, draft, kindOf(item.Workitem, previous, false, 1))
		return err
	})
	return found, err
}

// review asks the rules about a draft of a kind.
func review(ctx context.Context, tx db.Tx, item worklist.Entry, draft Draft, kind Kind) ([]lint.Finding, error) {
	if kind == Retraction {
		return nil, nil
	}
	st := item.Study
	r := lint.Report{
		Sections: map[string]string{}, Whole: kind != Addendum, Request: CleanText(st.RequestText), Modalities: st.Modalities,
		BodyPart: st.BodyPart, Sex: st.Patient.Sex, Critical: draft.Marks.Critical != nil,
	}
	draft.Sections.each(func(name, _ string, text *string) { r.Sections[name] = CleanText(*text) })
	for _, f := range draft.Marks.Figures {
		r.Figures = append(r.Figures, f.Number)
	}
	marked, err := readAnnotations(ctx, tx, item.ID)
	if err != nil {
		return nil, err
	}
	for _, k := range marked.Keys {
		r.Figures = append(r.Figures, k.Number)
	}
	if r.Priors, err = priors(ctx, tx, st); err != nil {
		return nil, err
	}
	if r.Laterality, err = laterality(ctx, tx, st.ID); err != nil {
		return nil, err
	}
	return lint.Check(r), nil
}

// priors counts the earlier studies of the same patient at the same hospital.
func priors(ctx context.Context, tx db.Tx, st catalog.Study) (n int, err error) {
	err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM studies WHERE patient_ref = $1 AND id <> $2 AND study_date <> '' AND study_date < $3`,
		st.PatientRef, st.ID, st.StudyDate).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("reports: earlier studies: %w", err)
	}
	return n, nil
}

// laterality is the side all series of the hospital agree on: R, L, or nothing.
func laterality(ctx context.Context, tx db.Tx, studyID string) (string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT DISTINCT laterality FROM series WHERE study_id = $1 AND origin = 'received'`, studyID)
	if err != nil {
		return "", fmt.Errorf("reports: laterality: %w", err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return "", fmt.Errorf("reports: laterality: %w", err)
		}
		all = append(all, s)
	}
	if len(all) != 1 {
		return "", rows.Err()
	}
	return all[0], rows.Err()
}

// standing are the findings that no override of the draft speaks to.
func standing(found []lint.Finding, overrides []Override) []lint.Finding {
	return slices.DeleteFunc(slices.Clone(found), func(f lint.Finding) bool {
		return slices.ContainsFunc(overrides, func(o Override) bool {
			return o.Rule == f.Rule && o.Quote == f.Quote && strings.TrimSpace(o.Reason) != ""
		})
	})
}

// needed are the overrides that speak to a finding.
func needed(overrides []Override, found []lint.Finding) []Override {
	return slices.DeleteFunc(slices.Clone(overrides), func(o Override) bool {
		return !slices.ContainsFunc(found, func(f lint.Finding) bool { return o.Rule == f.Rule && o.Quote == f.Quote })
	})
}

// overridden names the overridden rules for the audit trail, without a word of
// the report.
func overridden(overrides []Override) string {
	if len(overrides) == 0 {
		return ""
	}
	rules := make([]string, len(overrides))
	for i, o := range overrides {
		rules[i] = o.Rule
	}
	return " overriding " + strings.Join(rules, ",")
}
