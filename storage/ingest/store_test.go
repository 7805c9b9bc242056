package ingest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
)

// TestEngines is what depends on the database, on each of them.
func TestEngines(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		for name, test := range map[string]func(t *testing.T, s *site){
			"bytes and rows":       bytesAndRows,
			"kept beside":          keptBeside,
			"sixteen senders":      sixteenSenders,
			"many senders":         manySenders,
			"ledger":               ledger,
			"hostile text":         hostileText,
			"own, one transaction": ownTransaction,
		} {
			t.Run(name, func(t *testing.T) { test(t, siteOn(t, open(t))) })
		}
	})
}

func bytesAndRows(t *testing.T, s *site) {
	m, b := encode(t, ct(1), uid.ExplicitVRLittleEndian)
	r, err := s.in.Store(t.Context(), kaifu, m, bytes.NewReader(b))
	s.must(err)
	tx := s.db.Read(t.Context())
	i, err := catalog.InstanceByID(t.Context(), tx, identity.Scope{FacilityID: "kaifu"}, r.InstanceID)
	s.must(err)
	o, err := s.objects.Open(t.Context(), i.ObjectKey)
	s.must(err)
	defer o.Close()
	file, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
	s.must(err)
	if sum := sha256.Sum256(file); i.SHA256 != hex.EncodeToString(sum[:]) || !strings.Contains(i.ObjectKey, i.SHA256) || i.Size != o.Size() {
		t.Error("hash, key and size of the row are not those of the object")
	}
	if !bytes.HasSuffix(file, b) {
		t.Error("the data set is not kept as it came")
	}
	if !bytes.Equal(file[:128], make([]byte, 128)) || string(file[128:132]) != "DICM" {
		t.Error("no Part 10 file")
	}
	h := i.Header
	if i.Rows != 8 || i.Columns != 8 || i.Frames != 1 || i.InstanceNumber != 1 || i.SourceAE != "KAIFU_CT" ||
		!h.HasPixels || h.BitsStored != 12 || h.Photometric != "MONOCHROME2" || *h.Slope != 1 || *h.Intercept != -1024 ||
		!slices.Equal(h.Position, []float64{-100, -100, 5}) || len(h.Orientation) != 6 || len(h.PixelSpacing) != 2 ||
		!slices.Equal(h.Windows, []catalog.Window{{Center: 40, Width: 80, Explanation: "BRAIN"}, {Center: 600, Width: 2800, Explanation: "BONE"}}) {
		t.Errorf("row: %+v", i)
	}
	st := s.study(r.StudyID)
	if st.Patient.Name != "Yamada^Tarou=山田^太郎=やまだ^たろう" || st.Patient.PatientID != "P1" || st.Description != "頭部CT" ||
		st.State != catalog.Receiving || st.Instances != 1 || st.Series != 1 || !slices.Equal(st.Modalities, []string{"CT"}) ||
		!st.ReleaseAt.Equal(s.clock().Add(30*time.Second)) {
		t.Errorf("study: %+v", st)
	}
	if len(s.stored) != 1 || s.stored[0].InstanceID != r.InstanceID || s.stored[0].ObjectKey != i.ObjectKey {
		t.Errorf("told: %+v", s.stored)
	}
	if k := s.kinds(); !slices.Equal(k, []string{"instance.stored"}) {
		t.Errorf("events: %v", k)
	}
	s.verifyAudit()
}

