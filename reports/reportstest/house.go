package reportstest

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/router/completeness"
	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/worklist"
)

// Site is the directory of a House: two hospitals, two panels, every role.
// Every password is "correct horse battery".
const Site = `
facilities:
  - {id: kaifu, name: 海部病院, name_en: Kaifu Hospital, ae_titles: [KAIFU_CT], quiet: 1s,
     destinations: [{name: PACS, to: "KAIFU_PACS@127.0.0.1:11112", objects: [sr, pdf]}]}
  - {id: mima, name: 美馬病院, name_en: Mima Hospital, ae_titles: [MIMA_CT], quiet: 1s}
panels:
  - {id: npo, name: 県NPO読影班, name_en: NPO panel, readers: [sato, suzuki]}
  - {id: univ, name: 大学読影班, name_en: University panel, readers: [kondo]}
users:
  - {login: sato, name: 佐藤 花子, name_en: Hanako Sato, role: reader, license: "123456", password: correct horse battery}
  - {login: suzuki, name: 鈴木 一郎, name_en: Ichiro Suzuki, role: reader, license: "234567", password: correct horse battery}
  - {login: kondo, name: 近藤 三郎, name_en: Saburo Kondo, role: reader, license: "345678", password: correct horse battery}
  - {login: kaifu, name: 海部病院 放射線室, role: hospital, facility: kaifu, password: correct horse battery}
  - {login: mima, name: 美馬病院 放射線室, role: hospital, facility: mima, password: correct horse battery}
  - {login: coord, name: 調整 係, role: coordinator, password: correct horse battery}
  - {login: admin, name: 管理 者, role: admin, password: correct horse battery}
rules:
  - {name: mima, when: {facility: [mima]}, then: {panel: univ, priority: URGENT, within: 2h}}
fallback: {panel: npo, priority: ROUTINE, within: 24h}
`

// Password of every user of a House.
const Password = "correct horse battery"

// House is a whole store with a directory, for tests of the rooms above it.
type House struct {
	DB      *db.DB
	Objects object.Store
	Ingest  *ingest.Ingester
	seq     int
}

// NewHouse opens a house without studies in a temporary folder.
func NewHouse(t testing.TB) *House {
	t.Helper()
	furnished.Do(func() { furniture = furnish(t) })
	dir := t.TempDir()
	path := filepath.Join(dir, "dokuei.db")
	if err := os.WriteFile(path, furniture, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return build(t, d)
}

// NewHouseOn furnishes an empty database.
func NewHouseOn(t testing.TB, d *db.DB) *House {
	t.Helper()
	apply(t, d)
	return build(t, d)
}

// build puts an object store beside a furnished database.
func build(t testing.TB, d *db.DB) *House {
	t.Helper()
	objects, err := fsobject.Open(filepath.Join(t.TempDir(), "objects"), fsobject.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := objects.Close(); err != nil {
			t.Error(err)
		}
	})
	return &House{DB: d, Objects: objects, Ingest: ingest.New(objects, d, ingest.Options{})}
}

// furniture is a database with Site applied. It is made once a process: hashing
// seven passwords takes longer than most tests.
var (
	furnished sync.Once
	furniture []byte
)

func furnish(t testing.TB) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "furnished.db")
	d, err := db.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	apply(t, d)
	// Closing folds the write-ahead log into the file.
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func apply(t testing.TB, d *db.DB) {
	t.Helper()
	file, err := site.Parse(strings.NewReader(Site))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := site.Apply(t.Context(), d, file, "test"); err != nil {
		t.Fatal(err)
	}
}

