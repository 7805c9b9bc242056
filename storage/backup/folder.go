package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/dokuei/dokuei/storage/object/fsobject"
)

var (
	// ErrNoGeneration: the folder holds no such backup.
	ErrNoGeneration = errors.New("backup: there is no such generation")
	// ErrDamaged: a copied catalog is not what its manifest says.
	ErrDamaged = errors.New("backup: the copied catalog is damaged")
)

const (
	catalogFile  = "dokuei.db"
	manifestFile = "manifest.json"
	nameLayout   = "20060102T150405.000Z"
)

// Manifest describes one generation.
type Manifest struct {
	Name          string    `json:"name"`
	At            time.Time `json:"at"`
	CatalogSHA256 string    `json:"catalogSHA256"`
	Images        int       `json:"images"`
	Bytes         int64     `json:"bytes"`
	Damaged       int       `json:"damaged"` // at the source: not in the backup, or only from before
}

// Folder is a folder of backups.
type Folder struct {
	dir     string
	objects *fsobject.Store
}

// Open opens a folder of backups, which is made when missing.
func Open(dir string) (*Folder, error) {
	if err := os.MkdirAll(filepath.Join(dir, "catalogs"), 0o700); err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	s, err := fsobject.Open(filepath.Join(dir, "objects"), fsobject.Options{Reserve: -1})
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	return &Folder{dir: dir, objects: s}, nil
}

// Close closes the folder.
func (f *Folder) Close() error { return f.objects.Close() }

// Generations lists the backups that are whole, oldest first.
func (f *Folder) Generations() ([]Manifest, error) {
	entries, err := os.ReadDir(filepath.Join(f.dir, "catalogs"))
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	var list []Manifest
	for _, e := range entries {
		raw, err := os.ReadFile(f.file(e.Name(), manifestFile))
		if errors.Is(err, fs.ErrNotExist) {
			continue // broken off
		}
		var m Manifest
		if err == nil {
			err = json.Unmarshal(raw, &m)
		}
		if err != nil {
			return nil, fmt.Errorf("backup: generation %s: %w", e.Name(), err)
		}
		m.Name = e.Name()
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b Manifest) int { return a.At.Compare(b.At) })
	return list, nil
}

// Generation is the one of that name, or the newest.
func (f *Folder) Generation(name string) (Manifest, error) {
	list, err := f.Generations()
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

func (f *Folder) file(generation, name string) string {
	return filepath.Join(f.dir, "catalogs", generation, name)
}

// Prune removes the catalogs of all but the newest generations, and what broken
// backups have left. Images stay: a generation that is kept may name them.
func (f *Folder) Prune(keep int) (removed int, err error) {
	list, err := f.Generations()
	if err != nil {
		return 0, err
	}
	kept := map[string]bool{}
	for _, m := range list[max(0, len(list)-keep):] {
		kept[m.Name] = true
	}
	entries, err := os.ReadDir(filepath.Join(f.dir, "catalogs"))
	if err != nil {
		return 0, fmt.Errorf("backup: %w", err)
	}
	for _, e := range entries {
		if kept[e.Name()] {
			continue
		}
		if err := os.RemoveAll(filepath.Join(f.dir, "catalogs", e.Name())); err != nil {
			return removed, fmt.Errorf("backup: %w", err)
		}
		removed++
	}
	return removed, nil
}

func (f *Folder) seal(m Manifest) error {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return writeDurably(f.file(m.Name, manifestFile), func(w io.Writer) error {
		_, err := w.Write(append(raw, '\n'))
		return err
	})
}

// writeDurably writes a file that is whole or not there.
func writeDurably(path string, write func(w io.Writer) error) error {
	tmp := path + ".part"
	out, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	err = write(out)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return fmt.Errorf("backup: write %s: %w", filepath.Base(path), err)
	}
	return syncDir(filepath.Dir(path))
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("backup: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("backup: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
