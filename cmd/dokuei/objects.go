package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/object/limited"
	"github.com/dokuei/dokuei/storage/object/retried"
	"github.com/dokuei/dokuei/storage/object/s3object"
	"github.com/dokuei/dokuei/storage/object/sealed"
	"github.com/dokuei/dokuei/storage/pack"
	"github.com/dokuei/dokuei/storage/retention"
	"github.com/dokuei/dokuei/viewer/preview"
)

// images is the image store of a place.
type images interface {
	object.Store
	io.Closer
}

// newest is the view of s for what is made of images as they come.
func newest(s images) preview.Objects {
	switch s := s.(type) {
	case *fsobject.Store:
		return s.Warm()
	case *sealed.Store:
		if local, ok := s.Inner().(*fsobject.Store); ok {
			return s.Through(local.Warm())
		}
	}
	return s
}

// keptUntil gives the retention of objects in a bucket with object lock: the longest of
// the hospital's, whose ID every key begins with.
func keptUntil(d *db.DB) s3object.Until {
	return func(ctx context.Context, key string) (time.Time, error) {
		facility, _, _ := strings.Cut(key, "/")
		p, err := retention.PolicyOf(ctx, d.Read(ctx), facility)
		return p.Longest(time.Now()), err
	}
}

// openObjects opens the image store of the place, encrypted if a key was given.
// reserve is that of fsobject.Options; until is that of s3object.Options, where the
// URL says nothing of retention.
func (p place) openObjects(ctx context.Context, reserve int64, log *slog.Logger, until s3object.Until) (images, error) {
	url := p.Objects
	if url == "" {
		url = "file:" + filepath.Join(p.Data, "objects")
	}
	s, err := p.openStore(ctx, url, "spool", fsobject.Options{Reserve: reserve, Files: disk, NameFirst: ofHospital}, log, until)
	if err != nil {
		return nil, fmt.Errorf("--objects: %w", err)
	}
	return p.seal(ctx, s)
}

// ofHospital reports whether a key is that of a hospital's image: a row names it, and is
// written after Commit. What we keep beside the images, as the keys they are encrypted
// under, is found by its own name and must never be torn.
func ofHospital(key string) bool { return !strings.HasPrefix(key, "_") }

// disk is the file system of image stores; nil: the real one. The test binary, which
// runs as the program, puts one here that fails when it is told to.
var disk fsobject.Files

// openStore opens a local folder with these options, or a bucket with a spool of that
// name in the data folder; until as in openObjects.
func (p place) openStore(ctx context.Context, url, spool string, local fsobject.Options, log *slog.Logger, until s3object.Until) (images, error) {
	scheme, _, isURL := strings.Cut(url, "://")
	switch {
	case !isURL || scheme == "file":
		s, err := fsobject.Open(strings.TrimPrefix(strings.TrimPrefix(url, "file://"), "file:"), local)
		if err != nil {
			return nil, err
		}
		return s, nil
	case scheme != "s3":
		return nil, fmt.Errorf("unknown scheme %s: want file:DIR or s3://bucket/prefix?endpoint=…&region=…", scheme)
	}
	opt, err := s3object.ParseURL(url)
	if err != nil {
		return nil, err
	}
	if p.S3AccessKey == "" || p.S3SecretKey == "" {
		return nil, errors.New("s3://… needs DOKUEI_S3_ACCESS_KEY and DOKUEI_S3_SECRET_KEY in the environment")
	}
	opt.AccessKey, opt.SecretKey, opt.Log = p.S3AccessKey, p.S3SecretKey, log
	opt.Spool, opt.SpoolReserve = filepath.Join(p.Data, spool), local.Reserve
	if opt.Until == nil {
		opt.Until = until
	}
	again := retried.Options{Log: log}
	var s *s3object.Store
	err = retried.Do(ctx, "open", again, func(ctx context.Context) (err error) {
		s, err = s3object.Open(ctx, opt)
		return err
	})
	if err != nil {
		return nil, err
	}
	return retried.New(limited.New(s, bucketLimits), again), nil
}

// bucketLimits: at once no more goes up than a line of 8 Mbit/s carries while a request
// lasts, and no object is begun that has too many parts for S3.
var bucketLimits = limited.Options{Calls: 256, Bytes: 32 << 20, Size: s3object.SizeMax}

