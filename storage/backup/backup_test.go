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
	"github.com/dokuei/dokuei/storage/object/fsobject"
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
	p := newPlace(t)
	f, dir := openFolder(p)
	for n := range 3 {
		p.store(n, "x")
	}
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

// A backup that breaks off is no generation; the next one goes on.
func TestBrokenOff(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	f, dir := openFolder(p)
	for n := range 5 {
		p.store(n, "x")
	}
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
	if n, err := f.Prune(p.Context(), 2); err != nil || n != 2 {
		t.Errorf("%d pruned, %v", n, err)
	}
	if list, _ := f.Generations(p.Context()); len(list) != 2 {
		t.Errorf("%+v", list)
	}
	if e, err := filepath.Glob(filepath.Join(dir, "catalogs", "*", "*")); err != nil || len(e) != 4 {
		t.Errorf("%v, %v", e, err)
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
