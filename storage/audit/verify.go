package audit

import (
	"context"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
)

// BrokenError names the first record at which the chain does not hold.
type BrokenError struct {
	Seq    int64
	Reason string
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("audit: chain broken at record %d: %s", e.Seq, e.Reason)
}

// Verify walks the trail from where it begins and returns the number of records, or
// a *BrokenError. Memory is one page of records.
func Verify(ctx context.Context, tx db.Tx) (records int64, err error) {
	seq, hash, err := Base(ctx, tx)
	if err != nil {
		return 0, err
	}
	return walk(ctx, tx, seq, hash)
}

// ErrArchived: what is asked about came before the trail's beginning.
var ErrArchived = errors.New("audit: that part of the trail is in an archive")

// VerifyFrom is Verify for the records after a head that was kept elsewhere: it
// also finds the removal of records up to that head. ErrArchived when the trail
// begins after it.
func VerifyFrom(ctx context.Context, tx db.Tx, seq int64, hash string) (records int64, err error) {
	if err := holds(ctx, tx, seq, hash); err != nil {
		return 0, err
	}
	return walk(ctx, tx, seq, hash)
}

// holds reports whether the trail has a head.
func holds(ctx context.Context, tx db.Tx, seq int64, hash string) error {
	base, kept, err := Base(ctx, tx)
	switch {
	case err != nil:
		return err
	case seq < base:
		return ErrArchived
	case seq > base:
		if err := tx.QueryRowContext(ctx, `SELECT hash FROM audit WHERE seq = $1`, seq).Scan(&kept); err != nil {
			return &BrokenError{Seq: seq, Reason: "the kept head is not in the trail"}
		}
	}
	if kept != hash {
		return &BrokenError{Seq: seq, Reason: "the kept head differs"}
	}
	return nil
}

func walk(ctx context.Context, tx db.Tx, seq int64, hash string) (records int64, err error) {
	for {
		page, err := page(ctx, tx, seq, 1000)
		if err != nil {
			return records, err
		}
		if len(page) == 0 {
			return records, nil
		}
		for _, r := range page {
			if r.Seq != seq+1 {
				return records, &BrokenError{Seq: seq + 1, Reason: "the record is missing"}
			}
			if r.chain(hash) != r.Hash {
				return records, &BrokenError{Seq: r.Seq, Reason: "the hash does not match"}
			}
			seq, hash = r.Seq, r.Hash
			records++
		}
	}
}

// page reads up to limit records after seq.
func page(ctx context.Context, tx db.Tx, seq int64, limit int) ([]Record, error) {
	return query(ctx, tx, `SELECT seq, at, actor, action, object, facility_id, outcome, detail, hash
		FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2`, seq, limit)
}

func query(ctx context.Context, tx db.Tx, q string, args ...any) ([]Record, error) {
	rows, err := tx.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("audit: read: %w", err)
	}
	defer rows.Close()
	var out []Record
	for rows.Next() {
		var r Record
		var at int64
		if err := rows.Scan(&r.Seq, &at, &r.Actor, &r.Action, &r.Object, &r.FacilityID, &r.Outcome, &r.Detail, &r.Hash); err != nil {
			return nil, fmt.Errorf("audit: read: %w", err)
		}
		r.At = db.FromMicros(at)
		out = append(out, r)
	}
	return out, rows.Err()
}

// ByObject reads the records about one object, oldest first, after seq.
func ByObject(ctx context.Context, tx db.Tx, object string, seq int64, limit int) ([]Record, error) {
	return query(ctx, tx, `SELECT seq, at, actor, action, object, facility_id, outcome, detail, hash
		FROM audit WHERE object = $1 AND seq > $2 ORDER BY seq LIMIT $3`, object, seq, limit)
}
