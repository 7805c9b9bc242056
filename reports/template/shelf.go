package template

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dokuei/dokuei/storage/db"
)

// Saved is a template or a macro that a reader has made: their own, or shared
// with every reader. Only its owner changes it.
type Saved struct {
	ID       string
	OwnerID  string
	Macro    bool
	Name     string // of a macro what is typed for it
	Language string // "" of a macro for both
	Shared   bool
	Template *Template // nil of a macro
	Text     string    // of a macro
	Revision int64     // 0: to be made
	SavedAt  time.Time
}

// Errors of a shelf.
var (
	// ErrStale says that the text was saved on another page meanwhile.
	ErrStale = errors.New("template: the text has a newer revision")
	// ErrFull says that the reader has as many texts as they may.
	ErrFull = fmt.Errorf("%w: there are %d texts already; remove one first", ErrTemplate, maxSaved)
)

const maxSaved = 300 // of one owner

// Shelf lists what a reader may use: their own first, then what others share, by
// name.
func Shelf(ctx context.Context, tx db.Tx, userID string) ([]Saved, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, owner_id, kind, name, language, shared, body, revision, saved_at FROM texts
 WHERE owner_id = $1 OR shared = 1 ORDER BY CASE WHEN owner_id = $1 THEN 0 ELSE 1 END, name, id LIMIT 2000`, userID)
	if err != nil {
		return nil, fmt.Errorf("template: shelf: %w", err)
	}
	defer rows.Close()
	var out []Saved
	for rows.Next() {
		var s Saved
		var kind, body string
		var shared int
		var at int64
		if err := rows.Scan(&s.ID, &s.OwnerID, &kind, &s.Name, &s.Language, &shared, &body, &s.Revision, &at); err != nil {
			return nil, fmt.Errorf("template: shelf: %w", err)
		}
		s.Macro, s.Shared, s.SavedAt = kind == "macro", shared == 1, db.FromMicros(at)
		into := any(&s.Text)
		if !s.Macro {
			s.Template = &Template{}
			into = s.Template
		}
		if err := json.Unmarshal([]byte(body), into); err != nil {
			return nil, fmt.Errorf("template: text %s: %w", s.ID, err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// Find is the template of an ID that a reader may use: one of the program in that
// language, one of their own or one that is shared; nil without one.
func Find(ctx context.Context, tx db.Tx, userID, id, language string) (*Template, error) {
	built, err := All(language)
	if err != nil {
		return nil, err
	}
	for n := range built {
		if built[n].ID == id {
			return &built[n], nil
		}
	}
	var body string
	err = tx.QueryRowContext(ctx, `SELECT body FROM texts WHERE id = $1 AND kind = 'template' AND (owner_id = $2 OR shared = 1)`, id, userID).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	var t Template
	if err == nil {
		err = json.Unmarshal([]byte(body), &t)
	}
	if err != nil {
		return nil, fmt.Errorf("template: find: %w", err)
	}
	return &t, nil
}

// Keep saves a text of a reader, new or of the revision it was read with, and
// gives it with the next. ErrStale when another page saved first, or the text is
// not the reader's.
func Keep(ctx context.Context, tx db.Tx, s Saved) (Saved, error) {
	if err := s.check(); err != nil {
		return s, err
	}
	kind, content, shared := "template", any(s.Template), 0
	if s.Macro {
		kind, content = "macro", s.Text
	}
	if s.Shared {
		shared = 1
	}
	body, err := json.Marshal(content)
	if err != nil {
		return s, fmt.Errorf("template: keep: %w", err)
	}
	s.SavedAt = db.Now()
	if s.Revision == 0 {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM texts WHERE owner_id = $1`, s.OwnerID).Scan(&n); err != nil {
			return s, fmt.Errorf("template: keep: %w", err)
		}
		if n >= maxSaved {
			return s, ErrFull
		}
		s.ID, s.Revision = db.NewID(), 1
		_, err := tx.ExecContext(ctx, `INSERT INTO texts (id, owner_id, kind, name, language, shared, body, revision, saved_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8)`, s.ID, s.OwnerID, kind, s.Name, s.Language, shared, string(body), db.Micros(s.SavedAt))
		if err != nil {
			return s, fmt.Errorf("template: keep: %w", err)
		}
		return s, nil
	}
	res, err := tx.ExecContext(ctx, `UPDATE texts SET name = $1, language = $2, shared = $3, body = $4, revision = $5, saved_at = $6
 WHERE id = $7 AND owner_id = $8 AND kind = $9 AND revision = $10`,
		s.Name, s.Language, shared, string(body), s.Revision+1, db.Micros(s.SavedAt), s.ID, s.OwnerID, kind, s.Revision)
	if err != nil {
		return s, fmt.Errorf("template: keep: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return s, errors.Join(err, ErrStale)
	}
	s.Revision++
	return s, nil
}

// Discard removes a text of its owner; one that is not there is gone already.
func Discard(ctx context.Context, tx db.Tx, ownerID, id string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM texts WHERE id = $1 AND owner_id = $2`, id, ownerID); err != nil {
		return fmt.Errorf("template: discard: %w", err)
	}
	return nil
}

func (s *Saved) check() error {
	s.Name = strings.TrimSpace(s.Name)
	if !s.Macro {
		if s.Template == nil {
			return fmt.Errorf("%w: there is no template", ErrTemplate)
		}
		if s.Template.BodyPart == nil {
			s.Template.BodyPart = []string{}
		}
		s.Name, s.Language = s.Template.Name, s.Template.Language
		return s.Template.Check()
	}
	switch {
	case s.Name == "" || utf8.RuneCountInString(s.Name) > 32 || strings.IndexFunc(s.Name, unicode.IsSpace) >= 0:
		return fmt.Errorf("%w: the name of a macro is 1 to 32 characters without blanks", ErrTemplate)
	case strings.TrimSpace(s.Text) == "" || utf8.RuneCountInString(s.Text) > maxText:
		return fmt.Errorf("%w: the text of a macro is 1 to %d characters", ErrTemplate, maxText)
	case s.Language != "" && s.Language != "ja" && s.Language != "en":
		return fmt.Errorf("%w: the language is ja or en", ErrTemplate)
	}
	return nil
}
