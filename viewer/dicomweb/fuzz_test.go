package dicomweb

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

var noQuery = &url.URL{}

// FuzzAccept: whatever a client says it takes, frames go out in a form it named or
// not at all.
func FuzzAccept(f *testing.F) {
	f.Add(`multipart/related; type="image/jphc"; transfer-syntax=*, */*;q=0.1`, uid.HTJ2KLossless)
	f.Add(`multipart/related; type="application/octet-stream"`, uid.JPEGBaseline8Bit)
	f.Add(`,;"`, uid.ExplicitVRLittleEndian)
	f.Fuzz(func(t *testing.T, accept, stored string) {
		list := accepted(&http.Request{Header: http.Header{"Accept": {accept}}, URL: noQuery})
		got, ok := frameForm(list, stored)
		if !ok {
			return
		}
		for _, c := range list {
			if c.takes(got.kind) || c.takes(octetType) {
				return
			}
		}
		t.Errorf("%q gets %+v", accept, got)
	})
}

// FuzzDataset: what a client writes in JSON is read or refused, and what was read can
// be encoded and is written in JSON again.
func FuzzDataset(f *testing.F) {
	f.Add([]byte(`[{"00100010":{"vr":"PN","Value":[{"Alphabetic":"A^B","Ideographic":"山"}]},"00404018":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["1"]}}]}}]`))
	f.Add([]byte(`{"00280010":{"vr":"US","Value":[1,2]},"00420011":{"vr":"OB","InlineBinary":"AAA="},"00209165":{"vr":"AT","Value":["00100010"]},"00189087":{"vr":"FD","Value":[1e3]}}`))
	f.Add([]byte(`{"0040A730":{"vr":"SQ","Value":[{"0040A730":{"vr":"SQ","Value":[null]}}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := parseDataset(body)
		if err != nil {
			return
		}
		ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
		if err := d.Encode(io.Discard, ts); err == nil {
			_ = modelOf(d, "")
		}
	})
}

// FuzzValue: the value found at a path is that of the data set.
func FuzzValue(f *testing.F) {
	d := dataset.New()
	d.SetString(tag.Modality, "CS", "CT")
	item := dataset.New()
	item.SetString(tag.Modality, "CS", "MR")
	d.SetItems(tag.ReferencedSeriesSequence, dataset.New(), item)
	ts, _ := uid.LookupTransferSyntax(uid.ImplicitVRLittleEndian)
	d.SetString(tag.SOPClassUID, "UI", uid.CTImageStorage)
	d.SetString(tag.SOPInstanceUID, "UI", "2.25.1")
	var b bytes.Buffer
	if err := dataset.WriteFile(&b, d, ts); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes(), "00080060")
	f.Add(b.Bytes(), "00081115/2/00080060")
	f.Add(b.Bytes(), "Modality")
	f.Fuzz(func(t *testing.T, file []byte, at string) {
		path, ok := pathOf(at)
		if !ok {
			return
		}
		r, n, err := findValue(bytes.NewReader(file), path)
		if err != nil {
			return
		}
		if got, err := io.ReadAll(r); err == nil && int64(len(got)) != n {
			t.Errorf("%d bytes of a value of %d", len(got), n)
		}
	})
}