// Principal is the user of a login.
func (h *House) Principal(t testing.TB, login string) identity.Principal {
	t.Helper()
	tx := h.DB.Read(t.Context())
	u, err := identity.UserByLogin(t.Context(), tx, login)
	if err != nil {
		t.Fatal(err)
	}
	panels, err := identity.PanelsOf(t.Context(), tx, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return identity.Principal{
		UserID: u.ID, Login: u.Login, Name: u.Name, NameEn: u.NameEn, Role: u.Role,
		FacilityID: u.FacilityID, PanelIDs: panels, License: u.License, Kind: identity.KindSession,
	}
}

// CT makes a 16 x 16 slice of a head study as a Japanese scanner would write it.
func CT(study, series, instance string, number int, patientID string) *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.SpecificCharacterSet, "CS", "", "ISO 2022 IR 87")
	d.SetString(tag.SOPClassUID, "UI", "1.2.840.10008.5.1.4.1.1.2")
	d.SetString(tag.SOPInstanceUID, "UI", instance)
	d.SetString(tag.StudyDate, "DA", "20261122")
	d.SetString(tag.StudyTime, "TM", "083015")
	d.SetString(tag.AccessionNumber, "SH", "A"+patientID)
	d.SetString(tag.Modality, "CS", "CT")
	d.SetString(tag.StudyDescription, "LO", "頭部単純CT")
	d.SetString(tag.ReferringPhysicianName, "PN", "TAKAHASHI^JIRO=高橋^二郎=たかはし^じろう")
	d.SetString(tag.PatientName, "PN", "YAMADA^TARO=山田^太郎=やまだ^たろう")
	d.SetString(tag.PatientID, "LO", patientID)
	d.SetString(tag.PatientBirthDate, "DA", "19480305")
	d.SetString(tag.PatientSex, "CS", "M")
	d.SetString(tag.PatientAge, "AS", "078Y")
	d.SetString(tag.BodyPartExamined, "CS", "HEAD")
	d.SetString(tag.StudyInstanceUID, "UI", study)
	d.SetString(tag.SeriesInstanceUID, "UI", series)
	d.SetString(tag.StudyID, "SH", "1")
	d.SetInt(tag.SeriesNumber, "IS", 2)
	d.SetInt(tag.InstanceNumber, "IS", number)
	d.SetFloat(tag.ImagePositionPatient, "DS", -100, -100, float64(number)*5)
	d.SetFloat(tag.ImageOrientationPatient, "DS", 1, 0, 0, 0, 1, 0)
	d.SetFloat(tag.PixelSpacing, "DS", 0.5, 0.5)
	d.SetInt(tag.SamplesPerPixel, "US", 1)
	d.SetString(tag.PhotometricInterpretation, "CS", "MONOCHROME2")
	d.SetInt(tag.Rows, "US", 16)
	d.SetInt(tag.Columns, "US", 16)
	d.SetInt(tag.BitsAllocated, "US", 16)
	d.SetInt(tag.BitsStored, "US", 16)
	d.SetInt(tag.HighBit, "US", 15)
	d.SetInt(tag.PixelRepresentation, "US", 1)
	d.SetFloat(tag.RescaleIntercept, "DS", -1024)
	d.SetFloat(tag.RescaleSlope, "DS", 1)
	d.SetFloat(tag.WindowCenter, "DS", 40)
	d.SetFloat(tag.WindowWidth, "DS", 80)
	pixels := make([]byte, 0, 512)
	for i := range 256 {
		pixels = binary.LittleEndian.AppendUint16(pixels, uint16(1000+number+i))
	}
	d.SetBytes(tag.PixelData, "OW", pixels)
	return d
}

// Send stores an instance as if it had come by C-STORE.
func (h *House) Send(t testing.TB, facility string, d *dataset.Dataset) ingest.Result {
	t.Helper()
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	var b bytes.Buffer
	if err := d.Encode(&b, ts); err != nil {
		t.Fatal(err)
	}
	r, err := h.Ingest.Store(t.Context(), ingest.Source{FacilityID: facility, CallingAE: "TEST", Quiet: time.Nanosecond},
		ingest.Meta{SOPClassUID: d.String(tag.SOPClassUID), SOPInstanceUID: d.String(tag.SOPInstanceUID), TransferSyntaxUID: ts.UID}, &b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Sent is a study that came and was released to its panel.
type Sent struct {
	StudyID, StudyInstanceUID, SeriesInstanceUID, WorkitemID string
	InstanceIDs                                              []string
}

// SendStudy sends a study of n slices and releases it.
func (h *House) SendStudy(t testing.TB, facility, patientID string, n int) Sent {
	t.Helper()
	h.seq++
	s := Sent{
		StudyInstanceUID:  uid.FromName("reportstest", fmt.Sprint(facility, patientID, h.seq)),
		SeriesInstanceUID: uid.FromName("reportstest series", fmt.Sprint(facility, patientID, h.seq)),
	}
	for i := range n {
		h.SendSlice(t, facility, patientID, &s, i+1)
	}
	s.WorkitemID = h.Release(t, s.StudyID)
	return s
}

// SendSlice sends one more slice of a study.
func (h *House) SendSlice(t testing.TB, facility, patientID string, s *Sent, number int) {
	t.Helper()
	instance := uid.FromName("reportstest instance", fmt.Sprint(s.StudyInstanceUID, number))
	r := h.Send(t, facility, CT(s.StudyInstanceUID, s.SeriesInstanceUID, instance, number, patientID))
	s.StudyID = r.StudyID
	s.InstanceIDs = append(s.InstanceIDs, r.InstanceID)
}

// Release makes a study complete and returns its Workitem.
func (h *House) Release(t testing.TB, studyID string) string {
	t.Helper()
	var id string
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		r, ok, err := completeness.Release(ctx, tx, studyID)
		if err == nil && !ok {
			return fmt.Errorf("study %s was not due", studyID)
		}
		id = r.Workitem.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Claimed sends a study of one image and has a reader claim it.
func (h *House) Claimed(t testing.TB, facility, patientID, login string) (Sent, identity.Principal) {
	t.Helper()
	s, reader := h.SendStudy(t, facility, patientID, 1), h.Principal(t, login)
	h.Claim(t, s.WorkitemID, reader)
	return s, reader
}

// Claim claims a Workitem.
func (h *House) Claim(t testing.TB, workitemID string, p identity.Principal) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := worklist.Claim(ctx, tx, workitemID, p.UserID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Draft saves a complete draft.
func (h *House) Draft(t testing.TB, workitemID string, p identity.Principal, s reports.Sections) reports.Draft {
	t.Helper()
	d, err := reports.OpenDraft(t.Context(), h.DB, p, workitemID)
	if err != nil {
		t.Fatal(err)
	}
	d.Sections = s
	d.Marks.Critical = &reports.Critical{Level: reports.CriticalRed, Finding: "右被殻出血"} // of a text with one
	if d, err = reports.SaveDraft(t.Context(), h.DB, p, d); err != nil {
		t.Fatal(err)
	}
	return d
}
