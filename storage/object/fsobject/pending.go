package fsobject

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/dokuei/dokuei/internal/disk"
	"github.com/dokuei/dokuei/storage/object"
)

// checkEvery is how much a Write may add before the space is looked at again.
const checkEvery = 32 << 20

// Create implements object.Store.
func (s *Store) Create(ctx context.Context) (object.Pending, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := s.Room(); err != nil {
		return nil, err
	}
	name := s.path(spoolFolder, rand.Text()+spoolSuffix)
	f, err := s.files.Create(name)
	if err != nil {
		return nil, s.wrap("create", err)
	}
	return &pending{store: s, name: name, file: f, hash: sha256.New(), buf: s.pool.smallOne()}, nil
}

// Room answers ErrNoSpace when the reserve has been reached.
func (s *Store) Room() error {
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
	if disk.Full(err) {
		return fmt.Errorf("fsobject: %s: %w: %w", what, object.ErrNoSpace, err)
	}
	return fmt.Errorf("fsobject: %s: %w", what, err)
}

// pending is a spool file.
type pending struct {
	store   *Store
	name    string
	file    File // nil once closed
	buf     *buffer
	used    int   // bytes in buf that the file does not have
	written int64 // bytes the file has
	hash    hash.Hash
	size    int64
	checked int64
	renamed bool
}

func (p *pending) Write(b []byte) (n int, err error) {
	if p.file == nil {
		return 0, object.ErrFinished
	}
	if p.size-p.checked >= checkEvery {
		if err := p.store.Room(); err != nil {
			return 0, err
		}
		p.checked = p.size
	}
	for n < len(b) {
		if p.used == len(p.buf.bytes) {
			if err := p.makeRoom(); err != nil {
				return n, err
			}
		}
		m := copy(p.buf.bytes[p.used:], b[n:])
		p.hash.Write(b[n : n+m])
		p.used += m
		p.size += int64(m)
		n += m
	}
	return n, nil
}

// makeRoom is called when the buffer is full.
func (p *pending) makeRoom() error {
	if p.written == 0 && len(p.buf.bytes) == smallBuffer {
		if large := p.store.pool.largeOne(); large != nil {
			copy(large.bytes, p.buf.bytes)
			p.buf.free()
			p.buf = large
			return nil
		}
	}
	return p.flush()
}

// flush hands the file what the buffer holds.
func (p *pending) flush() error {
	n, err := p.file.Write(p.buf.bytes[:p.used])
	p.written += int64(n)
	if err != nil {
		p.used = copy(p.buf.bytes, p.buf.bytes[n:p.used])
		return p.store.wrap("write", err)
	}
	p.used = 0
	return nil
}

func (p *pending) ReadAt(b []byte, off int64) (int, error) {
	if p.file == nil {
		return 0, object.ErrFinished
	}
	if off < 0 {
		return 0, fs.ErrInvalid
	}
	n := 0
	if off < p.written {
		var err error
		if n, err = p.file.ReadAt(b[:min(int64(len(b)), p.written-off)], off); err != nil {
			return n, err
		}
	}
	if at := off + int64(n) - p.written; n < len(b) && at < int64(p.used) {
		n += copy(b[n:], p.buf.bytes[at:p.used])
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (p *pending) Sum() (sum [32]byte) {
	p.hash.Sum(sum[:0])
	return sum
}

func (p *pending) Size() int64 { return p.size }

// Replace implements object.Pending: Commit keeps nothing but what it could not replace.
func (p *pending) Replace() {}

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
	whole := p.written == 0 && p.used > 0
	if err := p.settle(to, p.store.early != nil && p.store.early(key)); err != nil {
		p.freeBuffer()
		return err
	}
	if !whole {
		p.freeBuffer()
	}
	p.store.warm.drop(key)
	if p.buf != nil {
		p.store.warm.keep(key, p.buf, int(p.size))
		p.buf = nil
	}
	return nil
}

// settle makes the file and its name durable.
func (p *pending) settle(to string, early bool) error {
	if err := p.finish(to, early); err != nil {
		return err
	}
	if !p.renamed {
		if err := p.into(to, p.rename); err != nil {
			return p.store.wrap("commit", err)
		}
	}
	if err := p.store.syncFolder(filepath.Dir(to)); err != nil {
		return p.store.wrap("sync folder", err)
	}
	return nil
}

// finish writes, syncs and closes the file, which may have its name by then. The
// buffer stays.
func (p *pending) finish(to string, early bool) (err error) {
	if p.used > 0 {
		_, err = p.file.Write(p.buf.bytes[:p.used])
	}
	if err == nil && early {
		// With the name there, one flush of a journal takes content and name.
		err = p.into(to, p.renameNew)
	}
	if err == nil {
		err = p.file.Sync()
	}
	err = errors.Join(err, p.file.Close())
	p.file = nil
	if err != nil {
		return p.store.wrap("write", err)
	}
	return nil
}

// into gives the file its name in a folder that is made when it is missing.
func (p *pending) into(to string, rename func(to string) error) error {
	dir := filepath.Dir(to)
	if err := p.store.folder(dir); err != nil {
		return err
	}
	err := rename(to)
	if errors.Is(err, fs.ErrNotExist) { // somebody has tidied up the folders
		p.store.forget()
		if err := p.store.folder(dir); err != nil {
			return err
		}
		err = rename(to)
	}
	return err
}

func (p *pending) freeBuffer() {
	if p.buf != nil {
		p.buf.free()
		p.buf = nil
	}
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

// renameNew puts the file in place when nothing is there: what is may be of somebody
// who was told that it is durable, and is only replaced by what is durable, too.
func (p *pending) renameNew(to string) error {
	err := p.store.files.RenameNew(p.name, to)
	p.renamed = err == nil
	if errors.Is(err, fs.ErrExist) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

func (p *pending) Abort() error {
	var err error
	p.freeBuffer()
	if p.file != nil {
		err = p.file.Close()
		p.file = nil
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

// syncFolder makes the names in dir durable.
func (s *Store) syncFolder(dir string) error {
	s.mu.Lock()
	f := s.syncs[dir]
	if f == nil {
		if len(s.syncs) >= syncsMax {
			clear(s.syncs)
		}
		f = new(folderSync)
		s.syncs[dir] = f
	}
	s.mu.Unlock()
	return f.do(func() error { return s.files.SyncDir(dir) })
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
	if err := s.files.SyncDir(filepath.Dir(dir)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.dirs) >= dirsMax {
		clear(s.dirs)
	}
	s.dirs[dir] = struct{}{}
	return nil
}
