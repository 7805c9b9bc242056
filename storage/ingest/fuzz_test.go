package ingest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// FuzzCollect: whatever a sender sends, the header is read within its bounds and
// gives rows that a database takes.
func FuzzCollect(f *testing.F) {
	item := dataset.New()
	item.SetFloat(tag.ImagePositionPatient, "DS", 1, 2, 3)
	group := dataset.New()
	group.SetItems(tag.PlanePositionSequence, item)
	d := dataset.New()
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	d.SetString(tag.SOPClassUID, "UI", "1.2.840.10008.5.1.4.1.1.2.1")
	d.SetString(tag.PatientName, "PN", "Yamada^Tarou=山田^太郎")
	d.SetFloat(tag.WindowCenter, "DS", 40, 400)
	d.SetFloat(tag.WindowWidth, "DS", 80, 2000)
	d.SetInt(tag.BitsAllocated, "US", 16)
	d.SetItems(tag.PerFrameFunctionalGroupsSequence, group)
	d.SetBytes(tag.PixelData, "OW", make([]byte, 8))
	syntaxes := []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian}
	for n, ts := range syntaxes {
		var b bytes.Buffer
		if err := d.Encode(&b, stream.SyntaxFor(ts)); err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(n), b.Bytes())
	}
	f.Fuzz(func(t *testing.T, syntax uint8, b []byte) {
		m := Meta{SOPClassUID: "1.2", SOPInstanceUID: "1.3", TransferSyntaxUID: syntaxes[int(syntax)%len(syntaxes)]}
		d, err := new(collector).collect(stream.NewScanner(bytes.NewReader(b), stream.SyntaxFor(m.TransferSyntaxUID), scanLimits(stream.Limits{})))
		if err != nil {
			if Status(err) != StatusCannotUnderstand {
				t.Fatalf("status %04X: %v", Status(err), err)
			}
			return
		}
		a := arrival(d, m, "kaifu")
		if _, err := json.Marshal(a.Instance.Header); err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{a.Study.Patient.Name, a.Study.Patient.PatientID, a.Study.Description, a.Study.RequestText, a.Series.Modality, a.Study.BodyPart} {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") || len(s) > requestMax*8 {
				t.Fatalf("no text for a column: %q", s)
			}
		}
	})
}
