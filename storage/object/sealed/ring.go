package sealed

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dokuei/dokuei/storage/object"
)

// reserved is where store keys are: _sealed/<store key's ID>/<KEK's ID>.
const reserved = "_sealed/"

const (
	recordMax = 64 << 10        // bytes of one wrapped store key
	ringMax   = 10_000          // store keys
	lookAgain = 5 * time.Second // least time between two searches for a key that is not known
)

// ErrKey: no key-encryption key that was given opens it.
var ErrKey = errors.New("sealed: none of the keys given opens the store; name the key it was made with (--encryption-key, --encryption-old-key)")

type keyID [idSize]byte

func (id keyID) String() string { return hex.EncodeToString(id[:]) }

// Key describes a store key.
type Key struct {
	ID      string
	Made    time.Time
	KEKs    []string // who wraps it
	Current bool     // objects are stored under it now
}

// record is a store key as it is kept.
type record struct {
	ID      string    `json:"id"`
	Made    time.Time `json:"made"`
	KEK     string    `json:"kek"`
	Wrapped []byte    `json:"wrapped"`
}

// bound is what the wrapping is bound to.
func (r record) bound() []byte {
	return fmt.Appendf(nil, "dokuei store key\n%s\n%s", r.ID, r.Made.UTC().Format(time.RFC3339Nano))
}

func (r record) name() string { return reserved + r.ID + "/" + r.KEK }

// storeKey is one that is open.
type storeKey struct {
	id   keyID
	raw  []byte
	made time.Time
	gcm  cipher.AEAD
	keks []string
}

// ring holds the store keys of one store.
type ring struct {
	inner object.Store
	keks  []KEK

	mu     sync.RWMutex
	held   map[keyID]*storeKey
	newest *storeKey

	loading sync.Mutex
	looked  time.Time

	locking sync.Mutex
	locked  map[string]time.Time // records, by name
}

func (r *ring) empty() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.newest == nil
}

func (r *ring) current() (keyID, cipher.AEAD) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.newest.id, r.newest.gcm
}

// key gives a store key. Another node may have made it a moment ago.
func (r *ring) key(ctx context.Context, id keyID) (cipher.AEAD, error) {
	if k := r.get(id); k != nil {
		return k.gcm, nil
	}
	r.loading.Lock()
	defer r.loading.Unlock()
	if k := r.get(id); k != nil {
		return k.gcm, nil
	}
	if time.Since(r.looked) >= lookAgain {
		if err := r.load(ctx); err != nil {
			return nil, err
		}
		r.looked = time.Now()
	}
	if k := r.get(id); k != nil {
		return k.gcm, nil
	}
	return nil, fmt.Errorf("%w: its key %s is not in the store", ErrDamaged, id)
}

func (r *ring) get(id keyID) *storeKey {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.held[id]
}

