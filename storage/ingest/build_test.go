package ingest_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
)

const ctImage = "1.2.840.10008.5.1.4.1.1.2"

// site is a whole storage in a temporary folder with a clock set by hand.
type site struct {
	testing.TB
	dir      string
	database string // the file, of SQLite
	db       *db.DB
	objects  object.Store
	in       *ingest.Ingester

	mu     sync.Mutex
	now    time.Time
	stored []ingest.Stored
}

// migrated is the file of an empty database: making its tables once is enough.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "dokuei")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "empty.db")
	d, err := db.Open(context.Background(), path, nil)
	if err != nil {
		return nil, err
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func newSite(tb testing.TB) *site {
	tb.Helper()
	empty, err := migrated()
	if err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(tb.TempDir(), "dokuei.db")
	if err := os.WriteFile(path, empty, 0o600); err != nil {
		tb.Fatal(err)
	}
	s := siteOn(tb, dbtest.Open(tb, path))
	s.database = path
	return s
}

// siteOn is a site with its rows in d.
func siteOn(tb testing.TB, d *db.DB) *site {
	tb.Helper()
	s := &site{TB: tb, db: d, dir: tb.TempDir(), now: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)}
	fs, err := fsobject.Open(filepath.Join(s.dir, "objects"), fsobject.Options{})
	s.must(err)
	tb.Cleanup(func() { fs.Close() })
	s.objects = fs
	s.use(fs)
	return s
}

// use puts another store under the ingester.
func (s *site) use(o object.Store) {
	s.in = ingest.New(o, s.db, ingest.Options{Now: s.clock, OnStored: func(x ingest.Stored) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.stored = append(s.stored, x)
	}})
}

func (s *site) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) pass(d time.Duration) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
	return s.now
}

func (s *site) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

var kaifu = ingest.Source{FacilityID: "kaifu", CallingAE: "KAIFU_CT", Quiet: 30 * time.Second}

// ct is a small CT image; edit changes it.
func ct(n int, edit ...func(d *dataset.Dataset)) *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	d.SetString(tag.SOPClassUID, "UI", ctImage)
	d.SetString(tag.SOPInstanceUID, "UI", "1.2.3.1."+strconv.Itoa(n))
	d.SetString(tag.StudyInstanceUID, "UI", "1.2.3")
	d.SetString(tag.SeriesInstanceUID, "UI", "1.2.3.1")
	d.SetString(tag.Modality, "CS", "CT")
	d.SetString(tag.StudyDate, "DA", "20260401")
	d.SetString(tag.StudyDescription, "LO", "頭部CT")
	d.SetString(tag.AccessionNumber, "SH", "A-100")
	d.SetString(tag.BodyPartExamined, "CS", "HEAD")
	d.SetString(tag.PatientID, "LO", "P1")
	d.SetString(tag.PatientName, "PN", "Yamada^Tarou=山田^太郎=やまだ^たろう")
	d.SetString(tag.PatientBirthDate, "DA", "19500101")
	d.SetString(tag.PatientSex, "CS", "M")
	d.SetInt(tag.InstanceNumber, "IS", n)
	d.SetFloat(tag.ImagePositionPatient, "DS", -100, -100, float64(n)*5)
	d.SetFloat(tag.ImageOrientationPatient, "DS", 1, 0, 0, 0, 1, 0)
	d.SetFloat(tag.PixelSpacing, "DS", 0.5, 0.5)
	d.SetInt(tag.SamplesPerPixel, "US", 1)
	d.SetString(tag.PhotometricInterpretation, "CS", "MONOCHROME2")
	d.SetInt(tag.Rows, "US", 8)
	d.SetInt(tag.Columns, "US", 8)
	d.SetInt(tag.BitsAllocated, "US", 16)
	d.SetInt(tag.BitsStored, "US", 12)
	d.SetInt(tag.HighBit, "US", 11)
	d.SetInt(tag.PixelRepresentation, "US", 0)
	d.SetFloat(tag.WindowCenter, "DS", 40, 600)
	d.SetFloat(tag.WindowWidth, "DS", 80, 2800)
	d.SetString(tag.WindowCenterWidthExplanation, "LO", "BRAIN", "BONE")
	d.SetFloat(tag.RescaleSlope, "DS", 1)
	d.SetFloat(tag.RescaleIntercept, "DS", -1024)
	pix := make([]byte, 128)
	for i := range pix {
		pix[i] = byte(n + i)
	}
	d.SetBytes(tag.PixelData, "OW", pix)
	for _, e := range edit {
		e(d)
	}
	return d
}

