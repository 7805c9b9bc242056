package assist

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/dokuei/dokuei/storage/db"
)

// Given is a text that an engine gave for an item.
type Given struct{ Kind, Source, Text string }

// Keep writes a text down before the page has it.
func Keep(ctx context.Context, tx db.Tx, workitemID, userID string, g Given) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO assists (id, workitem_id, user_id, kind, source, text, at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		db.NewID(), workitemID, userID, g.Kind, g.Source, g.Text, db.Micros(db.Now()))
	if err != nil {
		return fmt.Errorf("assist: keep: %w", err)
	}
	return nil
}

// End forgets the texts of an item: its report is signed, or it was given back.
func End(ctx context.Context, tx db.Tx, workitemID string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM assists WHERE workitem_id = $1`, workitemID); err != nil {
		return fmt.Errorf("assist: end: %w", err)
	}
	return nil
}

// shortest is the fewest characters by which a passage is known: shorter ones
// anybody writes.
const shortest = 8

// Unseen lists the engines of whose text a passage stands in a report and of whom
// the reader has not said, with that name, that they have read it.
func Unseen(ctx context.Context, tx db.Tx, workitemID, text string, seen func(kind, source string) bool) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT kind, source, text FROM assists WHERE workitem_id = $1 ORDER BY at, id`, workitemID)
	if err != nil {
		return nil, fmt.Errorf("assist: texts: %w", err)
	}
	defer rows.Close()
	text = plain(text)
	var out []string
	for rows.Next() {
		var g Given
		if err := rows.Scan(&g.Kind, &g.Source, &g.Text); err != nil {
			return nil, fmt.Errorf("assist: texts: %w", err)
		}
		if !seen(g.Kind, g.Source) && stands(g.Text, text) && !slices.Contains(out, g.Source) {
			out = append(out, g.Source)
		}
	}
	return out, rows.Err()
}

// stands reports whether a passage of what was given is in a text.
func stands(given, text string) bool {
	for _, passage := range strings.FieldsFunc(given, func(r rune) bool { return strings.ContainsRune("\n。．.！？!?", r) }) {
		if p := plain(passage); utf8.RuneCountInString(p) >= shortest && strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// plain is text without the blanks and forms that nobody sees.
func plain(s string) string { return strings.Join(strings.Fields(norm.NFKC.String(s)), "") }
