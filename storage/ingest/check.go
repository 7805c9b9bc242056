package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/object"
)

// Held is what Check finds under a SOP Instance UID.
type Held struct {
	StudyID     string
	SOPClassUID string
	Intact      bool // the object is there and its bytes have the hash of the row
}

// Check reads the object of an instance of a facility again and compares its
// SHA-256 with the row. known is false when there is no such instance. An error
// says that it could not be found out, not that anything is wrong.
func (i *Ingester) Check(ctx context.Context, facilityID, sopInstanceUID string) (h Held, known bool, err error) {
	read := i.db.Read(ctx)
	k, ok, err := catalog.Lookup(ctx, read, facilityID, sopInstanceUID)
	if err != nil || !ok {
		return Held{}, false, err
	}
	h.StudyID = k.StudyID
	if h.SOPClassUID, err = catalog.SOPClassOf(ctx, read, k.InstanceID); err != nil {
		return Held{}, false, err
	}
	o, err := i.objects.Open(ctx, k.ObjectKey)
	if errors.Is(err, object.ErrNotFound) || errors.Is(err, object.ErrDamaged) {
		return h, true, nil
	}
	if err != nil {
		return Held{}, false, err
	}
	defer o.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, &cancelReader{ctx: ctx, r: io.NewSectionReader(o, 0, o.Size())}); errors.Is(err, object.ErrDamaged) {
		return h, true, nil
	} else if err != nil {
		return Held{}, false, err
	}
	h.Intact = hex.EncodeToString(sum.Sum(nil)) == k.SHA256
	return h, true, nil
}
