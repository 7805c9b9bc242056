package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/object"
)

// Damage is an object that is not what its row says.
type Damage struct {
	InstanceID string
	ObjectKey  string
	Missing    bool // else its bytes differ
}

// Verify reads the object of every instance and compares its SHA-256 with the row.
// found is called for each damage; its error stops the walk. Memory is one page of
// rows and a buffer; the caller paces it with ctx and found.
func (i *Ingester) Verify(ctx context.Context, found func(Damage) error) (checked int, err error) {
	const page = 500
	after := ""
	for {
		list, err := catalog.InstancesAfter(ctx, i.db.Read(ctx), identity.Everything(), after, page)
		if err != nil || len(list) == 0 {
			return checked, err
		}
		for _, row := range list {
			sum, err := i.sum(ctx, row.ObjectKey)
			missing := errors.Is(err, object.ErrNotFound)
			if err != nil && !missing {
				return checked, err
			}
			if sum != row.SHA256 {
				if err := found(Damage{row.ID, row.ObjectKey, missing}); err != nil {
					return checked, err
				}
			}
			checked++
		}
		after = list[len(list)-1].ID
	}
}

// sum is the SHA-256 of an object in lower-case hex.
func (i *Ingester) sum(ctx context.Context, key string) (string, error) {
	o, err := i.objects.Open(ctx, key)
	if err != nil {
		return "", err
	}
	defer o.Close()
	h := sha256.New()
	if _, err := io.Copy(h, &cancelReader{ctx: ctx, r: io.NewSectionReader(o, 0, o.Size())}); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