func set(t tag.Tag, vr string, v ...string) func(*dataset.Dataset) {
	return func(d *dataset.Dataset) { d.SetString(t, vr, v...) }
}

func without(list ...tag.Tag) func(*dataset.Dataset) {
	return func(d *dataset.Dataset) {
		for _, t := range list {
			d.Delete(t)
		}
	}
}

// encode is d as a C-STORE would carry it, and its command.
func encode(tb testing.TB, d *dataset.Dataset, syntax string) (ingest.Meta, []byte) {
	tb.Helper()
	ts, ok := uid.LookupTransferSyntax(syntax)
	if !ok {
		tb.Fatal("transfer syntax")
	}
	var b bytes.Buffer
	if err := d.Encode(&b, ts); err != nil {
		tb.Fatal(err)
	}
	return ingest.Meta{SOPClassUID: d.String(tag.SOPClassUID), SOPInstanceUID: d.String(tag.SOPInstanceUID), TransferSyntaxUID: syntax}, b.Bytes()
}

func (s *site) store(src ingest.Source, d *dataset.Dataset) (ingest.Result, error) {
	s.Helper()
	m, b := encode(s, d, uid.ExplicitVRLittleEndian)
	return s.in.Store(s.Context(), src, m, bytes.NewReader(b))
}

func (s *site) mustStore(src ingest.Source, d *dataset.Dataset) ingest.Result {
	s.Helper()
	r, err := s.store(src, d)
	s.must(err)
	return r
}

func (s *site) study(id string) catalog.Study {
	s.Helper()
	st, err := catalog.StudyByID(s.Context(), s.db.Read(s.Context()), identity.Everything(), id)
	s.must(err)
	return st
}

// complete releases the study as the router does.
func (s *site) complete(id string) {
	s.Helper()
	s.must(s.db.Write(s.Context(), func(ctx context.Context, tx db.Tx) error {
		_, ok, err := catalog.CompleteStudy(ctx, tx, id, s.clock())
		if err == nil && !ok {
			s.Error("the study was not due")
		}
		return err
	}))
}

func (s *site) count(table string) (n int) {
	s.Helper()
	s.must(s.db.Read(s.Context()).QueryRowContext(s.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n))
	return n
}

func (s *site) keys() (keys []string) {
	s.Helper()
	s.must(s.objects.List(s.Context(), "", "", func(i object.Info) error {
		keys = append(keys, i.Key)
		return nil
	}))
	return keys
}

func (s *site) kinds() (kinds []string) {
	s.Helper()
	list, err := catalog.EventsAfter(s.Context(), s.db.Read(s.Context()), 0, 1000)
	s.must(err)
	for _, e := range list {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// empty checks that nothing at all was kept.
func (s *site) empty() {
	s.Helper()
	for _, table := range []string{"patients", "studies", "series", "instances", "instance_versions", "events", "audit"} {
		if n := s.count(table); n != 0 {
			s.Errorf("%d rows in %s", n, table)
		}
	}
	if k := s.keys(); len(k) != 0 {
		s.Errorf("objects: %v", k)
	}
	left, err := filepath.Glob(filepath.Join(s.dir, "objects", "spool", "*"))
	s.must(err)
	if len(left) != 0 {
		s.Errorf("spool: %v", left)
	}
}

func (s *site) verifyAudit() {
	s.Helper()
	_, err := audit.Verify(s.Context(), s.db.Read(s.Context()))
	s.must(err)
}
