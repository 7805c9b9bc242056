//go:build linux || darwin

package fsobject_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/object/objecttest"
)

var errPower = errors.New("the power is out")

// medium is a file system that knows what a power cut leaves: the content of a file
// as of its last Sync, the names in a folder as of its last SyncDir. What was not
// synced may have got there too, in any part and order. It works in a real folder
// beside, for what the store reads.
type medium struct {
	fsobject.Files
	mu     sync.Mutex
	left   int               // calls until the power goes
	now    map[string]*inode // by path
	synced map[string]*inode // names that a power cut leaves
}

type inode struct {
	folder       bool
	now, durable []byte
	wrote        bool // since the last Sync
}

func newMedium(left int) *medium {
	return &medium{Files: fsobject.OS(), left: left, now: map[string]*inode{}, synced: map[string]*inode{}}
}

// tick counts a call. mu is held.
func (m *medium) tick() error {
	if m.left--; m.left < 0 {
		return errPower
	}
	return nil
}

func (m *medium) do(real func() error, then func()) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.tick(); err != nil {
		return err
	}
	if err := real(); err != nil {
		return err
	}
	then()
	return nil
}

func (m *medium) Create(name string) (f fsobject.File, err error) {
	node := &inode{}
	err = m.do(func() error { f, err = m.Files.Create(name); return err }, func() { m.now[name] = node })
	if err != nil {
		return nil, err
	}
	return &mediumFile{f, m, node}, nil
}

func (m *medium) Mkdir(name string) error {
	return m.do(func() error { return m.Files.Mkdir(name) }, func() { m.now[name] = &inode{folder: true} })
}

func (m *medium) Rename(from, to string) error {
	return m.do(func() error { return m.Files.Rename(from, to) }, func() {
		m.now[to] = m.now[from]
		delete(m.now, from)
	})
}

func (m *medium) RenameNew(from, to string) error {
	return m.do(func() error { return m.Files.RenameNew(from, to) }, func() {
		m.now[to] = m.now[from]
		delete(m.now, from)
	})
}

func (m *medium) Remove(name string) error {
	return m.do(func() error { return m.Files.Remove(name) }, func() { delete(m.now, name) })
}

func (m *medium) SyncDir(name string) error {
	return m.do(func() error { return nil }, func() {
		maps.DeleteFunc(m.synced, func(path string, _ *inode) bool { return filepath.Dir(path) == name })
		for path, node := range m.now {
			if filepath.Dir(path) == name {
				m.synced[path] = node
			}
		}
	})
}

type mediumFile struct {
	fsobject.File
	m    *medium
	node *inode
}

func (f *mediumFile) Write(b []byte) (n int, err error) {
	err = f.m.do(func() error { n, err = f.File.Write(b); return err }, func() {
		f.node.now = append(f.node.now, b...)
		f.node.wrote = true
	})
	return n, err
}

func (f *mediumFile) Sync() error {
	return f.m.do(func() error { return nil }, func() {
		f.node.durable = slices.Clone(f.node.now)
		f.node.wrote = false
	})
}