func TestRefused(t *testing.T) {
	t.Parallel()
	_, whole := encode(t, ct(1), uid.ExplicitVRLittleEndian)
	command, _ := encode(t, ct(1), uid.ExplicitVRLittleEndian)
	for _, c := range []struct {
		name string
		meta func(m *ingest.Meta)
		data func() []byte
		want uint16
	}{
		{"other instance", func(m *ingest.Meta) { m.SOPInstanceUID = "1.2.3.4.5" }, nil, 0xA900},
		{"other class", func(m *ingest.Meta) { m.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4" }, nil, 0xA900},
		{"bad command UID", func(m *ingest.Meta) { m.SOPInstanceUID = "../../etc/passwd" }, nil, 0xC000},
		{"bad transfer syntax", func(m *ingest.Meta) { m.TransferSyntaxUID = "x" }, nil, 0xC000},
		{"empty", nil, func() []byte { return nil }, 0xA900},
		{"not DICOM", nil, func() []byte { return bytes.Repeat([]byte("GET / HTTP/1.1\r\n"), 100) }, 0xC000},
		{"truncated in a header", nil, func() []byte { return whole[:len(whole)-131] }, 0xC000},
		{"truncated in the pixels", nil, func() []byte { return whole[:len(whole)-1] }, 0xC000},
		{"truncated early", nil, func() []byte { return whole[:100] }, 0xC000},
		{"bytes after the end", nil, func() []byte { return append(slices.Clone(whole), 1, 2, 3) }, 0xC000},
		{"endless Patient ID", nil, func() []byte {
			_, b := encode(t, ct(1, set(tag.PatientID, "UT", strings.Repeat("1", 5000))), uid.ExplicitVRLittleEndian)
			return b
		}, 0xC000},
		{"no study", nil, func() []byte {
			_, b := encode(t, ct(1, without(tag.StudyInstanceUID)), uid.ExplicitVRLittleEndian)
			return b
		}, 0xC000},
		{"no series", nil, func() []byte {
			_, b := encode(t, ct(1, without(tag.SeriesInstanceUID)), uid.ExplicitVRLittleEndian)
			return b
		}, 0xC000},
		{"study is a path", nil, func() []byte {
			_, b := encode(t, ct(1, set(tag.StudyInstanceUID, "UI", "../../canary")), uid.ExplicitVRLittleEndian)
			return b
		}, 0xC000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			m, b := command, whole
			if c.meta != nil {
				c.meta(&m)
			}
			if c.data != nil {
				b = c.data()
			}
			_, err := s.in.Store(t.Context(), kaifu, m, bytes.NewReader(b))
			if got := ingest.Status(err); got != c.want {
				t.Errorf("status %04X (%v), want %04X", got, err, c.want)
			}
			s.empty()
			s.mustStore(kaifu, ct(1)) // the next one works
		})
	}
}

// Every prefix of a data set is refused, leaves nothing and is explained without a
// value of the patient. Only one that ends between two elements before those that
// describe pixels cannot be told from an object that is no image.
func TestEveryTruncation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m, b := encode(t, ct(1), uid.ExplicitVRLittleEndian)
	pixels := bytes.Index(b, []byte{0x28, 0, 2, 0}) // (0028,0002) Samples per Pixel
	accepted := 0
	for n := range b {
		_, err := s.in.Store(t.Context(), kaifu, m, bytes.NewReader(b[:n]))
		switch {
		case err == nil && n <= pixels:
			accepted++
		case err == nil:
			t.Fatalf("%d of %d bytes are stored", n, len(b))
		case strings.Contains(err.Error(), "Yamada") || strings.Contains(err.Error(), "P1") || ingest.Status(err) < 0xA900:
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	if n := s.count("instances") + s.count("instance_versions"); n != accepted || len(s.keys()) != accepted || accepted > 6 {
		t.Errorf("%d accepted, %d rows, %d objects", accepted, n, len(s.keys()))
	}
}

func TestBrokenConnection(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m, b := encode(t, ct(1), uid.ExplicitVRLittleEndian)
	reset := errors.New("connection reset")
	_, err := s.in.Store(t.Context(), kaifu, m, io.MultiReader(bytes.NewReader(b[:200]), errReader{reset}))
	if !errors.Is(err, reset) {
		t.Errorf("got %v", err)
	}
	s.empty()
}

type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

func TestSameBytesAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.mustStore(kaifu, ct(1))
	s.pass(10 * time.Second)
	again := s.mustStore(kaifu, ct(1))
	if !again.Duplicate || again.Conflict || again.InstanceID != first.InstanceID || again.StudyID != first.StudyID {
		t.Errorf("again: %+v", again)
	}
	st := s.study(first.StudyID)
	if st.Instances != 1 || s.count("instances") != 1 || len(s.keys()) != 1 || len(s.stored) != 1 {
		t.Errorf("counted twice: %+v", st)
	}
	if !st.ReleaseAt.Equal(s.clock().Add(30 * time.Second)) {
		t.Error("a sender that repeats is still at work: the wait must start over")
	}
	s.pass(time.Minute)
	s.complete(first.StudyID)
	s.mustStore(kaifu, ct(1))
	if st := s.study(first.StudyID); st.State != catalog.Complete || st.Reopened != 0 {
		t.Error("a repetition reopened the study")
	}
}

func TestOtherEncodingIsADuplicate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.mustStore(kaifu, ct(1))
	for _, ts := range []string{uid.ImplicitVRLittleEndian, uid.DeflatedExplicitVRLittleEndian, uid.ExplicitVRBigEndian} {
		m, b := encode(t, ct(1), ts)
		r, err := s.in.Store(t.Context(), kaifu, m, bytes.NewReader(b))
		s.must(err)
		if !r.Duplicate || r.InstanceID != first.InstanceID {
			t.Errorf("%s: %+v", uid.Name(ts), r)
		}
	}
	if n := len(s.keys()); n != 1 {
		t.Errorf("%d objects, want 1", n)
	}
}

