package archive_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// FuzzIdentifier puts any identifier to the archive: it answers or refuses, the
// database never complains, and no study of another hospital shows.
func FuzzIdentifier(f *testing.F) {
	for _, seed := range []map[tag.Tag]string{
		{tag.PatientName: "山田*=*", tag.StudyDate: "20260101-", tag.ModalitiesInStudy: "SR"},
		{tag.StudyInstanceUID: `1.2.1\1.2.2`, tag.PatientID: "P?", tag.StudyTime: "10-1130.5"},
		{tag.SOPInstanceUID: "1.2.1.1.1", tag.SeriesInstanceUID: "", tag.InstanceNumber: "1", tag.PatientSex: "' OR 1=1 --"},
	} {
		d := dataset.New()
		for t, v := range seed {
			e, _ := tag.Lookup(t)
			d.SetString(t, e.VR, v)
		}
		var b bytes.Buffer
		ts, _ := uid.LookupTransferSyntax(uid.ImplicitVRLittleEndian)
		if err := d.Encode(&b, ts); err != nil {
			f.Fatal(err)
		}
		for level := range byte(4) {
			f.Add(b.Bytes(), level)
		}
	}
	a := open(f)
	ts, _ := uid.LookupTransferSyntax(uid.ImplicitVRLittleEndian)
	f.Fuzz(func(t *testing.T, raw []byte, level byte) {
		d, err := dataset.Read(bytes.NewReader(raw), ts, stream.Limits{MaxHeaderBytes: 1 << 16})
		if err != nil {
			t.Skip("no data set")
		}
		q := query("kaifu", dimse.FieldCFindRQ, []service.Level{service.PatientLevel, service.StudyLevel, service.SeriesLevel, service.ImageLevel}[level%4], nil)
		q.Identifier = d
		var refusal *service.Refusal
		err = a.Find(t.Context(), q, func(m *dataset.Dataset) error {
			if m.String(tag.StudyInstanceUID) == "1.2.2" {
				t.Error("another hospital's study")
			}
			return nil
		})
		if err != nil && !errors.As(err, &refusal) {
			t.Error(err)
		}
		list, err := a.Select(t.Context(), q)
		if err != nil && !errors.As(err, &refusal) {
			t.Error(err)
		}
		for _, one := range list {
			if one.SOPInstanceUID == "1.2.2.1.1" || one.SOPInstanceUID == "1.2.2.1.2" {
				t.Error("another hospital's instance")
			}
		}
	})
}