// storeCounters are those of the decorators of a store.
func storeCounters(s object.Store) (list []prometheus.Collector) {
	if c, ok := s.(*sealed.Store); ok {
		s = c.Inner()
	}
	if c, ok := s.(prometheus.Collector); ok {
		list = append(list, c)
	}
	return list
}

// seal puts encryption before a store when the place has a key. s is closed after an
// error.
func (p place) seal(ctx context.Context, s images) (_ images, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	keks, err := p.keks(ctx)
	if err != nil {
		return nil, err
	}
	if len(keks) == 0 {
		if err := sealed.Refuse(ctx, s); err != nil {
			return nil, err
		}
		return s, nil
	}
	c, err := sealed.Open(ctx, s, keks...)
	if err != nil {
		return nil, err // not a nil *sealed.Store
	}
	return c, nil
}

// keks are the key-encryption keys, the one in use first.
func (p place) keks(ctx context.Context) (keks []sealed.KEK, err error) {
	if p.EncryptionKey == "" {
		if len(p.EncryptionOldKey) > 0 {
			return nil, errors.New("--encryption-old-key needs --encryption-key beside it: the key in use now")
		}
		return nil, nil
	}
	for _, text := range append([]string{p.EncryptionKey}, p.EncryptionOldKey...) {
		k, err := sealed.ParseKEK(ctx, text)
		if err != nil {
			return nil, fmt.Errorf("--encryption-key: %w", err)
		}
		keks = append(keks, k)
	}
	return keks, nil
}

// Folders of what is made of images, in the data folder.
const derivedPlain, derivedSealed = "derived", "derived-sealed"

// derived is the folder in use.
func (p place) derived() string {
	if p.EncryptionKey != "" {
		return filepath.Join(p.Data, derivedSealed)
	}
	return filepath.Join(p.Data, derivedPlain)
}

// openPictures opens the store of what is made of images. Encrypted and plain
// pictures have folders of their own. Those of the other kind go, and so do those
// under a key that is no more: they are made again.
func (p place) openPictures(ctx context.Context, reserve int64) (*pack.Store, error) {
	dir, opt := p.derived(), pack.Options{Reserve: pictureReserve(reserve)}
	other := derivedSealed
	if p.EncryptionKey != "" {
		other = derivedPlain
	}
	gone := []string{filepath.Join(p.Data, other)}
	for _, one := range []string{"objects", "spool", "lock", "boot"} { // a file for each image, once
		gone = append(gone, filepath.Join(dir, one))
	}
	for _, one := range gone {
		if err := os.RemoveAll(one); err != nil {
			return nil, fmt.Errorf("pictures from before: %w", err)
		}
	}
	if p.EncryptionKey != "" {
		var err error
		if opt.Secret, err = p.pictureSecret(ctx, dir); errors.Is(err, sealed.ErrKey) || errors.Is(err, object.ErrDamaged) {
			if err := os.RemoveAll(dir); err != nil {
				return nil, fmt.Errorf("pictures from before: %w", err)
			}
			opt.Secret, err = p.pictureSecret(ctx, dir)
		}
		if err != nil {
			return nil, err
		}
	}
	return pack.Open(filepath.Join(dir, "pictures"), opt)
}

// pictureSecret is what pictures are encrypted with: the only object of a sealed store
// of its own.
func (p place) pictureSecret(ctx context.Context, dir string) (secret []byte, err error) {
	local, err := fsobject.Open(filepath.Join(dir, "key"), fsobject.Options{Reserve: -1})
	if err != nil {
		return nil, err
	}
	s, err := p.seal(ctx, local)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	const name = "pictures"
	if _, err := s.Stat(ctx, name); errors.Is(err, object.ErrNotFound) {
		if err := putSecret(ctx, s, name); err != nil {
			return nil, err
		}
	}
	o, err := s.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	return io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
}

func putSecret(ctx context.Context, s object.Store, name string) error {
	w, err := s.Create(ctx)
	if err != nil {
		return err
	}
	secret := make([]byte, 32)
	rand.Read(secret) //nolint:errcheck // never fails (crypto/rand)
	if _, err := w.Write(secret); err != nil {
		return errors.Join(err, w.Abort())
	}
	return errors.Join(w.Commit(ctx, name), w.Abort())
}
