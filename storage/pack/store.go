package pack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dokuei/dokuei/internal/disk"
	"github.com/dokuei/dokuei/storage/object"
)

// ErrNotFound: there is no value, or none that is whole. It is that of objects.
var ErrNotFound = object.ErrNotFound

// rememberedMost is of how many values a Store knows the place; a hundred bytes each.
const rememberedMost = 1 << 17

// Options of a Store.
type Options struct {
	// Reserve is kept free on the volume. 0: a fiftieth of it, at least 16 MiB and at
	// most 2 GiB, twice what images leave: what can be made again must not take the
	// last room from what cannot. Negative: nothing.
	Reserve int64
	// Secret encrypts what is kept; nil: nothing is.
	Secret []byte
}

// Store keeps values in a folder.
type Store struct {
	root    string
	secret  []byte
	reserve int64
	memory  *memory
	buffers sync.Pool    // *[]byte
	checked atomic.Int64 // when there was room the last time, in nanoseconds
}

// Open opens the store in root, which is made when missing.
func Open(root string, opt Options) (*Store, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	s := &Store{root: root, secret: opt.Secret, reserve: opt.Reserve, memory: newMemory(rememberedMost)}
	if s.reserve == 0 {
		_, total, err := disk.Space(root)
		if err != nil {
			return nil, fmt.Errorf("pack: %w", err)
		}
		s.reserve = min(max(total/50, 16<<20), 2<<30)
	}
	s.buffers.New = func() any { return new([]byte) }
	return s, nil
}

// Key derives a key of 32 bytes from the secret, for files that are kept beside the
// store for the purpose named; nil when the store is not encrypted.
func (s *Store) Key(purpose string) []byte {
	if s.secret == nil {
		return nil
	}
	// Longer than the random bytes of any pack: never the key of one.
	return derive(s.secret, []byte("dokuei key derived for "+purpose))
}

// file is the path of a group.
func (s *Store) file(group string) (string, error) {
	if err := object.CheckKey(group + ".pack"); err != nil {
		return "", err
	}
	if filepath.Base(group) != group {
		return "", fmt.Errorf("%w: a group is one segment", object.ErrKey)
	}
	return filepath.Join(s.root, group[:min(len(group), 6)], group+".pack"), nil
}

// Get reads the value of an ID in a group. ErrNotFound when there is none.
func (s *Store) Get(ctx context.Context, group, id string) ([]byte, error) {
	var b []byte
	err := s.look(ctx, group, func(f *os.File, x *index) (err error) {
		at, ok := x.at[id]
		if !ok {
			return ErrNotFound
		}
		if b, ok, err = at.read(f); err != nil {
			return err
		}
		if ok && x.aead != nil {
			b, ok = open(x, b, id)
		}
		if !ok {
			delete(x.at, id)
			return ErrNotFound
		}
		return nil
	})
	return b, err
}

// Has tells whether a value is there, without reading it.
func (s *Store) Has(ctx context.Context, group, id string) (bool, error) {
	ok := false
	err := s.look(ctx, group, func(_ *os.File, x *index) error {
		_, ok = x.at[id]
		return nil
	})
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return ok, err
}

// Len is how many values a group has.
func (s *Store) Len(ctx context.Context, group string) (n int, err error) {
	err = s.look(ctx, group, func(_ *os.File, x *index) error {
		n = len(x.at)
		return nil
	})
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return n, err
}

