package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/object/s3object"
	"github.com/dokuei/dokuei/viewer/preview"
)

// images is the image store of a place.
type images interface {
	object.Store
	io.Closer
}

// newest is the view of s for what is made of images as they come.
func newest(s images) preview.Objects {
	if local, ok := s.(*fsobject.Store); ok {
		return local.Warm()
	}
	return s
}

// openObjects opens the image store: a local folder, or a bucket with a spool in
// the data folder. reserve is that of fsobject.Options.
func (p place) openObjects(ctx context.Context, reserve int64, log *slog.Logger) (images, error) {
	open := func(dir string) (images, error) {
		s, err := fsobject.Open(dir, fsobject.Options{Reserve: reserve})
		if err != nil {
			return nil, err
		}
		return s, nil
	}
	scheme, _, isURL := strings.Cut(p.Objects, "://")
	switch {
	case p.Objects == "":
		return open(filepath.Join(p.Data, "objects"))
	case !isURL || scheme == "file":
		return open(strings.TrimPrefix(strings.TrimPrefix(p.Objects, "file://"), "file:"))
	case scheme != "s3":
		return nil, fmt.Errorf("--objects: unknown scheme %s: want file:DIR or s3://bucket/prefix?endpoint=…&region=…", scheme)
	}
	opt, err := s3object.ParseURL(p.Objects)
	if err != nil {
		return nil, fmt.Errorf("--objects: %w", err)
	}
	if p.S3AccessKey == "" || p.S3SecretKey == "" {
		return nil, errors.New("--objects s3://… needs DOKUEI_S3_ACCESS_KEY and DOKUEI_S3_SECRET_KEY in the environment")
	}
	opt.AccessKey, opt.SecretKey, opt.Log = p.S3AccessKey, p.S3SecretKey, log
	opt.Spool, opt.SpoolReserve = filepath.Join(p.Data, "spool"), reserve
	s, err := s3object.Open(ctx, opt)
	if err != nil {
		return nil, err
	}
	return s, nil
}