// load reads the store keys. That one of them is opened by none of the KEKs is an
// error: objects under it could not be read.
func (r *ring) load(ctx context.Context) error {
	records, err := r.records(ctx)
	if err != nil {
		return err
	}
	held := map[keyID]*storeKey{}
	var newest *storeKey
	for id, list := range records {
		k := r.get(id)
		if k == nil {
			if k, err = r.open(ctx, id, list); err != nil {
				return err
			}
		} else {
			k = &storeKey{id: id, raw: k.raw, made: k.made, gcm: k.gcm}
		}
		for _, rec := range list {
			k.keks = append(k.keks, rec.KEK)
		}
		held[id] = k
		if newest == nil || k.made.After(newest.made) || k.made.Equal(newest.made) && k.id.String() > newest.id.String() {
			newest = k
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held, r.newest = held, newest
	return nil
}

func (r *ring) records(ctx context.Context) (map[keyID][]record, error) {
	var names []string
	err := r.inner.List(ctx, reserved, "", func(i object.Info) error {
		if len(names) == ringMax {
			return errors.New("more store keys than there can be")
		}
		names = append(names, i.Key)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("sealed: list the store keys: %w", err)
	}
	records := map[keyID][]record{}
	for _, name := range names {
		rec, err := r.read(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("sealed: store key %s: %w", name, err)
		}
		var id keyID
		if n, err := hex.Decode(id[:], []byte(rec.ID)); err != nil || n != idSize || rec.name() != name {
			return nil, fmt.Errorf("sealed: store key %s: %w", name, ErrDamaged)
		}
		records[id] = append(records[id], rec)
	}
	return records, nil
}

func (r *ring) read(ctx context.Context, name string) (rec record, err error) {
	o, err := r.inner.Open(ctx, name)
	if err != nil {
		return rec, err
	}
	defer o.Close()
	if o.Size() > recordMax {
		return rec, ErrDamaged
	}
	raw, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
	if err != nil {
		return rec, err
	}
	return rec, json.Unmarshal(raw, &rec)
}

func (r *ring) open(ctx context.Context, id keyID, list []record) (*storeKey, error) {
	for _, kek := range r.keks {
		for _, rec := range list {
			if rec.KEK != kek.ID() {
				continue
			}
			raw, err := kek.Unwrap(ctx, rec.Wrapped, rec.bound())
			if err != nil {
				return nil, fmt.Errorf("sealed: store key %s: %w", id, err)
			}
			if len(raw) != keySize {
				return nil, fmt.Errorf("sealed: store key %s: %w", id, ErrDamaged)
			}
			return &storeKey{id: id, raw: raw, made: rec.Made, gcm: aead(raw)}, nil
		}
	}
	var by []string
	for _, rec := range list {
		by = append(by, rec.KEK)
	}
	return nil, fmt.Errorf("%w: it was wrapped by %s", ErrKey, strings.Join(by, ", "))
}

// renew makes a new store key and keeps it before anything is stored under it.
func (r *ring) renew(ctx context.Context) error {
	k := &storeKey{raw: make([]byte, keySize), made: time.Now().UTC().Truncate(time.Microsecond)}
	rand.Read(k.id[:]) //nolint:errcheck // never fails (crypto/rand)
	rand.Read(k.raw)   //nolint:errcheck // never fails (crypto/rand)
	if err := r.keep(ctx, k, r.keks[0]); err != nil {
		return err
	}
	return r.load(ctx)
}

// keep wraps a store key, sees that it can be opened again, and stores it.
func (r *ring) keep(ctx context.Context, k *storeKey, by KEK) error {
	rec := record{ID: k.id.String(), Made: k.made, KEK: by.ID()}
	var err error
	if rec.Wrapped, err = by.Wrap(ctx, k.raw, rec.bound()); err != nil {
		return fmt.Errorf("sealed: wrap a store key: %w", err)
	}
	if back, err := by.Unwrap(ctx, rec.Wrapped, rec.bound()); err != nil || !bytes.Equal(back, k.raw) {
		return fmt.Errorf("sealed: the key %s does not open what it has wrapped: %w", by.ID(), errors.Join(ErrKey, err))
	}
	raw, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("sealed: %w", err)
	}
	if len(raw) > recordMax {
		return fmt.Errorf("sealed: a wrapped key of %d bytes is too long", len(raw))
	}
	p, err := r.inner.Create(ctx)
	if err != nil {
		return err
	}
	if _, err := p.Write(raw); err != nil {
		return errors.Join(err, p.Abort())
	}
	return errors.Join(p.Commit(ctx, rec.name()), p.Abort())
}

func (r *ring) list() (keys []Key) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, k := range r.held {
		keys = append(keys, Key{ID: k.id.String(), Made: k.made, KEKs: slices.Sorted(slices.Values(k.keks)), Current: k == r.newest})
	}
	slices.SortFunc(keys, func(a, b Key) int { return a.Made.Compare(b.Made) })
	return keys
}

func (r *ring) rotate(ctx context.Context, to KEK) (n int, err error) {
	for _, k := range r.sorted() {
		if slices.Contains(k.keks, to.ID()) {
			continue
		}
		if err := r.keep(ctx, k, to); err != nil {
			return n, err
		}
		n++
	}
	return n, r.load(ctx)
}

func (r *ring) sorted() []*storeKey {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var list []*storeKey
	for _, k := range r.held {
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b *storeKey) int { return a.made.Compare(b.made) })
	return list
}

func (r *ring) retire(ctx context.Context) (n int, err error) {
	first := r.keks[0].ID()
	for _, k := range r.sorted() {
		if !slices.Contains(k.keks, first) {
			continue
		}
		for _, kek := range k.keks {
			if kek == first {
				continue
			}
			if err := r.inner.Delete(ctx, record{ID: k.id.String(), KEK: kek}.name()); err != nil && !errors.Is(err, object.ErrNotFound) {
				return n, err
			}
			n++
		}
	}
	return n, r.load(ctx)
}

// lock locks the records of every store key. One that was retired meanwhile is hidden
// and needs no lock.
func (r *ring) lock(ctx context.Context, until time.Time) error {
	r.locking.Lock()
	defer r.locking.Unlock()
	for _, k := range r.sorted() {
		for _, kek := range k.keks {
			name := record{ID: k.id.String(), KEK: kek}.name()
			if !r.locked[name].Before(until) {
				continue
			}
			if err := object.Lock(ctx, r.inner, name, until); err != nil && !errors.Is(err, object.ErrNotFound) {
				return fmt.Errorf("sealed: lock the store keys: %w", err)
			}
			if r.locked == nil {
				r.locked = map[string]time.Time{}
			}
			r.locked[name] = until
		}
	}
	return nil
}
