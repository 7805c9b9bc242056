package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/backup"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/object/objecttest"
)

// place is a catalog with its images in a folder.
type place struct {
	*testing.T
	dir     string
	db      *db.DB
	objects *fsobject.Store
	in      *ingest.Ingester
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{T: t, dir: t.TempDir()}
	p.db = dbtest.Open(t, filepath.Join(p.dir, "dokuei.db"))
	var err error
	p.objects, err = fsobject.Open(filepath.Join(p.dir, "objects"), fsobject.Options{Reserve: -1})
	p.must(err)
	t.Cleanup(func() { p.objects.Close() })
	p.in = ingest.New(p.objects, p.db, ingest.Options{})
	return p
}

func (p *place) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// store stores image n; other content under its UID for another text.
func (p *place) store(n int, text string) {
	p.Helper()
	d := dataset.New()
	d.SetString(tag.SOPClassUID, "UI", uid.CTImageStorage)
	d.SetString(tag.SOPInstanceUID, "UI", fmt.Sprintf("1.2.3.4.%d", n))
	d.SetString(tag.StudyDescription, "LO", text)
	d.SetString(tag.PatientID, "LO", "P1")
	d.SetString(tag.StudyInstanceUID, "UI", "1.2.3")
	d.SetString(tag.SeriesInstanceUID, "UI", "1.2.3.4")
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var b bytes.Buffer
	p.must(d.Encode(&b, ts))
	m := ingest.Meta{SOPClassUID: uid.CTImageStorage, SOPInstanceUID: d.String(tag.SOPInstanceUID), TransferSyntaxUID: ts.UID}
	_, err := p.in.Store(p.Context(), ingest.Source{FacilityID: "kaifu", CallingAE: "CT"}, m, &b)
	p.must(err)
}

func (p *place) file(n int) string {
	p.Helper()
	list, err := catalog.InstancesAfter(p.Context(), p.db.Read(p.Context()), identity.Everything(), "", 100)
	p.must(err)
	return filepath.Join(p.dir, "objects", "objects", filepath.FromSlash(list[n].ObjectKey))
}

func openFolder(p *place) (*backup.Target, string) {
	p.Helper()
	dir := filepath.Join(p.TempDir(), "backup")
	s, err := fsobject.Open(dir, fsobject.Options{Reserve: -1})
	p.must(err)
	p.Cleanup(func() { s.Close() })
	return backup.To(s, p.TempDir()), filepath.Join(dir, "objects")
}

// filled is a place with so many images, and a folder for its backups.
func filled(t *testing.T, images int) (p *place, f *backup.Target, dir string) {
	t.Helper()
	p = newPlace(t)
	f, dir = openFolder(p)
	for n := range images {
		p.store(n, "x")
	}
	return p, f, dir
}

func flip(p *place, file string) {
	p.Helper()
	b, err := os.ReadFile(file)
	p.must(err)
	b[len(b)-1] ^= 1
	p.must(os.WriteFile(file, b, 0o600))
}

