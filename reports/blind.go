package reports

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Blind reports whether a study is read a second time, independently, and the
// principal may be who reads it: what the first reader has signed and marked is
// not shown to them, by any door, until the second reading is signed.
func Blind(ctx context.Context, tx db.Tx, p identity.Principal, studyID string) (bool, error) {
	if p.Role != identity.Reader && p.Role != identity.Trainee {
		return false, nil
	}
	open, err := worklist.OpenOfStudy(ctx, tx, studyID)
	if err != nil {
		return false, fmt.Errorf("reports: open reading: %w", err)
	}
	return open != nil && BlindTo(p, *open), nil
}

// BlindTo reports whether the open item of a study makes its report blind to a principal.
func BlindTo(p identity.Principal, open worklist.Workitem) bool {
	return (p.Role == identity.Reader || p.Role == identity.Trainee) && open.Purpose == worklist.SecondReading && open.NotFor != p.UserID
}

// ForReader is ByID within the scope of a principal, to whom a report may be blind.
func ForReader(ctx context.Context, tx db.Tx, scope identity.Scope, p identity.Principal, id string) (*Report, error) {
	r, err := ByID(ctx, tx, scope, id)
	if err != nil {
		return nil, err
	}
	if blind, err := Blind(ctx, tx, p, r.StudyID); err != nil || blind {
		if err == nil {
			err = ErrNotFound
		}
		return nil, err
	}
	return r, nil
}
