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

// snapshots is how often a catalog is copied for one generation. Studies are deleted
// rarely, and all but the first copy find the images there.
const snapshots = 4

// Run makes a new generation of a catalog and its images. The copy of the catalog is a
// file of SQLite, of whichever engine it is. When a study was deleted meanwhile, so that
// the copy names images that are gone, it is taken again. Several may run at once.
func (t *Target) Run(ctx context.Context, d *db.DB, images object.Store, opt Options) (m Manifest, done Progress, err error) {
	for n := 1; ; n++ {
		var gone int
		if m, done, gone, err = t.run(ctx, d, images, opt); err != nil {
			return m, done, err
		}
		if gone == 0 {
			break
		}
		if err := t.store.Delete(ctx, m.catalog()); err != nil {
			return m, done, fmt.Errorf("backup: %w", err)
		}
		if n == snapshots {
			return m, done, ErrChanging
		}
	}
	// A catalog that somebody has taken for a broken one must not get a manifest.
	if _, err := t.store.Stat(ctx, m.catalog()); err != nil {
		return m, done, fmt.Errorf("backup: the catalog copied by this run: %w", err)
	}
	m.Images, m.Bytes, m.Damaged = done.Images, done.Bytes, done.Damaged
	return m, done, t.seal(ctx, m)
}

// run copies the catalog and then what it names; gone is how much of it is deleted.
func (t *Target) run(ctx context.Context, d *db.DB, images object.Store, opt Options) (m Manifest, done Progress, gone int, err error) {
	m.At = db.Now().UTC()
	if m.Name, err = t.next(ctx, m.At); err != nil {
		return m, done, 0, err
	}
	dir, remove, err := t.temporary()
	if err != nil {
		return m, done, 0, err
	}
	defer func() { err = remove(err) }()
	file := filepath.Join(dir, catalogFile)
	if err := d.Snapshot(ctx, file); err != nil {
		return m, done, 0, err
	}
	// Before it is opened, which may change its bytes.
	if m.CatalogSHA256, err = t.putFile(ctx, m.catalog(), file); err != nil {
		return m, done, 0, err
	}
	snapshot, err := db.Open(ctx, file, nil)
	if err != nil {
		return m, done, 0, err
	}
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	c := newCopier(images, t.images, opt, d)
	err = c.rows(ctx, snapshot)
	return m, c.done, c.gone, err
}

// RestoreImages copies back the images that a catalog names. What is there already, of a
// restore that broke off or of before, is read and stays if it is whole.
func (t *Target) RestoreImages(ctx context.Context, d *db.DB, images object.Store, opt Options) (Progress, error) {
	if opt.Catalog != nil {
		opt.Catalog(d)
	}
	opt.Full = true
	c := newCopier(t.images, images, opt, nil)
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

// DropUnnamed removes the images that no catalog in the target names, those of studies
// that were deleted since, and returns how many. ErrChanging when a backup to the target
// begins meanwhile. A target without a whole generation keeps all.
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
	// Also those of runs that have not ended: they come before their images.
	known, err := t.catalogs(ctx)
	if err != nil {
		return 0, err
	}
	sums := map[string]string{}
	for _, m := range list {
		sums[m.Name] = m.CatalogSHA256
	}
	for name := range known {
		file := filepath.Join(dir, name+".db")
		if err := t.getCatalog(ctx, Manifest{Name: name, CatalogSHA256: sums[name]}, file); err != nil {
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
		if now, err := t.catalogs(ctx); err != nil || !subset(now, known) {
			return errors.Join(err, ErrChanging)
		}
		removed++
		return t.images.Delete(ctx, i.Key)
	})
	return removed, err
}

func subset(a, b map[string][]string) bool {
	for name := range a {
		if _, ok := b[name]; !ok {
			return false
		}
	}
	return true
}

// Catalog writes the catalog of a generation to a new file, checked.
func (t *Target) Catalog(ctx context.Context, m Manifest, file string) error {
	return t.getCatalog(ctx, m, file)
}

// Stored gives the images of the target, under the keys that they have.
func (t *Target) Stored() object.Store { return t.images }

// ErrChanging: what was to be copied or tidied up did not stand still.
var ErrChanging = errors.New("backup: studies were deleted, or another backup began, while this one ran; run it again")

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