// The drill: back up twice while images come, lose everything, restore each
// generation, find every row and every byte.
func TestDrill(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	f, dir := openFolder(p)
	for n := range 4 {
		p.store(n, "first")
	}
	p.store(0, "conflict") // kept beside
	one, done, err := f.Run(t.Context(), p.db, p.objects, backup.Options{})
	p.must(err)
	if done.Images != 5 || done.Copied != 5 || done.Damaged != 0 {
		t.Errorf("first: %+v", done)
	}
	p.store(4, "second")
	two, done, err := f.Run(t.Context(), p.db, p.objects, backup.Options{})
	p.must(err)
	if done.Images != 6 || done.Copied != 1 {
		t.Errorf("second: %+v", done)
	}
	list, err := f.Generations(p.Context())
	p.must(err)
	if len(list) != 2 || list[0].Name != one.Name || list[1].Name != two.Name {
		t.Errorf("%+v", list)
	}
	files, err := os.ReadDir(filepath.Join(dir, "catalogs", two.Name))
	p.must(err)
	if len(files) != 2 {
		t.Errorf("a generation holds %v", files)
	}
	p.must(p.objects.Close())
	p.must(os.RemoveAll(filepath.Join(p.dir, "objects")))

	for _, m := range list {
		to := t.TempDir()
		objects, err := fsobject.Open(filepath.Join(to, "objects"), fsobject.Options{Reserve: -1})
		p.must(err)
		defer objects.Close()
		file := filepath.Join(to, "dokuei.db")
		done, err := f.Restore(t.Context(), m, file, objects, backup.Options{})
		p.must(err)
		if done.Images != m.Images || done.Copied != m.Images || done.Damaged != 0 {
			t.Errorf("restore: %+v of %+v", done, m)
		}
		d := dbtest.Open(t, file)
		v, err := ingest.New(objects, d, ingest.Options{}).Verify(t.Context(), ingest.VerifyOptions{}, func(ingest.Damage) error { return nil })
		p.must(err)
		if v.Objects != m.Images || v.Damaged != 0 {
			t.Errorf("verify: %+v", v)
		}
		if _, err := f.Restore(t.Context(), m, file, objects, backup.Options{}); !errors.Is(err, backup.ErrInUse) {
			t.Errorf("over a catalog: %v", err)
		}
		if left, _ := filepath.Glob(filepath.Join(to, "restore-*")); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	}
	if _, err := f.Generation(p.Context(), "nothing"); !errors.Is(err, backup.ErrNoGeneration) {
		t.Error(err)
	}
}

// A damaged image is not copied, and a good copy stays.
func TestDamage(t *testing.T) {
	t.Parallel()
	p, f, dir := filled(t, 3)
	flip(p, p.file(0))
	p.must(os.Remove(p.file(1)))
	var told []string
	opt := backup.Options{Damaged: func(key string, _ error) { told = append(told, key) }}
	m, done, err := f.Run(t.Context(), p.db, p.objects, opt)
	p.must(err)
	if done.Damaged != 2 || len(told) != 2 || m.Damaged != 2 || done.Copied != 1 {
		t.Errorf("%+v, told %v", done, told)
	}

	// The copy rots: Check finds it, a full run mends it from the source.
	good := p.file(2)
	rel, err := filepath.Rel(p.dir, good)
	p.must(err)
	flip(p, filepath.Join(dir, "images", strings.TrimPrefix(rel, filepath.Join("objects", "objects"))))
	check := func() (bad []ingest.Damage) {
		t.Helper()
		_, err := f.Check(t.Context(), m, ingest.VerifyOptions{}, func(d ingest.Damage) error { bad = append(bad, d); return nil })
		p.must(err)
		return bad
	}
	if bad := check(); len(bad) != 3 || slices.IndexFunc(bad, func(d ingest.Damage) bool { return !d.Missing }) < 0 {
		t.Errorf("%+v", bad)
	}
	if _, done, err := f.Run(t.Context(), p.db, p.objects, backup.Options{}); err != nil || done.Copied != 0 {
		t.Errorf("not full: %+v, %v", done, err)
	}
	if _, done, err := f.Run(t.Context(), p.db, p.objects, backup.Options{Full: true}); err != nil || done.Copied != 1 {
		t.Errorf("full: %+v, %v", done, err)
	}
	if bad := check(); len(bad) != 2 {
		t.Errorf("after: %+v", bad)
	}

	flip(p, filepath.Join(dir, "catalogs", m.Name, "dokuei.db"))
	if _, err := f.Check(t.Context(), m, ingest.VerifyOptions{}, nil); !errors.Is(err, backup.ErrDamaged) {
		t.Errorf("damaged catalog: %v", err)
	}
}

