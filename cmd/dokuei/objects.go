package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/object/s3object"
	"github.com/dokuei/dokuei/storage/object/sealed"
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

// openObjects opens the image store of the place, encrypted if a key was given.
// reserve is that of fsobject.Options.
func (p place) openObjects(ctx context.Context, reserve int64, log *slog.Logger) (images, error) {
	url := p.Objects
	if url == "" {
		url = "file:" + filepath.Join(p.Data, "objects")
	}
	s, err := p.openStore(ctx, url, "spool", reserve, log)
	if err != nil {
		return nil, fmt.Errorf("--objects: %w", err)
	}
	return p.seal(ctx, s)
}

// openStore opens a local folder, or a bucket with a spool of that name in the data
// folder.
func (p place) openStore(ctx context.Context, url, spool string, reserve int64, log *slog.Logger) (images, error) {
	scheme, _, isURL := strings.Cut(url, "://")
	switch {
	case !isURL || scheme == "file":
		s, err := fsobject.Open(strings.TrimPrefix(strings.TrimPrefix(url, "file://"), "file:"), fsobject.Options{Reserve: reserve})
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
	opt.Spool, opt.SpoolReserve = filepath.Join(p.Data, spool), reserve
	s, err := s3object.Open(ctx, opt)
	if err != nil {
		return nil, err
	}
	return s, nil
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

// openPictures opens the store of what is made of images. Encrypted and plain
// pictures have folders of their own. Those of the other kind go, and so do those
// under a key that is no more: they are made again.
func (p place) openPictures(ctx context.Context, reserve int64) (images, error) {
	name, other := "derived", "derived-sealed"
	if p.EncryptionKey != "" {
		name, other = other, name
	}
	if err := os.RemoveAll(filepath.Join(p.Data, other)); err != nil {
		return nil, fmt.Errorf("pictures from before: %w", err)
	}
	dir := filepath.Join(p.Data, name)
	open := func() (images, error) {
		s, err := fsobject.Open(dir, fsobject.Options{Reserve: pictureReserve(reserve), Derived: true})
		if err != nil {
			return nil, err
		}
		return p.seal(ctx, s)
	}
	s, err := open()
	if errors.Is(err, sealed.ErrKey) {
		if err := os.RemoveAll(dir); err != nil {
			return nil, fmt.Errorf("pictures from before: %w", err)
		}
		return open()
	}
	return s, err
}
