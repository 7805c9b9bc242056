package fsobject

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/storage/object"
)

// List implements object.Store. It holds the entries of one folder per level.
func (s *Store) List(ctx context.Context, prefix, after string, fn func(object.Info) error) error {
	return s.list(ctx, "", prefix, after, fn)
}

// list walks the folder whose keys begin with base ("" or ending in "/").
func (s *Store) list(ctx context.Context, base, prefix, after string, fn func(object.Info) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.path(objectsFolder, base))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	// The order of keys is that of bytes with the slash in them: a-b before a/b.
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(sortName(a), sortName(b)) })
	for _, e := range entries {
		key := base + sortName(e)
		if !overlaps(key, prefix) {
			continue
		}
		if e.IsDir() {
			if key < after && !strings.HasPrefix(after, key) {
				continue // all of it sorts before after
			}
			if err := s.list(ctx, key, prefix, after, fn); err != nil {
				return err
			}
			continue
		}
		if key <= after || !strings.HasPrefix(key, prefix) || object.CheckKey(key) != nil {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted meanwhile
		}
		if err != nil {
			return err
		}
		if err := fn(object.Info{Key: key, Size: info.Size(), Modified: info.ModTime()}); err != nil {
			return err
		}
	}
	return nil
}

func sortName(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}

// overlaps reports whether keys beginning with key can begin with prefix.
func overlaps(key, prefix string) bool {
	return strings.HasPrefix(key, prefix) || strings.HasPrefix(prefix, key)
}