// An image that a bucket does not give, as often as it is asked, is left out and keeps no
// backup from being made; a bucket that is away does.
func TestOneThatCannotBeRead(t *testing.T) {
	t.Parallel()
	p, f, _ := filled(t, 3)
	list, err := catalog.InstancesAfter(t.Context(), p.db.Read(t.Context()), identity.Everything(), "", 100)
	p.must(err)
	inside, away := &object.UnavailableError{Err: errors.New("InternalError")}, false
	from := &objecttest.Hooked{Store: p.objects, Before: func(_ context.Context, c objecttest.Call) error {
		if c.Key == list[1].ObjectKey && (c.Method == "open" || away && c.Method == "stat") {
			return inside
		}
		return nil
	}}
	var left []string
	m, done, err := f.Run(t.Context(), p.db, from, backup.Options{Damaged: func(key string, _ error) { left = append(left, key) }})
	if err != nil || m.Damaged != 1 || done.Copied != 2 || len(left) != 1 || left[0] != list[1].ObjectKey {
		t.Errorf("%+v, %v, %v", done, left, err)
	}
	away = true
	if _, _, err := f.Run(t.Context(), p.db, from, backup.Options{}); !errors.Is(err, inside) {
		t.Errorf("away: %v", err)
	}
	if _, done, err := f.Run(t.Context(), p.db, p.objects, backup.Options{}); err != nil || done.Copied != 1 || done.Damaged != 0 {
		t.Errorf("when it can be read: %+v, %v", done, err)
	}
}

