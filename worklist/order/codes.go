package order

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/dokuei/dokuei/storage/db"
)

// Code is what a part of JJ1017 codes is called in the tables of a house.
type Code struct {
	Part         Part
	Code         string // as it stands there; see Part.Fits
	Name, NameEn string
}

// Part is a part of a code that has a name.
type Part string

// The parts, in their order.
const (
	Modality  Part = "modality"
	Technique Part = "technique"
	Detail    Part = "detail"
	Site      Part = "site"
	Side      Part = "side"
	Posture   Part = "posture"
	Direction Part = "direction"
)

// Parts is all of them.
var Parts = []Part{Modality, Technique, Detail, Site, Side, Posture, Direction}

// of is what a code has there; a detail is one of its technique.
func (p Part) of(c JJ1017) string {
	return map[Part]string{Modality: c.Modality, Technique: c.Technique, Detail: c.Technique + c.Detail, Site: c.Site, Side: c.Side, Posture: c.Posture, Direction: c.Direction}[p]
}

// Fits reports whether a text may stand for the part: as many characters as the part has,
// of a detail those of its technique before its own, of both also with the modality in
// front where they mean something else in each.
func (p Part) Fits(code string) bool {
	blank, _ := ParseJJ1017("0000000000000000")
	long := len(p.of(blank))
	return long > 0 && (len(code) == long || len(code) == long+1 && (p == Technique || p == Detail)) && strings.Trim(code, alphabet) == ""
}

// CodeTable lists the tables, in order of part and code.
func CodeTable(ctx context.Context, tx db.Tx) ([]Code, error) {
	rows, err := tx.QueryContext(ctx, `SELECT part, code, name, name_en FROM procedure_codes ORDER BY part, code`)
	if err != nil {
		return nil, fmt.Errorf("order: codes: %w", err)
	}
	defer rows.Close()
	var list []Code
	for rows.Next() {
		var c Code
		if err := rows.Scan(&c.Part, &c.Code, &c.Name, &c.NameEn); err != nil {
			return nil, fmt.Errorf("order: codes: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// SetCodeTable writes them, in place of those that were there.
func SetCodeTable(ctx context.Context, tx db.Tx, list []Code) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM procedure_codes`)
	for _, c := range list {
		if err == nil {
			_, err = tx.ExecContext(ctx, `INSERT INTO procedure_codes (part, code, name, name_en) VALUES ($1, $2, $3, $4)`, c.Part, c.Code, c.Name, c.NameEn)
		}
	}
	if err != nil {
		return fmt.Errorf("order: codes: %w", err)
	}
	return nil
}

// Named takes a JJ1017 code apart and says what its parts are called, those of which the
// tables know a name. It is empty for any other text.
func Named(ctx context.Context, tx db.Tx, procedure string) ([]Code, error) {
	c, ok := ParseJJ1017(procedure)
	if !ok {
		return nil, nil
	}
	var list []Code
	for _, p := range Parts {
		var found Code
		err := tx.QueryRowContext(ctx, `SELECT part, code, name, name_en FROM procedure_codes WHERE part = $1 AND code IN ($2, $3) ORDER BY LENGTH(code) DESC LIMIT 1`,
			p, p.of(c), c.Modality+p.of(c)).Scan(&found.Part, &found.Code, &found.Name, &found.NameEn)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return nil, fmt.Errorf("order: codes: %w", err)
		default:
			list = append(list, found)
		}
	}
	return list, nil
}