// look calls fn with the file of a group and what is in it.
func (s *Store) look(ctx context.Context, group string, fn func(*os.File, *index) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name, err := s.file(group)
	if err != nil {
		return err
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	defer f.Close()
	x := s.memory.get(group)
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, err := x.refresh(f, s.secret); err != nil {
		return fmt.Errorf("pack: %w", err)
	}
	s.memory.count(x, len(x.at))
	if err := fn(f, x); err != nil && !errors.Is(err, ErrNotFound) {
		return fmt.Errorf("pack: %w", err)
	} else if err != nil {
		return err
	}
	return nil
}

// Put keeps the parts, one after another, as the value of an ID in a group.
// object.ErrNoSpace when there is no room for what can be made again.
func (s *Store) Put(ctx context.Context, group, id string, parts ...[]byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if id == "" || len(id) > idMax {
		return fmt.Errorf("%w: ID of %d bytes", object.ErrKey, len(id))
	}
	name, err := s.file(group)
	if err != nil {
		return err
	}
	if err := s.Room(); err != nil {
		return err
	}
	f, err := create(name)
	if err != nil {
		return wrap(err)
	}
	err = s.add(f, s.memory.get(group), id, parts)
	if cerr := f.Close(); cerr != nil {
		err = errors.Join(err, cerr)
	}
	if err != nil {
		return wrap(err)
	}
	return nil
}

// create opens a file for appending to it, and makes it and its folder when missing.
func create(name string) (*os.File, error) {
	const flags = os.O_RDWR | os.O_CREATE
	f, err := os.OpenFile(name, flags, 0o600)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(name, flags, 0o600)
}

// add appends a record, in one write after the last one that is whole.
func (s *Store) add(f *os.File, x *index, id string, parts [][]byte) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := disk.Lock(f); err != nil {
		return err
	}
	size, err := x.refresh(f, s.secret)
	if err != nil {
		return err
	}
	buf := s.buffers.Get().(*[]byte)
	defer s.buffers.Put(buf)
	b := (*buf)[:0]
	begin := x.end
	if begin == 0 {
		b = append(b, fileMagic...)
		b = append(b, make([]byte, saltSize)...)
		rand.Read(b[len(fileMagic):]) //nolint:errcheck // never fails (crypto/rand)
		x.begin([saltSize]byte(b[len(fileMagic):]), s.secret)
	}
	if size > begin { // what was cut off
		if err := f.Truncate(begin); err != nil {
			return err
		}
	}
	b, at := record(b, x, id, parts)
	*buf = b
	if at.length > valueMax {
		return fmt.Errorf("value of %d bytes", at.length)
	}
	if _, err := f.WriteAt(b, begin); err != nil {
		x.end = 0 // what is there now is found out by the next
		return errors.Join(err, f.Truncate(begin))
	}
	at.at += begin
	x.at[id], x.end = at, begin+int64(len(b))
	s.memory.count(x, len(x.at))
	return nil
}

// record appends a record to b; the span is from the beginning of b.
func record(b []byte, x *index, id string, parts [][]byte) ([]byte, span) {
	length := 0
	for _, p := range parts {
		length += len(p)
	}
	if x.aead != nil {
		length += x.aead.NonceSize() + x.aead.Overhead()
	}
	head := len(b)
	b = appendHeader(b, id, length, 0)
	value := len(b)
	if x.aead != nil {
		b = seal(b, x, id, parts)
	} else {
		for _, p := range parts {
			b = append(b, p...)
		}
	}
	at := span{int64(value), length, crc32.Checksum(b[value:], castagnoli)}
	appendHeader(b[:head], id, length, at.check) // now that the check is known
	return b, at
}

func seal(b []byte, x *index, id string, parts [][]byte) []byte {
	nonce := make([]byte, x.aead.NonceSize())
	rand.Read(nonce) //nolint:errcheck // never fails (crypto/rand)
	var plain []byte
	for _, p := range parts {
		plain = append(plain, p...)
	}
	return x.aead.Seal(append(b, nonce...), nonce, plain, []byte(id))
}

func open(x *index, b []byte, id string) (plain []byte, ok bool) {
	n := x.aead.NonceSize()
	if len(b) < n {
		return nil, false
	}
	plain, err := x.aead.Open(b[n:n], b[:n], b[n:], []byte(id))
	return plain, err == nil
}

// Drop removes a group. It is no error when there is none.
func (s *Store) Drop(group string) error {
	name, err := s.file(group)
	if err != nil {
		return err
	}
	s.memory.drop(group)
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("pack: %w", err)
	}
	return nil
}

// roomFor is how long there being room is believed.
const roomFor = 100 * time.Millisecond

// Room answers object.ErrNoSpace when the reserve has been reached.
func (s *Store) Room() error {
	now := time.Now().UnixNano()
	if d := now - s.checked.Load(); d >= 0 && d < int64(roomFor) {
		return nil
	}
	free, _, err := disk.Space(s.root)
	if err != nil {
		return wrap(err)
	}
	if free < s.reserve {
		return fmt.Errorf("pack: %w: %d bytes free, %d are reserved", object.ErrNoSpace, free, s.reserve)
	}
	s.checked.Store(now)
	return nil
}

// wrap makes a full disk recognisable.
func wrap(err error) error {
	if disk.Full(err) {
		return fmt.Errorf("pack: %w: %w", object.ErrNoSpace, err)
	}
	return fmt.Errorf("pack: %w", err)
}
