package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/object"
)

// Options of Run and Restore. Zero values are fine.
type Options struct {
	// Full reads what the target holds already, and copies again what is damaged
	// there; else its length is enough.
	Full bool

	Progress func(Progress)              // after every image
	Damaged  func(key string, err error) // an image that is not what its row says, or is missing
}

// Progress is how far a copy has come.
type Progress struct {
	Images, Copied, Damaged int
	Bytes, BytesCopied      int64
}

// copier carries the images that rows name from one store to another.
type copier struct {
	from, to object.Store
	opt      Options
	done     Progress
}

const pageSize = 500

func (c *copier) rows(ctx context.Context, d *db.DB) error {
	for after := ""; ; {
		list, err := catalog.InstancesAfter(ctx, d.Read(ctx), identity.Everything(), after, pageSize)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		for _, row := range list {
			if err := c.image(ctx, row.ObjectKey, row.SHA256, row.Size); err != nil {
				return err
			}
			after = row.ID
		}
	}
	for after := ""; ; {
		list, err := catalog.VersionsAfter(ctx, d.Read(ctx), after, pageSize)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		for _, row := range list {
			if err := c.image(ctx, row.ObjectKey, row.SHA256, row.Size); err != nil {
				return err
			}
			after = row.ID
		}
	}
	for after := ""; ; {
		list, err := catalog.AttachmentsAfter(ctx, d.Read(ctx), after, pageSize)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, row := range list {
			if err := c.image(ctx, row.ObjectKey, row.SHA256, row.Size); err != nil {
				return err
			}
			after = row.ID
		}
	}
}

// errContent: what was read is not what the row says.
var errContent = errors.New("its bytes are not those that were stored")

func (c *copier) image(ctx context.Context, key, sum string, size int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.done.Images++
	c.done.Bytes += size
	held, err := c.held(ctx, key, sum, size)
	if err != nil {
		return err
	}
	if held {
		c.tell()
		return nil
	}
	err = c.copy(ctx, key, sum, size)
	switch {
	case err == nil:
		c.done.Copied++
		c.done.BytesCopied += size
	case errors.Is(err, errContent), errors.Is(err, object.ErrNotFound), errors.Is(err, object.ErrDamaged):
		c.done.Damaged++
		if c.opt.Damaged != nil {
			c.opt.Damaged(key, err)
		}
	default:
		return err
	}
	c.tell()
	return nil
}

// held reports whether the target has the image.
func (c *copier) held(ctx context.Context, key, sum string, size int64) (bool, error) {
	info, err := c.to.Stat(ctx, key)
	if errors.Is(err, object.ErrNotFound) || errors.Is(err, object.ErrDamaged) || err == nil && info.Size != size {
		return false, nil
	}
	if err != nil || !c.opt.Full {
		return err == nil, err
	}
	same, err := c.same(ctx, key, sum, size)
	if errors.Is(err, object.ErrDamaged) {
		return false, nil
	}
	return same, err
}

func (c *copier) same(ctx context.Context, key, sum string, size int64) (bool, error) {
	o, err := c.to.Open(ctx, key)
	if err != nil {
		return false, err
	}
	defer o.Close()
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(o, 0, size)); err != nil {
		return false, err
	}
	return hex.EncodeToString(h.Sum(nil)) == sum, nil
}

func (c *copier) tell() {
	if c.opt.Progress != nil {
		c.opt.Progress(c.done)
	}
}

func (c *copier) copy(ctx context.Context, key, sum string, size int64) (err error) {
	in, err := c.from.Open(ctx, key)
	if err != nil {
		return err
	}
	defer in.Close()
	if in.Size() != size {
		return fmt.Errorf("%w: %d bytes of %d", errContent, in.Size(), size)
	}
	out, err := c.to.Create(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Abort()) }()
	if _, err := io.Copy(out, io.NewSectionReader(in, 0, size)); err != nil {
		return err
	}
	if got := out.Sum(); hex.EncodeToString(got[:]) != sum {
		return errContent
	}
	return out.Commit(ctx, key)
}