// A backup that breaks off is no generation; the next one goes on.
func TestBrokenOff(t *testing.T) {
	t.Parallel()
	p, f, dir := filled(t, 5)
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err := f.Run(ctx, p.db, p.objects, backup.Options{Progress: func(d backup.Progress) {
		if d.Copied == 2 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if list, err := f.Generations(p.Context()); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	for range 3 {
		_, done, err := f.Run(t.Context(), p.db, p.objects, backup.Options{})
		p.must(err)
		if done.Images != 5 {
			t.Errorf("%+v", done)
		}
	}
	// The one that broke off may be under way; one of three whole ones is too many.
	if n, err := f.Prune(p.Context(), 2); err != nil || n != 1 {
		t.Errorf("%d pruned, %v", n, err)
	}
	if list, _ := f.Generations(p.Context()); len(list) != 2 {
		t.Errorf("%+v", list)
	}
	if e, err := filepath.Glob(filepath.Join(dir, "catalogs", "*", "*")); err != nil || len(e) != 5 {
		t.Errorf("%v, %v", e, err)
	}
	// Of those that broke off two newer ones stay, and none of before yesterday.
	for _, at := range []time.Time{db.Now().Add(-48 * time.Hour), db.Now().Add(-time.Hour), db.Now().Add(-time.Minute), db.Now()} {
		p.must(os.MkdirAll(filepath.Join(dir, "catalogs", at.UTC().Format("20060102t150405.000z")), 0o700))
		p.must(os.WriteFile(filepath.Join(dir, "catalogs", at.UTC().Format("20060102t150405.000z"), "dokuei.db"), nil, 0o600))
	}
	if n, err := f.Prune(p.Context(), 2); err != nil || n != 3 {
		t.Errorf("%d pruned, %v", n, err)
	}
}

// A generation that was made while the clock ran ten years ahead is older than one made after
// it was put right: what is restored, shown and kept is the one that was made last.
func TestClockGoesBack(t *testing.T) {
	t.Parallel()
	p, f, dir := filled(t, 1)
	ahead, _, err := f.Run(t.Context(), p.db, p.objects, backup.Options{})
	p.must(err)
	name := db.Now().AddDate(10, 0, 0).UTC().Format("20060102t150405.000z")
	p.must(os.Rename(filepath.Join(dir, "catalogs", ahead.Name), filepath.Join(dir, "catalogs", name)))
	var last backup.Manifest
	for n := range 3 {
		p.store(n+1, "later")
		m, _, err := f.Run(t.Context(), p.db, p.objects, backup.Options{})
		p.must(err)
		if newest, err := f.Generation(t.Context(), ""); err != nil || newest.Name != m.Name || newest.Images != n+2 || db.Now().Sub(newest.At) > time.Minute {
			t.Errorf("the newest is %+v, made was %+v, %v", newest, m, err)
		}
		last = m
	}
	if n, err := f.Prune(t.Context(), 1); err != nil || n != 3 {
		t.Errorf("%d pruned, %v", n, err)
	}
	if list, err := f.Generations(t.Context()); err != nil || len(list) != 1 || list[0].Name != last.Name {
		t.Errorf("kept %+v, %v", list, err)
	}
}

// A study that is deleted while a backup runs makes it take its catalog again: what it
// names is there, and nothing of it is said to be damaged.
func TestDeletionMeanwhile(t *testing.T) {
	t.Parallel()
	p, f, dir := filled(t, 5)
	p.must(os.Remove(p.file(4))) // this one is lost, and stays so
	list, err := catalog.InstancesAfter(t.Context(), p.db.Read(t.Context()), identity.Everything(), "", 100)
	p.must(err)
	var once sync.Once
	m, done, err := f.Run(t.Context(), p.db, p.objects, backup.Options{Progress: func(backup.Progress) {
		once.Do(func() {
			for _, i := range list[2:4] { // rows first, as the sweep of the trash does
				p.must(p.db.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
					return p.db.DeleteTree(ctx, tx, "instances", "id = $1", i.ID)
				}))
				p.must(p.objects.Delete(t.Context(), i.ObjectKey))
			}
		})
	}})
	p.must(err)
	if done.Images != 3 || done.Damaged != 1 || m.Damaged != 1 {
		t.Errorf("%+v", done)
	}
	if e, err := filepath.Glob(filepath.Join(dir, "catalogs", "*", "*")); err != nil || len(e) != 2 {
		t.Errorf("%v, %v", e, err)
	}
	var bad []string
	v, err := f.Check(t.Context(), m, ingest.VerifyOptions{}, func(d ingest.Damage) error { bad = append(bad, d.ObjectKey); return nil })
	if err != nil || v.Objects != 3 || len(bad) != 1 || bad[0] != list[4].ObjectKey {
		t.Errorf("%+v, %v, %v", v, bad, err)
	}
}

// Of two backups to one target neither takes away what the other has begun.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	p, f, _ := filled(t, 5)
	var once sync.Once
	m, _, err := f.Run(t.Context(), p.db, p.objects, backup.Options{Progress: func(done backup.Progress) {
		if done.Copied < 3 {
			return
		}
		once.Do(func() {
			empty := newPlace(t) // of whose generations none names the images
			_, _, err := f.Run(t.Context(), empty.db, empty.objects, backup.Options{})
			p.must(err)
			if n, err := f.Prune(t.Context(), 1); n != 0 || err != nil {
				t.Errorf("%d pruned, %v", n, err)
			}
			if n, err := f.DropUnnamed(t.Context()); n != 0 || err != nil {
				t.Errorf("%d images removed, %v", n, err)
			}
		})
	}})
	p.must(err)
	v, err := f.Check(t.Context(), m, ingest.VerifyOptions{}, func(d ingest.Damage) error { return errors.New(d.ObjectKey) })
	if err != nil || v.Objects != 5 {
		t.Errorf("%+v, %v", v, err)
	}
}

// What lies where images are restored to is kept when it is whole, and replaced when it
// is not.
func TestRestoreOverImages(t *testing.T) {
	t.Parallel()
	p, f, _ := filled(t, 3)
	m, _, err := f.Run(t.Context(), p.db, p.objects, backup.Options{})
	p.must(err)
	flip(p, p.file(1))
	p.must(os.Remove(p.file(2)))
	file := filepath.Join(t.TempDir(), "restored.db")
	done, err := f.Restore(t.Context(), m, file, p.objects, backup.Options{})
	if err != nil || done.Images != 3 || done.Copied != 2 || done.Damaged != 0 {
		t.Errorf("%+v, %v", done, err)
	}
	v, err := p.in.Verify(t.Context(), ingest.VerifyOptions{}, func(d ingest.Damage) error { return errors.New(d.ObjectKey) })
	if err != nil || v.Objects != 3 {
		t.Errorf("%+v, %v", v, err)
	}
}

