package fsobject

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/dokuei/dokuei/storage/object"
)

const (
	bufferSize = 128 << 10
	// checkEvery is how much a Write may add before the space is looked at again.
	checkEvery = 32 << 20
)

// buffers are reused between objects: an association writes hundreds of them.
var buffers = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, bufferSize) }}

// Create implements object.Store.
func (s *Store) Create(ctx context.Context) (object.Pending, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := s.room(); err != nil {
		return nil, err
	}
	name := s.path(spoolFolder, rand.Text()+spoolSuffix)
	f, err := s.files.Create(name)
	if err != nil {
		return nil, s.wrap("create", err)
	}
	p := &pending{store: s, name: name, file: f, hash: sha256.New(), buf: buffers.Get().(*bufio.Writer)}
	p.buf.Reset(f)
	return p, nil
}

// room answers ErrNoSpace when the reserve has been reached.
func (s *Store) room() error {
	free, _, err := s.files.Space(s.root)
	if err != nil {
		return s.wrap("look for space", err)
	}
	if free < s.reserve {
		return fmt.Errorf("%w: %d bytes free, %d are reserved", object.ErrNoSpace, free, s.reserve)
	}
	return nil
}

// wrap makes a full disk recognisable.
func (s *Store) wrap(what string, err error) error {
	if full(err) {
		return fmt.Errorf("fsobject: %s: %w: %w", what, object.ErrNoSpace, err)
	}
	return fmt.Errorf("fsobject: %s: %w", what, err)
}

// pending is a spool file.
type pending struct {
	store   *Store
	name    string
	file    File // nil once closed
	buf     *bufio.Writer
	hash    hash.Hash
	size    int64
	checked int64
	renamed bool
}

func (p *pending) Write(b []byte) (int, error) {
	if p.file == nil {
		return 0, object.ErrFinished
	}
	if p.size-p.checked >= checkEvery {
		if err := p.store.room(); err != nil {
			return 0, err
		}
		p.checked = p.size
	}
	n, err := p.buf.Write(b)
	p.hash.Write(b[:n])
	p.size += int64(n)
	if err != nil {
		err = p.store.wrap("write", err)
	}
	return n, err
}

func (p *pending) ReadAt(b []byte, off int64) (int, error) {
	if p.file == nil {
		return 0, object.ErrFinished
	}
	if err := p.buf.Flush(); err != nil {
		return 0, p.store.wrap("write", err)
	}
	return p.file.ReadAt(b, off)
}

func (p *pending) Sum() (sum [32]byte) {
	p.hash.Sum(sum[:0])
	return sum
}

func (p *pending) Size() int64 { return p.size }

func (p *pending) Commit(ctx context.Context, key string) error {
	to, err := p.store.file(key)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.file == nil {
		return object.ErrFinished
	}
	if err := p.finish(); err != nil {
		return p.store.wrap("write", err)
	}
	if err := p.store.folder(filepath.Dir(to)); err != nil {
		return p.store.wrap("make folder", err)
	}
	err = p.rename(to)
	if errors.Is(err, fs.ErrNotExist) { // somebody has tidied up the folders
		p.store.forget()
		if err := p.store.folder(filepath.Dir(to)); err != nil {
			return p.store.wrap("make folder", err)
		}
		err = p.rename(to)
	}
	if err != nil {
		return p.store.wrap("commit", err)
	}
	if p.store.derived {
		return nil
	}
	if err := p.store.files.SyncDir(filepath.Dir(to)); err != nil {
		return p.store.wrap("sync folder", err)
	}
	return nil
}

// finish writes, syncs and closes the spool file.
func (p *pending) finish() error {
	err := p.buf.Flush()
	if err == nil && !p.store.derived {
		err = p.file.Sync()
	}
	return errors.Join(err, p.close())
}

func (p *pending) close() error {
	p.buf.Reset(nil)
	buffers.Put(p.buf)
	p.buf = nil
	err := p.file.Close()
	p.file = nil
	return err
}

// rename puts the file in place. Windows refuses while somebody reads the object
// that is there; with the same size it is the same content, and synced.
func (p *pending) rename(to string) error {
	err := p.store.files.Rename(p.name, to)
	if err == nil {
		p.renamed = true
		return nil
	}
	if busy(err) && sizeOf(to) == p.size {
		return nil
	}
	return err
}

func (p *pending) Abort() error {
	var err error
	if p.file != nil {
		err = p.close()
	}
	if p.renamed {
		return err
	}
	p.renamed = true
	if rerr := p.store.files.Remove(p.name); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
		err = errors.Join(err, rerr)
	}
	return err
}

// forget drops what is known of the folders.
func (s *Store) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.dirs)
}

// folder makes dir and its parents below objects durable.
func (s *Store) folder(dir string) error {
	if dir == s.path(objectsFolder) {
		return nil
	}
	s.mu.Lock()
	_, known := s.dirs[dir]
	s.mu.Unlock()
	if known {
		return nil
	}
	if err := s.folder(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := s.files.Mkdir(dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	// Also when it was there: whoever made it may not have synced it yet.
	if !s.derived {
		if err := s.files.SyncDir(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.dirs) >= dirsMax {
		clear(s.dirs)
	}
	s.dirs[dir] = struct{}{}
	return nil
}
