package catalog

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
)

// makeFindable writes what a study is found by; fresh says that nothing is there.
func makeFindable(ctx context.Context, tx db.Tx, s *Study, fresh bool) error {
	if err := indexNames(ctx, tx, s, fresh); err != nil {
		return err
	}
	return indexWords(ctx, tx, s, fresh)
}

// Index makes the studies of an older version of the program findable by name and
// by words, some at a time. It is for the start and writes nothing when there is
// nothing to do.
func Index(ctx context.Context, d *db.DB) (done int, err error) {
	const batch = 200
	after := ""
	for {
		page, err := unindexed(ctx, d.Read(ctx), after, batch)
		if err != nil || len(page) == 0 {
			return done, err
		}
		after = page[len(page)-1].ID
		err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			for i := range page {
				if err := makeFindable(ctx, tx, &page[i], false); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return done, err
		}
		done += len(page)
	}
}

func unindexed(ctx context.Context, tx db.Tx, after string, limit int) (page []Study, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+StudyColumns+` FROM `+StudyTables+` WHERE studies.id > $1
		AND NOT EXISTS (SELECT 1 FROM study_words w WHERE w.study_id = studies.id) AND studies.search <> '' ORDER BY studies.id LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("catalog: index: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		s, err := ScanStudy(rows)
		if err != nil {
			return nil, fmt.Errorf("catalog: index: %w", err)
		}
		page = append(page, s)
	}
	return page, rows.Err()
}
