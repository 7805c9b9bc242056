package fsobject

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/dokuei/dokuei/internal/disk"
	"github.com/dokuei/dokuei/storage/object"
)

// Options of a Store.
type Options struct {
	// Reserve is kept free on the volume. 0: a hundredth of the volume, at least
	// 8 MiB and at most 1 GiB. Negative: nothing.
	Reserve int64
	// NameFirst says which objects may have their name before their content is on the
	// medium, so that one flush takes both; nil: none. Commit promises what it always
	// does, but what a power cut leaves under a name for which Commit has not returned
	// nil may be torn: it is for objects that nobody looks for without a row that was
	// written after Commit.
	NameFirst func(key string) bool
	// Files is the file system; nil for the real one.
	Files Files
}

// Store is an object.Store in a folder.
type Store struct {
	root    string
	files   Files
	reserve int64
	early   func(key string) bool // Options.NameFirst
	lock    *os.File

	pool pool
	warm warm // the newest objects

	mu    sync.Mutex
	dirs  map[string]struct{}    // folders known to be durable
	syncs map[string]*folderSync // folders in use
}

var _ object.Store = (*Store)(nil)

const (
	spoolFolder   = "spool"
	objectsFolder = "objects"
	spoolSuffix   = ".part"
	largeMost     = 32 + warmMost
	syncsMax      = 1 << 10
	dirsMax       = 1 << 17 // folders remembered; more than a hundred facilities fill in a year
)

// Open opens the store in root, which is made when missing. What an earlier
// process left in the spool is removed, unless another process is using the store. From
// a volume that is mounted read-only it is read.
func Open(root string, opt Options) (*Store, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("fsobject: %w", err)
	}
	s := &Store{root: abs, files: opt.Files, early: opt.NameFirst, dirs: make(map[string]struct{}), syncs: make(map[string]*folderSync)}
	s.pool.most = largeMost
	if s.files == nil {
		s.files = osFiles{}
	}
	for _, dir := range []string{abs, s.path(spoolFolder), s.path(objectsFolder)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("fsobject: %w", err)
		}
	}
	if err := errors.Join(s.files.SyncDir(filepath.Dir(abs)), s.files.SyncDir(abs)); err != nil {
		return nil, fmt.Errorf("fsobject: %w", err)
	}
	if s.reserve, err = s.reserveOf(opt.Reserve); err != nil {
		return nil, fmt.Errorf("fsobject: %w", err)
	}
	if err := s.sweep(); err != nil {
		return nil, fmt.Errorf("fsobject: %w", err)
	}
	return s, nil
}

func (s *Store) reserveOf(want int64) (int64, error) {
	if want != 0 {
		return max(want, 0), nil
	}
	_, total, err := s.files.Space(s.root)
	return min(max(total/100, 8<<20), 1<<30), err
}

// sweep removes what no process is writing any more.
func (s *Store) sweep() error {
	f, err := os.OpenFile(s.path("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if readOnly(err) {
		return nil // a copy that is only looked at: nobody writes here
	}
	if err != nil {
		return err
	}
	first, err := disk.TryLock(f)
	if err != nil || !first {
		return errors.Join(err, f.Close())
	}
	s.lock = f // held until Close or the end of the process
	left, err := os.ReadDir(s.path(spoolFolder))
	if err != nil {
		return err
	}
	for _, e := range left {
		if strings.HasSuffix(e.Name(), spoolSuffix) {
			if err := os.Remove(s.path(spoolFolder, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close lets another process sweep. Objects and pendings stay usable.
func (s *Store) Close() error {
	if s.lock == nil {
		return nil
	}
	return s.lock.Close()
}

// Free is how much may still be written before ErrNoSpace.
func (s *Store) Free() (int64, error) {
	free, _, err := s.files.Space(s.root)
	return max(free-s.reserve, 0), err
}

func (s *Store) path(elem ...string) string {
	return filepath.Join(append([]string{s.root}, elem...)...)
}

// file is the path of a key. CheckKey lets no key leave the folder.
func (s *Store) file(key string) (string, error) {
	if err := object.CheckKey(key); err != nil {
		return "", err
	}
	return s.path(objectsFolder, filepath.FromSlash(key)), nil
}

// Open implements object.Store.
func (s *Store) Open(_ context.Context, key string) (object.Object, error) {
	name, err := s.file(key)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, notFound(key, err)
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		f.Close()
		return nil, notFound(key, err)
	}
	return &open{f, st.Size()}, nil
}

type open struct {
	*os.File
	size int64
}

func (o *open) Size() int64 { return o.size }

// ReadAt tells a place that the medium cannot read from every other error: nobody who
// reads the whole store may stop at it.
func (o *open) ReadAt(b []byte, off int64) (int, error) {
	n, err := o.File.ReadAt(b, off)
	if err != nil && unreadable(err) {
		err = fmt.Errorf("%w: %w", object.ErrDamaged, err)
	}
	return n, err
}

// OSFile is for object.Seeker.
func (o *open) OSFile() *os.File { return o.File }

// Stat implements object.Store.
func (s *Store) Stat(_ context.Context, key string) (object.Info, error) {
	name, err := s.file(key)
	if err != nil {
		return object.Info{}, err
	}
	st, err := os.Stat(name)
	if err == nil && !st.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return object.Info{}, notFound(key, err)
	}
	return object.Info{Key: key, Size: st.Size(), Modified: st.ModTime()}, nil
}

// Delete implements object.Store. Folders stay: others may be about to use them.
func (s *Store) Delete(_ context.Context, key string) error {
	name, err := s.file(key)
	if err != nil {
		return err
	}
	if st, err := os.Stat(name); err == nil && st.IsDir() {
		return notFound(key, fs.ErrNotExist)
	}
	s.warm.drop(key)
	if err := s.files.Remove(name); err != nil {
		return notFound(key, err)
	}
	if err := s.files.SyncDir(filepath.Dir(name)); err != nil {
		return fmt.Errorf("fsobject: delete: %w", err)
	}
	return nil
}

// notFound turns the system's words into those of the contract. A key that runs
// through another object (a/b under object a) does not exist either.
func notFound(key string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || notDirectory(err) {
		return fmt.Errorf("%w: %s", object.ErrNotFound, key)
	}
	return fmt.Errorf("fsobject: %w", err)
}
