package archive_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/storage/archive"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
)

// open gives an archive in which two hospitals have one study each, of one
// patient with one name.
func open(t testing.TB) *archive.Archive {
	t.Helper()
	d := dbtest.Open(t, t.TempDir()+"/dokuei.db")
	objects, err := fsobject.Open(t.TempDir(), fsobject.Options{Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := objects.Close(); err != nil {
			t.Error(err)
		}
	})
	in := ingest.New(objects, d, ingest.Options{})
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	for facility, study := range map[string]string{"kaifu": "1.2.1", "mima": "1.2.2"} {
		for _, instance := range []string{study + ".1.1", study + ".1.2"} {
			o := dataset.New()
			o.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
			o.SetString(tag.SOPClassUID, "UI", uid.BasicTextSRStorage)
			o.SetString(tag.SOPInstanceUID, "UI", instance)
			o.SetString(tag.StudyInstanceUID, "UI", study)
			o.SetString(tag.SeriesInstanceUID, "UI", study+".1")
			o.SetString(tag.PatientName, "PN", "Yamada^Taro=山田^太郎")
			o.SetString(tag.PatientID, "LO", "P1")
			o.SetString(tag.Modality, "CS", "SR")
			var b bytes.Buffer
			if err := o.Encode(&b, ts); err != nil {
				t.Fatal(err)
			}
			_, err := in.Store(t.Context(), ingest.Source{FacilityID: facility, CallingAE: "CT"},
				ingest.Meta{SOPClassUID: uid.BasicTextSRStorage, SOPInstanceUID: instance, TransferSyntaxUID: uid.ExplicitVRLittleEndian}, &b)
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return &archive.Archive{DB: d, Objects: objects, Asker: func(_ context.Context, peer any) (archive.Asker, bool, error) {
		s, ok := peer.(string)
		return archive.Asker{Facility: s, Scope: identity.Scope{FacilityID: s}}, ok && s != "", nil
	}}
}

func query(peer any, command dimse.CommandField, level service.Level, keys map[tag.Tag]string) service.Query {
	d := dataset.New()
	for t, v := range keys {
		e, _ := tag.Lookup(t)
		d.SetString(t, e.VR, v)
	}
	return service.Query{
		Association: &ul.Association{CallingAE: "KAIFU_WS", CalledAE: "DOKUEI"}, Peer: peer, Command: command, Root: service.PatientRoot, Level: level, Identifier: d,
	}
}

func find(t *testing.T, a *archive.Archive, q service.Query) (list []*dataset.Dataset, err error) {
	t.Helper()
	err = a.Find(t.Context(), q, func(d *dataset.Dataset) error { list = append(list, d); return nil })
	return list, err
}

func refused(err error, status dimse.Status) bool {
	var r *service.Refusal
	return errors.As(err, &r) && r.Status == status && len(r.Comment) <= 64
}

func TestFind(t *testing.T) {
	t.Parallel()
	a := open(t)
	all := map[tag.Tag]string{tag.PatientName: "山田*", tag.PatientID: "", tag.NumberOfPatientRelatedInstances: "", tag.StudyInstanceUID: "", tag.Modality: "", tag.InstanceAvailability: ""}
	for _, c := range []struct {
		peer   any
		level  service.Level
		study  string
		has    []tag.Tag
		hasNot []tag.Tag
	}{
		{"kaifu", service.PatientLevel, "", []tag.Tag{tag.PatientID, tag.NumberOfPatientRelatedInstances, tag.InstanceAvailability}, []tag.Tag{tag.StudyInstanceUID, tag.Modality}},
		{"kaifu", service.StudyLevel, "1.2.1", []tag.Tag{tag.PatientID, tag.StudyInstanceUID}, []tag.Tag{tag.NumberOfPatientRelatedInstances, tag.Modality}},
		{"mima", service.SeriesLevel, "1.2.2", []tag.Tag{tag.Modality, tag.StudyInstanceUID}, []tag.Tag{tag.NumberOfPatientRelatedInstances}},
	} {
		list, err := find(t, a, query(c.peer, dimse.FieldCFindRQ, c.level, all))
		if err != nil || len(list) != 1 {
			t.Fatalf("%s of %v: %d matches, %v", c.level, c.peer, len(list), err)
		}
		d := list[0]
		if d.String(tag.StudyInstanceUID) != c.study || d.String(tag.PatientName) != "Yamada^Taro=山田^太郎" || d.String(tag.RetrieveAETitle) != "DOKUEI" {
			t.Errorf("%s: %q %q", c.level, d.String(tag.StudyInstanceUID), d.String(tag.PatientName))
		}
		for _, tg := range c.has {
			if d.String(tg) == "" {
				t.Errorf("%s lacks %s", c.level, tg)
			}
		}
		for _, tg := range c.hasNot {
			if d.Has(tg) {
				t.Errorf("%s has %s", c.level, tg)
			}
		}
	}
	if list, _ := find(t, a, query("kaifu", dimse.FieldCFindRQ, service.PatientLevel, all)); list[0].String(tag.NumberOfPatientRelatedInstances) != "2" {
		t.Error("counts another hospital's instances")
	}
	var records int
	q := `SELECT COUNT(*) FROM audit WHERE action = 'study.queried' AND actor = 'ae:KAIFU_WS' AND detail = 'C-FIND'`
	if err := a.DB.Read(t.Context()).QueryRowContext(t.Context(), q).Scan(&records); err != nil || records != 4 {
		t.Errorf("%d queries on record, %v", records, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	a := open(t)
	everybody := map[tag.Tag]string{tag.PatientID: ""}
	for _, peer := range []any{nil, "", 7} {
		q := query(peer, dimse.FieldCFindRQ, service.StudyLevel, everybody)
		if _, err := find(t, a, q); !refused(err, dimse.NotAuthorized) {
			t.Error(err)
		}
		if _, err := a.Select(t.Context(), q); !refused(err, dimse.NotAuthorized) {
			t.Error(err)
		}
	}
	_, err := find(t, a, query("kaifu", dimse.FieldCFindRQ, service.StudyLevel, map[tag.Tag]string{tag.StudyDate: "Yamada"}))
	if !refused(err, dimse.DataSetMismatchesSOPClass) || strings.Contains(err.Error(), "Yamada") {
		t.Error(err)
	}
	a.Limit = 1
	if list, err := find(t, a, query("kaifu", dimse.FieldCFindRQ, service.ImageLevel, everybody)); !refused(err, dimse.OutOfResources) || len(list) != 1 {
		t.Error(len(list), err)
	}
	// A search that outlives its patience; the timer may be late for one as short.
	a.Limit, a.Patience, err = 0, 1, nil
	for tries := 0; err == nil && tries < 1000; tries++ {
		_, err = find(t, a, query("kaifu", dimse.FieldCFindRQ, service.StudyLevel, everybody))
	}
	if !refused(err, dimse.OutOfResources) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Find(ctx, query("kaifu", dimse.FieldCFindRQ, service.StudyLevel, everybody), nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestRetrieve(t *testing.T) {
	t.Parallel()
	a := open(t)
	for _, c := range []struct {
		peer  string
		level service.Level
		keys  map[tag.Tag]string
		want  int
	}{
		{"kaifu", service.PatientLevel, map[tag.Tag]string{tag.PatientID: "P1"}, 2},
		{"kaifu", service.PatientLevel, map[tag.Tag]string{tag.PatientID: "P*"}, 0},
		{"kaifu", service.StudyLevel, map[tag.Tag]string{tag.StudyInstanceUID: `1.2.1\1.2.2`}, 2},
		{"kaifu", service.StudyLevel, map[tag.Tag]string{tag.StudyInstanceUID: "1.2.2"}, 0},
		// Keys below the level and keys that are not unique do not select.
		{"mima", service.StudyLevel, map[tag.Tag]string{tag.StudyInstanceUID: "1.2.2", tag.SOPInstanceUID: "1.2.2.1.1", tag.PatientName: "Sato"}, 2},
		{"mima", service.ImageLevel, map[tag.Tag]string{tag.SOPInstanceUID: "1.2.2.1.1"}, 1},
	} {
		q := query(c.peer, dimse.FieldCMoveRQ, c.level, c.keys)
		q.MoveDestination = "WS"
		list, err := a.Select(t.Context(), q)
		if err != nil || len(list) != c.want {
			t.Errorf("%v: %d instances, want %d, %v", c.keys, len(list), c.want, err)
		}
		for _, one := range list {
			data, ts, err := a.Open(t.Context(), one)
			if err != nil {
				t.Fatal(err)
			}
			syntax, _ := uid.LookupTransferSyntax(ts)
			raw, err := io.ReadAll(data)
			if err != nil {
				t.Fatal(err)
			}
			d, err := dataset.Read(bytes.NewReader(raw), syntax, stream.Limits{})
			if err != nil || d.String(tag.SOPInstanceUID) != one.SOPInstanceUID {
				t.Errorf("%s is %s, %v", one.SOPInstanceUID, d.String(tag.SOPInstanceUID), err)
			}
			if err := data.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if _, _, err := a.Open(t.Context(), service.Selected{Key: "kaifu/aa/bb/none.dcm"}); !errors.Is(err, object.ErrNotFound) {
		t.Error(err)
	}
	var records int
	if err := a.DB.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM audit WHERE action = 'study.retrieved'`).Scan(&records); err != nil || records != 4 {
		t.Errorf("%d records, %v", records, err)
	}
	if _, err := audit.Verify(t.Context(), a.DB.Read(t.Context())); err != nil {
		t.Error(err)
	}
}

// What the first of two readers has made is neither found nor sent to the second.
func TestBlind(t *testing.T) {
	t.Parallel()
	a := open(t)
	err := a.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		for _, text := range []string{`UPDATE series SET origin = 'dokuei'`, `UPDATE instances SET origin = 'dokuei'`} {
			if _, err := tx.ExecContext(ctx, text); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, blind := range []bool{false, true} {
		a.Asker = func(context.Context, any) (archive.Asker, bool, error) {
			return archive.Asker{Scope: identity.Scope{FacilityID: "kaifu"}, Blind: func(context.Context, string) (bool, error) { return blind, nil }}, true, nil
		}
		want := map[bool]int{false: 2}[blind]
		list, err := find(t, a, query("sato", dimse.FieldCFindRQ, service.ImageLevel, map[tag.Tag]string{tag.StudyInstanceUID: "1.2.1", tag.SOPInstanceUID: ""}))
		if err != nil || len(list) != want {
			t.Errorf("blind %v: %d are found, %v", blind, len(list), err)
		}
		selected, err := a.Select(t.Context(), query("sato", dimse.FieldCGetRQ, service.StudyLevel, map[tag.Tag]string{tag.StudyInstanceUID: "1.2.1"}))
		if err != nil || len(selected) != want {
			t.Errorf("blind %v: %d are sent, %v", blind, len(selected), err)
		}
	}
}
