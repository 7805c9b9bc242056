package peer

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dokuei/dokuei/storage/db"
)

// Errors of this package.
var (
	// ErrNotFound says there is no such review, or none for the caller.
	ErrNotFound = errors.New("peer: not found")
	// ErrScore says that a score, outcome or rule is not one of ours.
	ErrScore = errors.New("peer: no such score")
	// ErrDone says that the review was written before.
	ErrDone = errors.New("peer: the review is written")
)

// EventOutcome is appended when a hospital has told what became of the patient.
// Event.Ref is the report.
const EventOutcome = "report.outcome"

// Rule chooses so many of a hundred of the reports that fit it.
type Rule struct {
	ID       string
	PanelID  string // "": every panel
	Modality string
	Words    []string // one of them stands in the impression; none: any
	Percent  int
}

// Signed is a report that may be chosen.
type Signed struct {
	ReportID, StudyID, PanelID, ReaderID string
	Modalities                           []string
	Impression                           string
	At                                   time.Time
}

func (r Rule) fits(s Signed) bool {
	return (r.PanelID == "" || r.PanelID == s.PanelID) &&
		(r.Modality == "" || slices.Contains(s.Modalities, r.Modality)) &&
		(len(r.Words) == 0 || slices.ContainsFunc(r.Words, func(w string) bool { return strings.Contains(strings.ToLower(s.Impression), strings.ToLower(w)) }))
}

// draw is a number from 0 to 99 that follows from the report.
func draw(reportID string) int {
	sum := sha256.Sum256([]byte("dokuei-peer " + reportID))
	return int(binary.BigEndian.Uint64(sum[:8]) % 100)
}

// Choose puts a report on the list of second looks when a rule draws it, in the
// transaction that signs it.
func Choose(ctx context.Context, tx db.Tx, s Signed) error {
	rules, err := Rules(ctx, tx)
	if err != nil {
		return err
	}
	n, why := draw(s.ReportID), ""
	for _, r := range rules {
		if !r.fits(s) || n >= r.Percent {
			continue
		}
		if why == "" {
			why = "random"
		}
		if r.Modality != "" || len(r.Words) > 0 {
			why = "rule"
		}
	}
	if why == "" {
		return nil
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO peer_reviews (id, report_id, study_id, panel_id, reader_id, why, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		db.NewID(), s.ReportID, s.StudyID, s.PanelID, s.ReaderID, why, db.Micros(s.At))
	if err != nil {
		return fmt.Errorf("peer: choose: %w", err)
	}
	return nil
}

// Rules lists the rules.
func Rules(ctx context.Context, tx db.Tx) ([]Rule, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, panel_id, modality, words, percent FROM peer_rules ORDER BY panel_id, modality, id`)
	if err != nil {
		return nil, fmt.Errorf("peer: rules: %w", err)
	}
	defer rows.Close()
	var out []Rule
	for rows.Next() {
		var r Rule
		var words string
		if err := rows.Scan(&r.ID, &r.PanelID, &r.Modality, &words, &r.Percent); err != nil {
			return nil, fmt.Errorf("peer: rules: %w", err)
		}
		r.Words = strings.Fields(words)
		out = append(out, r)
	}
	return out, rows.Err()
}

// maxRules bounds them.
const maxRules = 50

// SetRules puts rules in place of those there are.
func SetRules(ctx context.Context, tx db.Tx, rules []Rule) error {
	if len(rules) > maxRules {
		return fmt.Errorf("%w: at most %d rules", ErrScore, maxRules)
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM peer_rules`); err != nil {
		return fmt.Errorf("peer: rules: %w", err)
	}
	for _, r := range rules {
		words := strings.Join(r.Words, " ")
		if r.Percent < 1 || r.Percent > 100 || len(r.Modality) > 16 || len(r.PanelID) > 64 || utf8.RuneCountInString(words) > 500 {
			return fmt.Errorf("%w: a rule chooses 1 to 100 of a hundred", ErrScore)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO peer_rules (id, panel_id, modality, words, percent) VALUES ($1, $2, $3, $4, $5)`,
			db.NewID(), r.PanelID, r.Modality, words, r.Percent); err != nil {
			return fmt.Errorf("peer: rules: %w", err)
		}
	}
	return nil
}
