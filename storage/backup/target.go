package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/object"
)

var (
	// ErrNoGeneration: the target holds no such backup.
	ErrNoGeneration = errors.New("backup: there is no such generation")
	// ErrDamaged: a copied catalog is not what its manifest says.
	ErrDamaged = errors.New("backup: the copied catalog is damaged")
)

// Images is where the images of a target are, under the keys that they have; Catalogs
// where its generations are.
const (
	Images   = "images/"
	Catalogs = "catalogs/"
)

const (
	catalogFile  = "dokuei.db"
	manifestFile = "manifest.json"
	manifestMax  = 64 << 10
	nameLayout   = "20060102t150405.000z"
)

// Manifest describes one generation.
type Manifest struct {
	Name          string    `json:"name"` // its time, or later: the order of names is that of generations
	At            time.Time `json:"at"`
	CatalogSHA256 string    `json:"catalogSHA256"`
	Images        int       `json:"images"`
	Bytes         int64     `json:"bytes"`
	Damaged       int       `json:"damaged"` // at the source: not in the backup, or only from before
}

// catalog is the key of the copied catalog.
func (m Manifest) catalog() string { return Catalogs + m.Name + "/" + catalogFile }

// Target is where backups go.
type Target struct {
	store   object.Store
	images  object.Store
	scratch string
}

// To gives the target that keeps its backups in s. Copies of the catalog that are
// being made or read pass through files in the folder scratch.
func To(s object.Store, scratch string) *Target {
	return &Target{store: s, images: object.Under(s, Images), scratch: scratch}
}

// Generations lists the backups that are whole, oldest first.
func (t *Target) Generations(ctx context.Context) ([]Manifest, error) {
	catalogs, err := t.catalogs(ctx)
	if err != nil {
		return nil, err
	}
	var list []Manifest
	for name, keys := range catalogs {
		manifest := Catalogs + name + "/" + manifestFile
		if !slices.Contains(keys, manifest) {
			continue // broken off
		}
		raw, err := t.read(ctx, manifest)
		var m Manifest
		if err == nil {
			err = json.Unmarshal(raw, &m)
		}
		if err != nil {
			return nil, fmt.Errorf("backup: generation %s: %w", name, err)
		}
		m.Name = name
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b Manifest) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// next is the name of a generation that begins at a time. It comes after all that there are,
// also when the clock was set back since: what is newest must never be taken for old.
func (t *Target) next(ctx context.Context, at time.Time) (string, error) {
	known, err := t.catalogs(ctx)
	if err != nil {
		return "", err
	}
	at = at.UTC().Truncate(time.Millisecond)
	for name := range known {
		if newest, err := time.Parse(nameLayout, name); err == nil && !at.After(newest) {
			at = newest.Add(time.Millisecond)
		}
	}
	return at.Format(nameLayout), nil
}

// catalogs gives the keys of every catalog's files by the name of its generation.
func (t *Target) catalogs(ctx context.Context) (map[string][]string, error) {
	found := map[string][]string{}
	err := t.store.List(ctx, Catalogs, "", func(i object.Info) error {
		name, _, _ := strings.Cut(strings.TrimPrefix(i.Key, Catalogs), "/")
		found[name] = append(found[name], i.Key)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("backup: list the catalogs: %w", err)
	}
	return found, nil
}

func (t *Target) read(ctx context.Context, key string) ([]byte, error) {
	o, err := t.store.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	if o.Size() > manifestMax {
		return nil, ErrDamaged
	}
	return io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
}

// Generation is the one of that name, or the newest.
func (t *Target) Generation(ctx context.Context, name string) (Manifest, error) {
	list, err := t.Generations(ctx)
	if err != nil {
		return Manifest{}, err
	}
	for _, m := range slices.Backward(list) {
		if name == "" || m.Name == name {
			return m, nil
		}
	}
	return Manifest{}, ErrNoGeneration
}

// underWay is how long a catalog without a manifest may be that of a backup that is not
// ready: the first one of some terabytes takes most of a day.
const underWay = 24 * time.Hour

// Prune removes the catalogs of all but the newest generations, and what broken
// backups have left: a day after they began, or when two others have begun since. Images
// stay: a generation that is kept may name them.
func (t *Target) Prune(ctx context.Context, keep int) (removed int, err error) {
	list, err := t.Generations(ctx)
	if err != nil {
		return 0, err
	}
	kept := map[string]bool{}
	for _, m := range list[max(0, len(list)-keep):] {
		kept[m.Name] = true
	}
	catalogs, err := t.catalogs(ctx)
	if err != nil {
		return 0, err
	}
	left := 2                                                                  // that may be under way
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(catalogs))) { // the newest first
		keys := catalogs[name]
		if kept[name] {
			continue
		}
		if at, err := time.Parse(nameLayout, name); err == nil && db.Now().Sub(at) < underWay && left > 0 && !slices.Contains(keys, Catalogs+name+"/"+manifestFile) {
			left--
			continue
		}
		slices.Sort(keys)
		slices.Reverse(keys) // the manifest first: without it the rest counts for nothing
		for _, key := range keys {
			if err := t.store.Delete(ctx, key); err != nil && !errors.Is(err, object.ErrNotFound) {
				return removed, fmt.Errorf("backup: %w", err)
			}
		}
		removed++
	}
	return removed, nil
}

func (t *Target) seal(ctx context.Context, m Manifest) error {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return t.put(ctx, Catalogs+m.Name+"/"+manifestFile, strings.NewReader(string(raw)+"\n"))
}

func (t *Target) put(ctx context.Context, key string, r io.Reader) error {
	_, err := put(ctx, t.store, key, r)
	if err != nil {
		return fmt.Errorf("backup: write %s: %w", key, err)
	}
	return nil
}

// put stores what r gives and returns its SHA-256.
func put(ctx context.Context, s object.Store, key string, r io.Reader) (sum [32]byte, err error) {
	p, err := s.Create(ctx)
	if err != nil {
		return sum, err
	}
	defer func() { err = errors.Join(err, p.Abort()) }()
	if _, err := io.Copy(p, r); err != nil {
		return sum, err
	}
	return p.Sum(), p.Commit(ctx, key)
}

// putFile stores a file and returns its SHA-256 in hex.
func (t *Target) putFile(ctx context.Context, key, file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("backup: %w", err)
	}
	defer f.Close()
	sum, err := put(ctx, t.store, key, f)
	if err != nil {
		return "", fmt.Errorf("backup: write %s: %w", key, err)
	}
	return hex.EncodeToString(sum[:]), nil
}

// getCatalog writes the catalog of a generation to a new file, synced, and checked when
// its hash is known.
func (t *Target) getCatalog(ctx context.Context, m Manifest, file string) (err error) {
	o, err := t.store.Open(ctx, m.catalog())
	if err != nil {
		return fmt.Errorf("backup: catalog of generation %s: %w", m.Name, err)
	}
	defer o.Close()
	out, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file))
		}
	}()
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, h), io.NewSectionReader(o, 0, o.Size()))
	if err == nil {
		err = out.Sync()
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if m.CatalogSHA256 != "" && hex.EncodeToString(h.Sum(nil)) != m.CatalogSHA256 {
		return fmt.Errorf("%w: generation %s", ErrDamaged, m.Name)
	}
	return nil
}