// Every transfer syntax a data set can be written in gives the same row.
func TestEncodingsReadAlike(t *testing.T) {
	t.Parallel()
	var want catalog.Header
	for n, ts := range []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.DeflatedExplicitVRLittleEndian, uid.ExplicitVRBigEndian} {
		s := newSite(t)
		m, b := encode(t, ct(1), ts)
		r, err := s.in.Store(t.Context(), kaifu, m, bytes.NewReader(b))
		s.must(err)
		i, err := catalog.InstanceByID(t.Context(), s.db.Read(t.Context()), identity.Everything(), r.InstanceID)
		s.must(err)
		if i.TransferSyntaxUID != ts || i.Rows != 8 {
			t.Errorf("%s: %+v", uid.Name(ts), i)
		}
		if n == 0 {
			want = i.Header
		} else if !equalHeader(want, i.Header) {
			t.Errorf("%s: %+v", uid.Name(ts), i.Header)
		}
	}
}

func keptBeside(t *testing.T, s *site) {
	first := s.mustStore(kaifu, ct(1))
	other := ct(1, set(tag.PatientName, "PN", "Somebody^Else"))
	r := s.mustStore(kaifu, other)
	if !r.Conflict || r.Duplicate || r.InstanceID != first.InstanceID {
		t.Errorf("conflict: %+v", r)
	}
	r = s.mustStore(kaifu, other)
	if !r.Conflict || !r.Duplicate {
		t.Errorf("the same conflict again: %+v", r)
	}
	st := s.study(first.StudyID)
	if st.Conflicts != 1 || st.Instances != 1 || !strings.HasPrefix(st.Patient.Name, "Yamada") {
		t.Errorf("study: %+v", st)
	}
	v, err := catalog.Versions(t.Context(), s.db.Read(t.Context()), identity.Everything(), first.InstanceID)
	s.must(err)
	if len(v) != 1 || len(s.keys()) != 2 {
		t.Errorf("versions: %+v, objects %v", v, s.keys())
	}
	if k := s.kinds(); !slices.Equal(k, []string{"instance.stored", "instance.conflict"}) {
		t.Errorf("events: %v", k)
	}
	s.verifyAudit()
}

