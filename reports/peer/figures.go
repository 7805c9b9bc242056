package peer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Outcome is what a hospital has told about the patient of a report.
type Outcome struct {
	ID, ReportID, StudyID string
	AuthorID              string
	Agrees                string // confirmed, differs, unclear
	Text                  string
	By                    string
	At                    time.Time
}

// Tell keeps what a hospital knows about the patient of one of its reports, for
// the reader who signed it.
func Tell(ctx context.Context, tx db.Tx, p identity.Principal, reportID, agrees, text string) error {
	text = strings.TrimSpace(text)
	if !slices.Contains([]string{"confirmed", "differs", "unclear"}, agrees) || utf8.RuneCountInString(text) > maxNote || text == "" && agrees != "confirmed" {
		return ErrScore
	}
	cond, args := p.Scope().StudyFilter(2)
	var studyID, authorID string
	err := tx.QueryRowContext(ctx, `SELECT reports.study_id, reports.author_id FROM reports JOIN studies ON studies.id = reports.study_id WHERE reports.id = $1 AND `+cond,
		append([]any{reportID}, args...)...).Scan(&studyID, &authorID)
	if err != nil {
		return ErrNotFound
	}
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM outcomes WHERE report_id = $1`, reportID).Scan(&n); err != nil {
		return fmt.Errorf("peer: outcome: %w", err)
	}
	if n >= maxRules {
		return fmt.Errorf("%w: there are %d of this report already", ErrScore, n)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO outcomes (id, report_id, author_id, agrees, text, by_user, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		db.NewID(), reportID, authorID, agrees, text, p.UserID, db.Micros(db.Now()))
	if err != nil {
		return fmt.Errorf("peer: outcome: %w", err)
	}
	return tell(ctx, tx, EventOutcome, studyID, reportID, p.UserID)
}

// OutcomesOf lists what was told of the reports of a reader, of everybody's for "",
// the newest first.
func OutcomesOf(ctx context.Context, tx db.Tx, authorID string) ([]Outcome, error) {
	return outcomes(ctx, tx, `($1 = '' OR o.author_id = $1) ORDER BY o.at DESC LIMIT 200`, authorID)
}

// OutcomesOfReport lists what was told of one report, within scope.
func OutcomesOfReport(ctx context.Context, tx db.Tx, scope identity.Scope, reportID string) ([]Outcome, error) {
	cond, args := scope.StudyFilter(2)
	return outcomes(ctx, tx, `o.report_id = $1 AND `+cond+` ORDER BY o.at LIMIT 200`, append([]any{reportID}, args...)...)
}

func outcomes(ctx context.Context, tx db.Tx, where string, args ...any) ([]Outcome, error) {
	rows, err := tx.QueryContext(ctx, `SELECT o.id, o.report_id, reports.study_id, o.author_id, o.agrees, o.text, o.by_user, o.at
 FROM outcomes o JOIN reports ON reports.id = o.report_id JOIN studies ON studies.id = reports.study_id WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("peer: outcomes: %w", err)
	}
	defer rows.Close()
	var out []Outcome
	for rows.Next() {
		var o Outcome
		var at int64
		if err := rows.Scan(&o.ID, &o.ReportID, &o.StudyID, &o.AuthorID, &o.Agrees, &o.Text, &o.By, &at); err != nil {
			return nil, fmt.Errorf("peer: outcomes: %w", err)
		}
		o.At = db.FromMicros(at)
		out = append(out, o)
	}
	return out, rows.Err()
}

// Figure are the numbers of one reader.
type Figure struct {
	ReaderID  string
	Reports   int           // signed, of any kind
	Chosen    int           // for a second look
	Scores    map[Score]int // of those that were looked at
	Confirmed int           // outcomes
	Differs   int
}

// Figures are the numbers since a moment, of one reader or of all for "".
func Figures(ctx context.Context, tx db.Tx, readerID string, since time.Time) ([]Figure, error) {
	by := map[string]*Figure{}
	count := func(query string, add func(f *Figure, what string, n int)) error {
		rows, err := tx.QueryContext(ctx, query, readerID, db.Micros(since))
		if err != nil {
			return fmt.Errorf("peer: figures: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var who, what string
			var n int
			if err := rows.Scan(&who, &what, &n); err != nil {
				return fmt.Errorf("peer: figures: %w", err)
			}
			if by[who] == nil {
				by[who] = &Figure{ReaderID: who, Scores: map[Score]int{}}
			}
			add(by[who], what, n)
		}
		return rows.Err()
	}
	err := count(`SELECT author_id, '', COUNT(*) FROM reports WHERE ($1 = '' OR author_id = $1) AND signed_at >= $2 GROUP BY author_id`,
		func(f *Figure, _ string, n int) { f.Reports = n })
	if err == nil {
		err = count(`SELECT reader_id, score, COUNT(*) FROM peer_reviews WHERE ($1 = '' OR reader_id = $1) AND created_at >= $2 GROUP BY reader_id, score`,
			func(f *Figure, score string, n int) {
				f.Chosen += n
				if score != "" {
					f.Scores[Score(score)] = n
				}
			})
	}
	if err == nil {
		err = count(`SELECT author_id, agrees, COUNT(*) FROM outcomes WHERE ($1 = '' OR author_id = $1) AND at >= $2 GROUP BY author_id, agrees`,
			func(f *Figure, agrees string, n int) {
				switch agrees {
				case "confirmed":
					f.Confirmed = n
				case "differs":
					f.Differs = n
				}
			})
	}
	if err != nil {
		return nil, err
	}
	out := make([]Figure, 0, len(by))
	for _, f := range by {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b Figure) int { return strings.Compare(a.ReaderID, b.ReaderID) })
	return out, nil
}
