package pdf

import (
	"bytes"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports/reportstest"
)

func TestEncapsulatedPDF(t *testing.T) {
	t.Parallel()
	r := reportstest.Amended()
	doc, err := Writer{}.Write(r, reportstest.Context())
	if err != nil {
		t.Fatal(err)
	}
	file := reportstest.File(t, doc.Dataset)
	reportstest.Validate(t, file)
	_, d, _, err := dataset.ReadFile(bytes.NewReader(file), stream.Limits{MaxValueBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if got := d.String(tag.DocumentTitle); got != "頭部CT検査報告書 (補遺 2)" {
		t.Errorf("title %q", got)
	}
	if got := d.String(tag.PatientName); got != r.Patient.Name {
		t.Errorf("patient %q, want %q", got, r.Patient.Name)
	}
	pdf, ok := File(d)
	if !ok || !bytes.HasPrefix(pdf, []byte("%PDF-1.7")) || !bytes.HasSuffix(pdf, []byte("%%EOF\n")) {
		t.Error("the PDF does not come out as it went in")
	}
}
