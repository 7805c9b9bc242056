package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object"
)

// Run makes a new generation of a catalog in SQLite and its images.
func (f *Folder) Run(ctx context.Context, d *db.DB, images object.Store, opt Options) (Manifest, Progress, error) {
	at := db.Now().UTC()
	m := Manifest{Name: at.Format(nameLayout), At: at}
	if err := os.Mkdir(filepath.Join(f.dir, "catalogs", m.Name), 0o700); err != nil {
		return m, Progress{}, fmt.Errorf("backup: %w", err)
	}
	file := f.file(m.Name, catalogFile)
	if err := d.Snapshot(ctx, file); err != nil {
		return m, Progress{}, errors.Join(err, os.RemoveAll(filepath.Dir(file)))
	}
	done, err := f.copyFrom(ctx, file, images, opt)
	if err != nil {
		return m, done, err
	}
	// Opening it may have left it in another mode: the hash is taken of what stays.
	if m.CatalogSHA256, err = hashFile(file); err != nil {
		return m, done, err
	}
	m.Images, m.Bytes, m.Damaged = done.Images, done.Bytes, done.Damaged
	if err := errors.Join(syncDir(filepath.Dir(file)), syncDir(filepath.Join(f.dir, "catalogs")), syncDir(f.dir)); err != nil {
		return m, done, fmt.Errorf("backup: %w", err)
	}
	return m, done, f.seal(m)
}

func (f *Folder) copyFrom(ctx context.Context, file string, images object.Store, opt Options) (done Progress, err error) {
	snapshot, err := db.Open(ctx, file, nil)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, snapshot.Close()) }()
	c := copier{from: images, to: f.objects, opt: opt}
	err = c.rows(ctx, snapshot)
	return c.done, err
}

// Images copies the images of a catalog that other tools have copied before.
func (f *Folder) Images(ctx context.Context, d *db.DB, images object.Store, opt Options) (Progress, error) {
	c := copier{from: images, to: f.objects, opt: opt}
	err := c.rows(ctx, d)
	return c.done, err
}

// RestoreImages copies back the images of a catalog that other tools have restored.
func (f *Folder) RestoreImages(ctx context.Context, d *db.DB, images object.Store, opt Options) (Progress, error) {
	c := copier{from: f.objects, to: images, opt: opt}
	err := c.rows(ctx, d)
	return c.done, err
}

// Check reads a generation again: the catalog against its manifest, every image
// against its row.
func (f *Folder) Check(ctx context.Context, m Manifest, opt ingest.VerifyOptions, found func(ingest.Damage) error) (v ingest.Verified, err error) {
	dir, err := os.MkdirTemp(f.dir, "check-")
	if err != nil {
		return v, fmt.Errorf("backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, catalogFile)
	if err := f.catalogTo(m, file); err != nil {
		return v, err
	}
	d, err := db.Open(ctx, file, nil)
	if err != nil {
		return v, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return ingest.New(f.objects, d, ingest.Options{}).Verify(ctx, opt, found)
}

// catalogTo copies the catalog of a generation to a new file, checked.
func (f *Folder) catalogTo(m Manifest, file string) error {
	sum, err := hashFile(f.file(m.Name, catalogFile))
	if err != nil {
		return err
	}
	if sum != m.CatalogSHA256 {
		return fmt.Errorf("%w: generation %s", ErrDamaged, m.Name)
	}
	return writeDurably(file, func(w io.Writer) error {
		in, err := os.Open(f.file(m.Name, catalogFile))
		if err != nil {
			return err
		}
		defer in.Close()
		_, err = io.Copy(w, in)
		return err
	})
}

// ErrInUse: there is a catalog where a restore would put one.
var ErrInUse = errors.New("backup: there is a catalog already")

// Restore copies the images of a generation into a store and then its catalog to
// file, which must not exist. Damaged images are reported and left out.
func (f *Folder) Restore(ctx context.Context, m Manifest, file string, images object.Store, opt Options) (done Progress, err error) {
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
	copied := filepath.Join(dir, catalogFile)
	if err := f.catalogTo(m, copied); err != nil {
		return done, err
	}
	d, err := db.Open(ctx, copied, nil)
	if err != nil {
		return done, err
	}
	c := copier{from: f.objects, to: images, opt: opt}
	if err := errors.Join(c.rows(ctx, d), d.Close()); err != nil {
		return c.done, err
	}
	return c.done, f.catalogTo(m, file)
}
