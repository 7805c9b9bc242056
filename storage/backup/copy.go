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

	// Catalog is told of the catalog that is restored, before its images are; it may be
	// read until the restore has ended.
	Catalog func(d *db.DB)

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
	live     *db.DB // of the images that are copied, in use meanwhile; nil: nothing goes there
	gone     int    // images that the catalog names and live does not any more
	failed   object.Failures
}

func newCopier(from, to object.Store, opt Options, live *db.DB) *copier {
	return &copier{from: from, to: to, opt: opt, live: live, failed: object.Failures{Store: from}}
}

const pageSize = 500

// rows carries what every row of the catalog names: instances, other contents kept
// beside them, and pictures said in rooms.
func (c *copier) rows(ctx context.Context, d *db.DB) error {
	instances := func(ctx context.Context, tx db.Tx, after string, limit int) ([]catalog.Instance, error) {
		return catalog.InstancesAfter(ctx, tx, identity.Everything(), after, limit)
	}
	err := carry(ctx, c, d, instances, func(i catalog.Instance) named { return named{i.ID, i.ObjectKey, i.SHA256, i.Size} })
	if err != nil {
		return err
	}
	err = carry(ctx, c, d, catalog.VersionsAfter, func(v catalog.Version) named { return named{v.ID, v.ObjectKey, v.SHA256, v.Size} })
	if err != nil {
		return err
	}
	return carry(ctx, c, d, catalog.AttachmentsAfter, func(a catalog.Attachment) named { return named{a.ID, a.ObjectKey, a.SHA256, a.Size} })
}

// named is an object as a row names it.
type named struct {
	row, key, sum string
	size          int64
}

// carry copies what the rows of one kind name, page by page in order of their IDs.
func carry[T any](ctx context.Context, c *copier, d *db.DB, page func(ctx context.Context, tx db.Tx, after string, limit int) ([]T, error), of func(T) named) error {
	for after := ""; ; {
		list, err := page(ctx, d.Read(ctx), after, pageSize)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, row := range list {
			n := of(row)
			if err := c.image(ctx, n.key, n.sum, n.size); err != nil {
				return err
			}
			after = n.row
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
	var read *readError
	unread := errors.As(err, &read)
	switch {
	case err == nil:
		c.failed.Own(ctx, key, nil)
		c.done.Copied++
		c.done.BytesCopied += size
	case errors.Is(err, object.ErrNotFound) && c.deleted(ctx, key):
		c.gone++
	case errors.Is(err, errContent), unread && c.failed.Own(ctx, key, err):
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

// deleted reports whether an image was deleted, with its study, since the catalog was
// copied.
func (c *copier) deleted(ctx context.Context, key string) bool {
	if c.live == nil {
		return false
	}
	named, err := catalog.Referenced(ctx, c.live.Read(ctx), key)
	return err == nil && !named
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

// readError: an image could not be read where it is copied from.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

// source marks what goes wrong with reading.
type source struct{ io.ReaderAt }

func (s source) ReadAt(b []byte, off int64) (int, error) {
	n, err := s.ReaderAt.ReadAt(b, off)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &readError{err}
	}
	return n, err
}

func (c *copier) copy(ctx context.Context, key, sum string, size int64) (err error) {
	in, err := c.from.Open(ctx, key)
	if err != nil {
		return &readError{err}
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
	if _, err := io.Copy(out, io.NewSectionReader(source{in}, 0, size)); err != nil {
		return err
	}
	if got := out.Sum(); hex.EncodeToString(got[:]) != sum {
		return errContent
	}
	out.Replace() // what is there and was not taken for held is not whole
	return out.Commit(ctx, key)
}
