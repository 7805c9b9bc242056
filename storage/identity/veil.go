package identity

import (
	"context"
	"encoding/base64"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
)

// Veils are the hospitals whose patients readers know by pseudonyms only, each with the
// key its pseudonyms are made with.
type Veils map[string][]byte

// LoadVeils reads those in force.
func LoadVeils(ctx context.Context, tx db.Tx) (Veils, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, pseudonym_key FROM facilities WHERE pseudonymous = 1`)
	if err != nil {
		return nil, fmt.Errorf("identity: veils: %w", err)
	}
	defer rows.Close()
	var out Veils
	for rows.Next() {
		var id, text string
		if err := rows.Scan(&id, &text); err != nil {
			return nil, fmt.Errorf("identity: veils: %w", err)
		}
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(key) == 0 {
			return nil, fmt.Errorf("identity: the pseudonym key of facility %s cannot be read", id)
		}
		if out == nil {
			out = Veils{}
		}
		out[id] = key
	}
	return out, rows.Err()
}

// Veil is the key of the pseudonyms of a facility; ok is false where who has the scope
// may know the patients. What is read of the catalog within a scope is veiled already.
func (s Scope) Veil(facilityID string) (key []byte, ok bool) {
	key, ok = s.veils[facilityID]
	return key, ok
}

// Veiled are the facilities that have a Veil.
func (s Scope) Veiled() []string {
	var out []string
	for id := range s.veils {
		out = append(out, id)
	}
	return out
}

// Unveiled is the scope of work done for the hospital in a reader's name, such as the
// writing of a report: it knows the patients, and who asked is not to see what it read.
func (s Scope) Unveiled() Scope {
	s.veils = nil
	return s
}