// The catalog is one state although rows are written all the time.
func TestOnline(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	f, _ := openFolder(p)
	stop, ended := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		defer func() { ended <- n }()
		for {
			select {
			case <-stop:
				return
			default:
				p.store(n, "x")
				n++
			}
		}
	}()
	begin := time.Now()
	for time.Since(begin) < 500*time.Millisecond {
		m, done, err := f.Run(t.Context(), p.db, p.objects, backup.Options{})
		if err != nil || done.Damaged != 0 {
			t.Errorf("%+v, %v", done, err)
		}
		if v, err := f.Check(t.Context(), m, ingest.VerifyOptions{}, nil); err != nil || v.Objects != m.Images {
			t.Errorf("%+v of %+v, %v", v, m, err)
		}
	}
	close(stop)
	t.Logf("%d images stored meanwhile", <-ended)
}

// The catalog in PostgreSQL is copied too, to a file that is restored to either engine
// with every row.
func TestPostgres(t *testing.T) {
	t.Parallel()
	server := dbtest.Start(t)
	p := newPlace(t)
	p.db = dbtest.Open(t, server.Database(t))
	p.in = ingest.New(p.objects, p.db, ingest.Options{})
	f, _ := openFolder(p)
	for n := range 4 {
		p.store(n, "first")
	}
	p.store(0, "conflict")
	m, done, err := f.Run(t.Context(), p.db, p.objects, backup.Options{})
	p.must(err)
	if done.Images != 5 || done.Copied != 5 || m.Images != 5 {
		t.Errorf("%+v of %+v", done, m)
	}
	if v, err := f.Check(t.Context(), m, ingest.VerifyOptions{}, nil); err != nil || v.Objects != 5 {
		t.Errorf("check: %+v, %v", v, err)
	}
	newest := func(d *db.DB) (seq, hash string, panels int) {
		t.Helper()
		p.must(d.Read(t.Context()).QueryRowContext(t.Context(), `SELECT CAST((SELECT MAX(seq) FROM events) AS TEXT), (SELECT hash FROM audit ORDER BY seq DESC LIMIT 1),
			(SELECT COUNT(*) FROM panels)`).Scan(&seq, &hash, &panels))
		return seq, hash, panels
	}
	seq, hash, panels := newest(p.db)
	for name, restored := range map[string]func(images *fsobject.Store) *db.DB{
		"sqlite": func(images *fsobject.Store) *db.DB {
			file := filepath.Join(t.TempDir(), "dokuei.db")
			_, err := f.Restore(t.Context(), m, file, images, backup.Options{})
			p.must(err)
			return dbtest.Open(t, file)
		},
		"postgres": func(images *fsobject.Store) *db.DB {
			d := dbtest.Open(t, server.Database(t))
			_, err := f.RestoreInto(t.Context(), m, d, images, backup.Options{})
			p.must(err)
			if _, err := f.RestoreInto(t.Context(), m, d, images, backup.Options{}); !errors.Is(err, backup.ErrInUse) {
				t.Errorf("over a catalog: %v", err)
			}
			return d
		},
	} {
		images, err := fsobject.Open(filepath.Join(t.TempDir(), "objects"), fsobject.Options{Reserve: -1})
		p.must(err)
		defer images.Close()
		d := restored(images)
		if s, h, n := newest(d); s != seq || h != hash || n != panels {
			t.Errorf("%s: event %s of %s, audit %s of %s, %d panels of %d", name, s, seq, h, hash, n, panels)
		}
		in := ingest.New(images, d, ingest.Options{})
		if v, err := in.Verify(t.Context(), ingest.VerifyOptions{}, func(ingest.Damage) error { return nil }); err != nil || v.Objects != 5 || v.Damaged != 0 {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
		p.in = in // and it goes on: the next event has the next number
		p.store(9, "after")
		if s, _, _ := newest(d); s <= seq && len(s) <= len(seq) {
			t.Errorf("%s: event %s after %s", name, s, seq)
		}
	}
}
