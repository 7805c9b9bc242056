package dicomweb

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// A data set as the Native DICOM Model: names by their components, items, what is
// long by its address, and text that is none of XML's made harmless.
func TestNativeModel(t *testing.T) {
	t.Parallel()
	d := dataset.New()
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	d.SetString(tag.PatientName, "PN", "Yamada^Tarou=山田^太郎=やまだ^たろう")
	d.SetString(tag.StudyDescription, "LO", `a <b> & "c"`)
	d.SetFloat(tag.PixelSpacing, "DS", 0.5, 0.25)
	item := dataset.New()
	item.SetString(tag.CodeValue, "SH", "T1")
	d.SetItems(tag.ProcedureCodeSequence, item, dataset.New())
	d.SetString(0x00091010, "LO", "private")
	got := string(native(modelOf(d, "")))
	for _, want := range []string{
		`<DicomAttribute tag="00100010" vr="PN" keyword="PatientName"><PersonName number="1"><Alphabetic><FamilyName>Yamada</FamilyName><GivenName>Tarou</GivenName></Alphabetic>` +
			`<Ideographic><FamilyName>山田</FamilyName><GivenName>太郎</GivenName></Ideographic><Phonetic><FamilyName>やまだ</FamilyName><GivenName>たろう</GivenName></Phonetic></PersonName></DicomAttribute>`,
		`<Value number="1">a &lt;b&gt; &amp; &#34;c&#34;</Value>`,
		`<Value number="1">0.5</Value><Value number="2">0.25</Value>`,
		`<Item number="1"><DicomAttribute tag="00080100" vr="SH" keyword="CodeValue"><Value number="1">T1</Value></DicomAttribute></Item><Item number="2"></Item>`,
		`<DicomAttribute tag="00091010" vr="LO"><Value`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nis not in\n%s", want, got)
		}
	}
	for dec := xml.NewDecoder(strings.NewReader(got)); ; {
		if _, err := dec.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, got)
		}
	}
}
