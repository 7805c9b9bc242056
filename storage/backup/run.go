package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object"
)

// temporary makes a folder for copies of a catalog, of which nothing stays.
func (t *Target) temporary() (dir string, remove func(error) error, err error) {
	if err := os.MkdirAll(t.scratch, 0o700); err != nil {
		return "", nil, fmt.Errorf("backup: %w", err)
	}
	if dir, err = os.MkdirTemp(t.scratch, "catalog-copy-"); err != nil {
		return "", nil, fmt.Errorf("backup: %w", err)
	}
	return dir, func(err error) error { return errors.Join(err, os.RemoveAll(dir)) }, nil
}

// Run makes a new generation of a catalog and its images. The copy of the catalog is a
// file of SQLite, of whichever engine it is.
func (t *Target) Run(ctx context.Context, d *db.DB, images object.Store, opt Options) (m Manifest, done Progress, err error) {
	at := db.Now().UTC()
	m = Manifest{Name: at.Format(nameLayout), At: at}
	dir, remove, err := t.temporary()
	if err != nil {
		return m, done, err
	}
	defer func() { err = remove(err) }()
	file := filepath.Join(dir, catalogFile)
	if err := d.Snapshot(ctx, file); err != nil {
		return m, done, err
	}
	// Before it is opened, which may change its bytes.
	if m.CatalogSHA256, err = t.putFile(ctx, catalogsPrefix+m.Name+"/"+catalogFile, file); err != nil {
		return m, done, err
	}
	if done, err = t.copyFrom(ctx, file, images, opt); err != nil {
		return m, done, err
	}
	m.Images, m.Bytes, m.Damaged = done.Images, done.Bytes, done.Damaged
	return m, done, t.seal(ctx, m)
}

func (t *Target) copyFrom(ctx context.Context, file string, images object.Store, opt Options) (done Progress, err error) {
	snapshot, err := db.Open(ctx, file, nil)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	return t.Images(ctx, snapshot, images, opt)
}

// Images copies the images that a catalog names.
func (t *Target) Images(ctx context.Context, d *db.DB, images object.Store, opt Options) (Progress, error) {
	c := copier{from: images, to: t.images, opt: opt}
	err := c.rows(ctx, d)
	return c.done, err
}

// RestoreImages copies back the images that a catalog names.
func (t *Target) RestoreImages(ctx context.Context, d *db.DB, images object.Store, opt Options) (Progress, error) {
	c := copier{from: t.images, to: images, opt: opt}
	err := c.rows(ctx, d)
	return c.done, err
}

// Check reads a generation again: the catalog against its manifest, every image
// against its row.
func (t *Target) Check(ctx context.Context, m Manifest, opt ingest.VerifyOptions, found func(ingest.Damage) error) (v ingest.Verified, err error) {
	dir, remove, err := t.temporary()
	if err != nil {
		return v, err
	}
	defer func() { err = remove(err) }()
	file := filepath.Join(dir, catalogFile)
	if err := t.getCatalog(ctx, m, file); err != nil {
		return v, err
	}
	d, err := db.Open(ctx, file, nil)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return ingest.New(t.images, d, ingest.Options{}).Verify(ctx, opt, found)
}

// DropUnnamed removes the images that no generation names: those of studies that were
// deleted since. It returns how many. A target without a whole generation keeps all.
func (t *Target) DropUnnamed(ctx context.Context) (removed int, err error) {
	list, err := t.Generations(ctx)
	if err != nil {
		return 0, err
	}
	if len(list) == 0 {
		return 0, ErrNoGeneration
	}
	dir, remove, err := t.temporary()
	if err != nil {
		return 0, err
	}
	defer func() { err = remove(err) }()
	var catalogs []*db.DB
	defer func() {
		for _, d := range catalogs {
			err = errors.Join(err, d.Close())
		}
	}()
	for _, m := range list {
		file := filepath.Join(dir, m.Name+".db")
		if err := t.getCatalog(ctx, m, file); err != nil {
			return 0, err
		}
		d, err := db.Open(ctx, file, nil)
		if err != nil {
			return 0, err
		}
		catalogs = append(catalogs, d)
	}
	err = t.images.List(ctx, "", "", func(i object.Info) error {
		for _, d := range catalogs {
			if named, err := catalog.Referenced(ctx, d.Read(ctx), i.Key); err != nil || named {
				return err
			}
		}
		removed++
		return t.images.Delete(ctx, i.Key)
	})
	return removed, err
}

// Catalog writes the catalog of a generation to a new file, checked.
func (t *Target) Catalog(ctx context.Context, m Manifest, file string) error {
	return t.getCatalog(ctx, m, file)
}

// Stored gives the images of the target, under the keys that they have.
func (t *Target) Stored() object.Store { return t.images }

// ErrInUse: there is a catalog where a restore would put one.
var ErrInUse = errors.New("backup: there is a catalog already")

// Restore copies the images of a generation into a store and then its catalog to
// file, which must not exist. Damaged images are reported and left out.
func (t *Target) Restore(ctx context.Context, m Manifest, file string, images object.Store, opt Options) (done Progress, err error) {
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return done, fmt.Errorf("%w: %s", ErrInUse, file)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return done, fmt.Errorf("backup: %w", err)
	}
	dir, err := os.MkdirTemp(filepath.Dir(file), "restore-")
	if err != nil {
		return done, fmt.Errorf("backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	copied, read := filepath.Join(dir, catalogFile), filepath.Join(dir, "read.db")
	if err := errors.Join(t.getCatalog(ctx, m, copied), t.getCatalog(ctx, m, read)); err != nil {
		return done, err
	}
	d, err := db.Open(ctx, read, nil)
	if err != nil {
		return done, err
	}
	done, err = t.RestoreImages(ctx, d, images, opt)
	if err := errors.Join(err, d.Close()); err != nil {
		return done, err
	}
	// Last, and by a name that appears at once: a restore that broke off has no catalog.
	if err := os.Rename(copied, file); err != nil {
		return done, fmt.Errorf("backup: %w", err)
	}
	return done, syncDir(filepath.Dir(file))
}

// RestoreInto copies the images of a generation into a store and then its rows into a
// new database in PostgreSQL, in one transaction: ErrInUse when it has been used.
func (t *Target) RestoreInto(ctx context.Context, m Manifest, d *db.DB, images object.Store, opt Options) (done Progress, err error) {
	empty, err := d.Empty(ctx)
	if err != nil {
		return done, err
	}
	if !empty {
		return done, ErrInUse
	}
	dir, remove, err := t.temporary()
	if err != nil {
		return done, err
	}
	defer func() { err = remove(err) }()
	file := filepath.Join(dir, catalogFile)
	if err := t.getCatalog(ctx, m, file); err != nil {
		return done, err
	}
	from, err := db.Open(ctx, file, nil) // brought forward to this version
	if err != nil {
		return done, err
	}
	done, err = t.RestoreImages(ctx, from, images, opt)
	if err := errors.Join(err, from.Close()); err != nil {
		return done, err
	}
	return done, d.Load(ctx, file)
}
