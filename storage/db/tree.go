package db

import (
	"context"
	"errors"
	"fmt"
)

// reference is a column that points at a row of another table.
type reference struct{ table, column, of, ofColumn string }

// maxTree bounds how far tables may hang below each other; a circle ends there.
const maxTree = 16

// DeleteTree deletes the rows of a table that meet a condition (columns by their
// names, $1 …) and before them, all the way down, the rows that refer to them. What
// refers to what is read from the schema, so that a table of tomorrow is not
// forgotten. It runs in the caller's transaction.
func (d *DB) DeleteTree(ctx context.Context, tx Tx, table, cond string, args ...any) error {
	refs, err := references(ctx, tx, d.engine.references())
	if err != nil {
		return err
	}
	return deleteTree(ctx, tx, refs, table, cond, args, 0)
}

func references(ctx context.Context, tx Tx, query string) (map[string][]reference, error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("db: foreign keys: %w", err)
	}
	defer rows.Close()
	refs := map[string][]reference{}
	for rows.Next() {
		var r reference
		if err := rows.Scan(&r.table, &r.column, &r.of, &r.ofColumn); err != nil {
			return nil, fmt.Errorf("db: foreign keys: %w", err)
		}
		refs[r.of] = append(refs[r.of], r)
	}
	return refs, rows.Err()
}

func deleteTree(ctx context.Context, tx Tx, refs map[string][]reference, table, cond string, args []any, depth int) error {
	if depth > maxTree {
		return errors.New("db: tables refer to each other in a circle")
	}
	for _, r := range refs[table] {
		below := r.column + ` IN (SELECT ` + r.ofColumn + ` FROM ` + table + ` WHERE ` + cond + `)`
		if err := deleteTree(ctx, tx, refs, r.table, below, args, depth+1); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE `+cond, args...); err != nil {
		return fmt.Errorf("db: delete from %s: %w", table, err)
	}
	return nil
}
