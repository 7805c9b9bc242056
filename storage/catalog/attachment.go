package catalog

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
)

// Attachment is an object that is no DICOM instance: a picture said in the room of a
// study.
type Attachment struct {
	ID        string
	ObjectKey string
	SHA256    string
	Size      int64
}

// AttachmentsAfter lists the attachments of everybody behind an ID, in order of ID.
func AttachmentsAfter(ctx context.Context, tx db.Tx, after string, limit int) (list []Attachment, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, object_key, sha256, size FROM room_messages WHERE object_key <> '' AND id > $1 ORDER BY id LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("catalog: attachments: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var a Attachment
		if err := rows.Scan(&a.ID, &a.ObjectKey, &a.SHA256, &a.Size); err != nil {
			return nil, fmt.Errorf("catalog: attachments: %w", err)
		}
		list = append(list, a)
	}
	return list, rows.Err()
}
