package bundle

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	suffix  = ".dkb"
	growing = ".part" // of a bundle that will not be kept
)

// unfinished stands in the place of the magic until everything else is on the disk:
// a file of an open handle cannot be renamed everywhere.
const unfinished = "DKB0"

// shelf is the folder of the finished bundles.
type shelf struct {
	dir string
	max int64
	key []byte // nil: nothing is sealed

	mu    sync.Mutex
	bytes int64
	books map[string]*book // by file name
}

type book struct {
	size int64
	used time.Time
}

func openShelf(dir string, maxBytes int64, key []byte) (*shelf, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	s := &shelf{dir: dir, max: maxBytes, key: key, books: map[string]*book{}}
	for _, e := range list {
		switch info, err := e.Info(); {
		case err != nil || !info.Mode().IsRegular():
		case strings.HasSuffix(e.Name(), suffix) && s.whole(filepath.Join(dir, e.Name())):
			s.books[e.Name()] = &book{info.Size(), info.ModTime()}
			s.bytes += info.Size()
		case strings.HasSuffix(e.Name(), suffix), strings.HasSuffix(e.Name(), growing):
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return nil, fmt.Errorf("bundle: %w", err)
			}
		}
	}
	return s, nil
}

// whole tells that a file begins as one does that was finished, under a key or plain
// as this shelf is.
func (s *shelf) whole(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	b := make([]byte, len(magic))
	_, err = io.ReadFull(f, b)
	return err == nil && string(b) == s.mark()
}

// name of a bundle's file. Both parts are our own: a UUID and hexadecimal digits.
func name(seriesID, revision string) string { return seriesID + "." + revision + suffix }

// open gives a finished bundle, or fs.ErrNotExist.
func (s *shelf) open(seriesID, revision string) (*volume, error) {
	n, now := name(seriesID, revision), time.Now()
	s.mu.Lock()
	b, ok := s.books[n]
	if ok {
		b.used = now
	}
	s.mu.Unlock()
	path := filepath.Join(s.dir, n)
	if !ok && !s.whole(path) { // another process may have made it
		return nil, fs.ErrNotExist
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) { // or dropped it
		s.mu.Lock()
		defer s.mu.Unlock()
		if b, ok := s.books[n]; ok {
			s.bytes -= b.size
			delete(s.books, n)
		}
	}
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && !ok {
		s.mu.Lock()
		s.books[n] = &book{info.Size(), now}
		s.bytes += info.Size()
		s.mu.Unlock()
	}
	// The order of use outlives the process; when it cannot be kept it is guessed.
	_ = os.Chtimes(f.Name(), time.Time{}, now)
	return s.volume(f)
}

func (s *shelf) has(seriesID, revision string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.books[name(seriesID, revision)]
	return ok
}

// older gives a finished bundle of the series with another revision, the largest,
// or nil.
func (s *shelf) older(seriesID string) *volume {
	s.mu.Lock()
	best, size := "", int64(0)
	for n, b := range s.books {
		if strings.HasPrefix(n, seriesID+".") && b.size > size {
			best, size = n, b.size
		}
	}
	s.mu.Unlock()
	if best == "" {
		return nil
	}
	f, err := os.Open(filepath.Join(s.dir, best))
	if err != nil {
		return nil // dropped meanwhile
	}
	v, err := s.volume(f)
	if err != nil {
		return nil // as good as not there
	}
	return v
}

// create begins the file of a bundle. Where the name is taken, by one that did not
// become whole and is still being read, the file has another and will not be kept.
func (s *shelf) create(seriesID, revision string) (draft, error) {
	f, err := os.OpenFile(filepath.Join(s.dir, name(seriesID, revision)), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		f, err = os.CreateTemp(s.dir, "*"+growing)
	}
	if err != nil {
		return nil, err
	}
	if s.key == nil {
		return open{f}, nil
	}
	d, err := veil(f, s.key)
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return d, nil
}

// keep finishes a file that has everything but its magic, drops the older bundles of
// the series and, when there is no room, those not used for longest. False means
// that the file has a name that is not kept.
func (s *shelf) keep(f draft, seriesID, revision string) (bool, error) {
	now := name(seriesID, revision)
	if filepath.Base(f.Name()) != now {
		return false, nil
	}
	err := f.complete()
	var info fs.FileInfo
	if err == nil {
		info, err = os.Stat(f.Name())
	}
	if err != nil {
		return false, fmt.Errorf("bundle: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.books[now] = &book{info.Size(), time.Now()}
	s.bytes += info.Size()
	for n := range s.books {
		if n != now && strings.HasPrefix(n, seriesID+".") {
			err = errors.Join(err, s.drop(n))
		}
	}
	return true, errors.Join(err, s.tidy(now))
}

// tidy drops until what is left fits. mu is held.
func (s *shelf) tidy(but string) error {
	if s.bytes <= s.max {
		return nil
	}
	names := make([]string, 0, len(s.books))
	for n := range s.books {
		if n != but {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(s.books[a].used.Compare(s.books[b].used), cmp.Compare(a, b))
	})
	var err error
	for _, n := range names {
		if s.bytes <= s.max {
			break
		}
		err = errors.Join(err, s.drop(n))
	}
	return err
}

// drop removes a bundle; who reads it reads on. mu is held.
func (s *shelf) drop(n string) error {
	if err := os.Remove(filepath.Join(s.dir, n)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("bundle: %w", err) // Windows, while it is read: dropped another time
	}
	s.bytes -= s.books[n].size
	delete(s.books, n)
	return nil
}

// discard drops a bundle that is not what was put there; it is made again.
func (s *shelf) discard(n string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.books[n] != nil {
		_ = s.drop(n) // Windows, while it is read: it is found damaged another time
	}
}

// forget drops the bundles of a series.
func (s *shelf) forget(seriesID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for n := range s.books {
		if strings.HasPrefix(n, seriesID+".") {
			err = errors.Join(err, s.drop(n))
		}
	}
	return err
}
