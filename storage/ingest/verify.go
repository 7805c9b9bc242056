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
	InstanceID string // or the message, of a picture said in a room
	ObjectKey  string
	Missing    bool // else its bytes differ
}

// VerifyOptions of Verify; the zero value reads as fast as it can and in silence.
type VerifyOptions struct {
	Rate     int64          // bytes a second; no limit
	Progress func(Verified) // after every object
}

// Verified is how far a Verify has come.
type Verified struct {
	Objects, Damaged int
	Bytes            int64
}

// Verify reads every object that a row points at, what is kept beside and pictures said
// in rooms included, and compares its SHA-256 with the row. found is called for each damage, an
// object that the store does not give included; its error stops the walk. Memory is one page
// of rows and a buffer.
func (i *Ingester) Verify(ctx context.Context, opt VerifyOptions, found func(Damage) error) (Verified, error) {
	v := &verification{i: i, opt: opt, found: found, pace: NewPace(opt.Rate), failed: object.Failures{Store: i.objects}}
	err := pages(func(after string) (last string, err error) {
		list, err := catalog.InstancesAfter(ctx, i.db.Read(ctx), identity.Everything(), after, verifyPage)
		for _, row := range list {
			if err := v.object(ctx, row.ID, row.ObjectKey, row.SHA256); err != nil {
				return "", err
			}
			last = row.ID
		}
		return last, err
	})
	if err != nil {
		return v.done, err
	}
	err = pages(func(after string) (last string, err error) {
		list, err := catalog.VersionsAfter(ctx, i.db.Read(ctx), after, verifyPage)
		for _, row := range list {
			if err := v.object(ctx, row.InstanceID, row.ObjectKey, row.SHA256); err != nil {
				return "", err
			}
			last = row.ID
		}
		return last, err
	})
	if err != nil {
		return v.done, err
	}
	err = pages(func(after string) (last string, err error) {
		list, err := catalog.AttachmentsAfter(ctx, i.db.Read(ctx), after, verifyPage)
		for _, row := range list {
			if err := v.object(ctx, row.ID, row.ObjectKey, row.SHA256); err != nil {
				return "", err
			}
			last = row.ID
		}
		return last, err
	})
	return v.done, err
}

const verifyPage = 500

// pages calls next with the last ID of the page before, until there is none.
func pages(next func(after string) (last string, err error)) error {
	for after := ""; ; {
		last, err := next(after)
		if err != nil || last == "" {
			return err
		}
		after = last
	}
}

type verification struct {
	i     *Ingester
	opt   VerifyOptions
	found func(Damage) error
	done  Verified
	pace  *Pace

	failed object.Failures
}

func (v *verification) object(ctx context.Context, instanceID, key, want string) error {
	sum, n, err := Hash(ctx, v.i.objects, key, v.pace)
	if !v.failed.Own(ctx, key, err) && err != nil {
		return err
	}
	missing := errors.Is(err, object.ErrNotFound)
	v.done.Objects++
	v.done.Bytes += n
	if sum != want {
		v.done.Damaged++
		if err := v.found(Damage{instanceID, key, missing}); err != nil {
			return err
		}
	}
	if v.opt.Progress != nil {
		v.opt.Progress(v.done)
	}
	return nil
}

// Hash reads an object at the given pace: its SHA-256 in lower-case hex.
func Hash(ctx context.Context, s object.Store, key string, p *Pace) (sum string, n int64, err error) {
	o, err := s.Open(ctx, key)
	if err != nil {
		return "", 0, err
	}
	defer o.Close()
	h := sha256.New()
	n, err = io.Copy(h, &pacedReader{ctx: ctx, r: io.NewSectionReader(o, 0, o.Size()), pace: p})
	if err != nil {
		return "", n, err
	}
	return hex.EncodeToString(h.Sum(nil)), n, nil
}

// Fetch spools the object that from has under key for to, and gives it when its
// SHA-256 is sum: ErrDamaged when it is not.
func Fetch(ctx context.Context, from, to object.Store, key, sum string, p *Pace) (_ object.Pending, err error) {
	o, err := from.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	out, err := to.Create(ctx)
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(out, &pacedReader{ctx: ctx, r: io.NewSectionReader(o, 0, o.Size()), pace: p})
	if got := out.Sum(); err == nil && hex.EncodeToString(got[:]) != sum {
		err = ErrDamaged
	}
	if err != nil {
		return nil, errors.Join(err, out.Abort())
	}
	return out, nil
}