func sixteenSenders(t *testing.T, s *site) {
	m, b := encode(t, ct(1), uid.ExplicitVRLittleEndian)
	m2, b2 := encode(t, ct(1), uid.ImplicitVRLittleEndian)
	var wg sync.WaitGroup
	for n := range 16 {
		wg.Go(func() {
			m, b := m, b
			if n%4 == 3 {
				m, b = m2, b2
			}
			if _, err := s.in.Store(t.Context(), kaifu, m, bytes.NewReader(b)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if s.count("instances") != 1 || s.count("instance_versions") != 0 || len(s.stored) != 1 {
		t.Errorf("%d instances, %d versions, %d told", s.count("instances"), s.count("instance_versions"), len(s.stored))
	}
	if st := s.study(s.stored[0].StudyID); st.Instances != 1 || st.Conflicts != 0 {
		t.Errorf("study: %+v", st)
	}
	s.verifyAudit()
}

func manySenders(t *testing.T, s *site) {
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for n := range 10 {
				_, err := s.store(kaifu, ct(100*w+n, set(tag.SeriesInstanceUID, "UI", "1.2.3."+[]string{"1", "2"}[n%2])))
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	st := s.study(s.stored[0].StudyID)
	if st.Instances != 80 || st.Series != 2 || s.count("studies") != 1 || s.count("patients") != 1 {
		t.Errorf("study: %+v", st)
	}
	list, err := catalog.SeriesOf(t.Context(), s.db.Read(t.Context()), identity.Everything(), st.ID)
	s.must(err)
	if len(list) != 2 || list[0].InstanceCount != 40 || len(list[1].Instances) != 40 {
		t.Errorf("series: %d", len(list))
	}
	s.verifyAudit()
}

func TestFacilityDecidesIdentity(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	mima := ingest.Source{FacilityID: "mima", CallingAE: "MIMA_CT"}
	a, b := s.mustStore(kaifu, ct(1)), s.mustStore(mima, ct(1))
	if b.Duplicate || b.Conflict || a.StudyID == b.StudyID || a.InstanceID == b.InstanceID {
		t.Errorf("two hospitals merged: %+v %+v", a, b)
	}
	if s.count("patients") != 2 {
		t.Error("one patient ID of two hospitals is one patient")
	}
	_, err := catalog.StudyByID(t.Context(), s.db.Read(t.Context()), identity.Scope{FacilityID: "mima"}, a.StudyID)
	if !errors.Is(err, catalog.ErrNotFound) {
		t.Errorf("another hospital's study: %v", err)
	}
}

func TestStrangersNeverMerge(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	noID := without(tag.PatientID, tag.PatientName, tag.PatientBirthDate, tag.PatientSex)
	a := s.mustStore(kaifu, ct(1, noID))
	s.mustStore(kaifu, ct(2, noID))
	b := s.mustStore(kaifu, ct(3, noID, set(tag.StudyInstanceUID, "UI", "1.2.4"), set(tag.SeriesInstanceUID, "UI", "1.2.4.1")))
	c := s.mustStore(kaifu, ct(4, set(tag.PatientID, "LO", " "), set(tag.StudyInstanceUID, "UI", "1.2.5")))
	refs := []string{s.study(a.StudyID).PatientRef, s.study(b.StudyID).PatientRef, s.study(c.StudyID).PatientRef}
	if refs[0] == refs[1] || refs[1] == refs[2] || s.count("patients") != 3 {
		t.Errorf("patients without ID merged: %v", refs)
	}
}

func TestOtherPatientInOneStudyIsFlagged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a := s.mustStore(kaifu, ct(1))
	b := s.mustStore(kaifu, ct(2, set(tag.PatientID, "LO", "P2")))
	st := s.study(a.StudyID)
	if !b.Conflict || b.StudyID != a.StudyID || st.Conflicts != 1 || st.Patient.PatientID != "P1" {
		t.Errorf("%+v, study %+v", b, st)
	}
}

func ledger(t *testing.T, s *site) {
	tx := s.db.Read(t.Context())
	r := s.mustStore(kaifu, ct(1))
	due := func(want int) {
		t.Helper()
		ids, err := catalog.Due(t.Context(), tx, s.clock(), 10)
		s.must(err)
		if len(ids) != want {
			t.Fatalf("%d studies due, want %d", len(ids), want)
		}
	}
	due(0)
	s.pass(20 * time.Second)
	s.mustStore(kaifu, ct(2))
	s.pass(29 * time.Second)
	due(0)
	s.pass(time.Second)
	due(1)
	s.complete(r.StudyID)
	due(0)
	s.pass(time.Hour)
	s.mustStore(kaifu, ct(3))
	st := s.study(r.StudyID)
	if st.State != catalog.Receiving || st.Reopened != 1 || st.Instances != 3 {
		t.Errorf("late instance: %+v", st)
	}
	if k := s.kinds(); !slices.Contains(k, "study.reopened") {
		t.Errorf("events: %v", k)
	}
	at, ok, err := catalog.NextRelease(t.Context(), tx)
	s.must(err)
	if !ok || !at.Equal(s.clock().Add(30*time.Second)) {
		t.Errorf("next release %v %v", at, ok)
	}
}

// What no column takes is cleaned; what is long is cut; the object keeps it all.
func hostileText(t *testing.T, s *site) {
	r := s.mustStore(kaifu, ct(1,
		func(d *dataset.Dataset) { d.SetBytes(tag.PatientName, "PN", []byte("A\x00B^\xff\xfe<script>\x1b$B")) },
		set(tag.StudyDescription, "UT", strings.Repeat("漢", 20_000)),
		set(tag.Modality, "UT", strings.Repeat("M", 5000)),
		set(tag.AccessionNumber, "SH", "'); DROP TABLE studies; --")))
	st := s.study(r.StudyID)
	if strings.Contains(st.Patient.Name, "\x00") || !utf8.ValidString(st.Patient.Name) || !strings.Contains(st.Patient.Name, "<script>") ||
		len(st.Description) > 1024 || !utf8.ValidString(st.Description) || st.AccessionNumber != "'); DROP TABLE studies; --" {
		t.Errorf("%+v", st)
	}
}

func TestDeclaredCountShortensTheWait(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	three := func(d *dataset.Dataset) { d.SetInt(tag.NumberOfStudyRelatedInstances, "IS", 3) }
	var id string
	for n := range 3 {
		id = s.mustStore(kaifu, ct(n+1, three)).StudyID
		ids, err := catalog.Due(t.Context(), s.db.Read(t.Context()), s.clock(), 10)
		s.must(err)
		if (len(ids) == 1) != (n == 2) {
			t.Errorf("after %d of 3: due %v", n+1, ids)
		}
	}
	s.complete(id)
}