// after writes what the power cut has left below from into the folder to.
func (m *medium) after(t *testing.T, r *rand.Rand, from, to string) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	names := maps.Clone(m.synced)
	for _, path := range slices.Sorted(maps.Keys(m.now)) {
		if r.IntN(2) == 0 {
			names[path] = m.now[path] // it got there without being asked to
		}
	}
	for _, path := range slices.Sorted(maps.Keys(m.synced)) {
		if m.now[path] == nil && r.IntN(2) == 0 {
			delete(names, path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(names)) { // folders before what is in them
		rel, err := filepath.Rel(from, path)
		if err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(to, rel)
		if _, err := os.Stat(filepath.Dir(at)); err != nil {
			continue // its folder is lost
		}
		node := names[path]
		if node.folder {
			err = os.Mkdir(at, 0o700)
		} else {
			err = os.WriteFile(at, node.torn(r), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// torn is the content after a power cut: what was synced, or else anything that a
// disk makes of writes under way.
func (n *inode) torn(r *rand.Rand) []byte {
	if !n.wrote {
		return n.durable
	}
	b := slices.Clone(n.now[:r.IntN(len(n.now)+1)])
	if len(b) > 0 && r.IntN(2) == 0 {
		from := r.IntN(len(b))
		clear(b[from : from+r.IntN(len(b)-from+1)]) // blocks that never came
	}
	return b
}

// Whatever the moment of a power cut and whatever the disk makes of what was not
// synced: all that was acknowledged is there, what is there is whole, nothing stays
// in the spool. With NameFirst what was not acknowledged may be torn.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	for _, early := range []bool{false, true} {
		t.Run(fmt.Sprintf("name first %t", early), func(t *testing.T) {
			t.Parallel()
			powerCuts(t, early)
		})
	}
}

func powerCuts(t *testing.T, early bool) {
	t.Helper()
	const cuts = 100
	lost, torn := 0, 0
	for n := range cuts {
		r := rand.New(rand.NewPCG(7, uint64(n)))
		root := filepath.Join(t.TempDir(), "store")
		m := newMedium(1 << 30)
		opt := fsobject.Options{Files: m, Reserve: -1}
		if early {
			opt.NameFirst = imagesOnly
		}
		s, err := fsobject.Open(root, opt)
		if err != nil {
			t.Fatal(err)
		}
		m.left = r.IntN(120)
		acknowledged := writeUntilTheCut(t, s, r)
		s.Close()

		after := filepath.Join(t.TempDir(), "after")
		for _, dir := range []string{"spool", "objects"} { // durable since Open
			if err := os.MkdirAll(filepath.Join(after, dir), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		m.after(t, r, root, after)
		again, err := fsobject.Open(after, fsobject.Options{Reserve: -1})
		if err != nil {
			t.Fatal(err)
		}
		for key := range acknowledged {
			if _, err := again.Stat(t.Context(), key); err != nil {
				lost++
				t.Errorf("cut %d: acknowledged and lost: %s: %v", n, key, err)
			}
		}
		err = again.List(t.Context(), "", "", func(i object.Info) error {
			b, err := objecttest.Get(t.Context(), again, i.Key)
			switch whole := bytes.Equal(b, contentOf(i.Key)); {
			case err != nil || whole:
			case early && imagesOnly(i.Key) && !acknowledged[i.Key]:
				torn++
			default:
				t.Errorf("cut %d: %s is torn: %d bytes", n, i.Key, len(b))
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		if spool := files(t, filepath.Join(after, "spool")); len(spool) != 0 {
			t.Errorf("cut %d: left in the spool: %v", n, spool)
		}
		again.Close()
	}
	if early && torn == 0 {
		t.Error("no power cut tore anything: the names come no earlier")
	}
	t.Logf("%d power cuts, %d acknowledged objects lost, %d others torn", cuts, lost, torn)
}

func imagesOnly(key string) bool { return !strings.HasPrefix(key, "_") }

// contentOf is what an object of that key holds: a few of them are long enough for
// several writes.
func contentOf(key string) []byte {
	return bytes.Repeat([]byte(key+"\n"), 1+len(key)*len(key)%7*4000)
}

// writeUntilTheCut stores and deletes from three writers and returns the keys that
// were acknowledged and not deleted.
func writeUntilTheCut(t *testing.T, s *fsobject.Store, r *rand.Rand) map[string]bool {
	t.Helper()
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	var wg sync.WaitGroup
	for w := range 3 {
		seed := r.Uint64()
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), seed))
			for n := 0; ; n++ {
				key := fmt.Sprintf("%s/d%d/%s%d-%d", []string{"h0", "h1", "_k"}[r.IntN(3)], r.IntN(3), strings.Repeat("x", r.IntN(5)), w, n)
				err := objecttest.Put(t.Context(), s, key, contentOf(key))
				if err != nil {
					if !errors.Is(err, errPower) {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				acknowledged[key] = true
				mu.Unlock()
				if r.IntN(3) == 0 { // the same content again: what was told to be durable stays so
					if err := objecttest.Put(t.Context(), s, key, contentOf(key)); err != nil {
						return
					}
				}
				if r.IntN(5) > 0 {
					continue
				}
				mu.Lock()
				delete(acknowledged, key) // from here on it may be there or not
				mu.Unlock()
				if err := s.Delete(t.Context(), key); err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return acknowledged
}

// The model itself finds a store that does not sync: else the test above proves
// nothing.
func TestPowerCutFindsWhatIsNotSynced(t *testing.T) {
	t.Parallel()
	found := false
	for n := range 200 {
		r := rand.New(rand.NewPCG(8, uint64(n)))
		root := filepath.Join(t.TempDir(), "store")
		m := newMedium(1 << 30)
		s, err := fsobject.Open(root, fsobject.Options{Files: forgetful{m}, Reserve: -1})
		if err != nil {
			t.Fatal(err)
		}
		m.left = 60 + r.IntN(60)
		acknowledged := writeUntilTheCut(t, s, r)
		after := filepath.Join(t.TempDir(), "after")
		if err := os.MkdirAll(filepath.Join(after, "objects"), 0o700); err != nil {
			t.Fatal(err)
		}
		m.after(t, r, root, after)
		s.Close()
		for key := range acknowledged {
			b, err := os.ReadFile(filepath.Join(after, "objects", filepath.FromSlash(key)))
			found = found || err != nil || !bytes.Equal(b, contentOf(key))
		}
		if found {
			return
		}
	}
	t.Error("200 power cuts of a store that syncs nothing lost nothing")
}

// forgetful syncs nothing.
type forgetful struct{ *medium }

func (f forgetful) Create(name string) (fsobject.File, error) {
	file, err := f.medium.Create(name)
	return forgetfulFile{file}, err
}

func (forgetful) SyncDir(string) error { return nil }

type forgetfulFile struct{ fsobject.File }

func (forgetfulFile) Sync() error { return nil }
