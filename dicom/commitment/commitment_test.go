package commitment_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

func items(n int) (list []commitment.Item) {
	for i := range n {
		list = append(list, commitment.Item{SOPClassUID: "1.2.840.10008.5.1.4.1.1.2", SOPInstanceUID: fmt.Sprintf("1.2.%d", i)})
	}
	return list
}

func TestRequest(t *testing.T) {
	t.Parallel()
	q := commitment.Request{TransactionUID: uid.New(), Items: items(3)}
	back, err := commitment.ReadRequest(q.Dataset())
	if err != nil || back.TransactionUID != q.TransactionUID || !slices.Equal(back.Items, q.Items) {
		t.Error(back, err)
	}
	twice := q
	twice.Items = append(items(3), items(2)...)
	if back, err := commitment.ReadRequest(twice.Dataset()); err != nil || len(back.Items) != 3 {
		t.Error("named twice:", len(back.Items), err)
	}
	for want, q := range map[error]commitment.Request{
		commitment.ErrTransaction: {TransactionUID: "one", Items: items(1)},
		commitment.ErrTooMany:     {TransactionUID: "1.2", Items: items(commitment.MaxItems + 1)},
		commitment.ErrItems:       {TransactionUID: "1.2"},
	} {
		if _, err := commitment.ReadRequest(q.Dataset()); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	climbing := commitment.Request{TransactionUID: "1.2", Items: []commitment.Item{{SOPClassUID: "1.2", SOPInstanceUID: "../../etc"}}}
	if _, err := commitment.ReadRequest(climbing.Dataset()); !errors.Is(err, commitment.ErrItems) {
		t.Error(err)
	}
}

func TestResult(t *testing.T) {
	t.Parallel()
	r := commitment.Result{TransactionUID: uid.New(), Items: items(3)}
	if r.Event() != commitment.EventSuccessful || r.Dataset("DOKUEI").Has(tag.FailedSOPSequence) {
		t.Error("all is committed")
	}
	r.Items[2].Reason = commitment.NoSuchObject
	d := r.Dataset("DOKUEI")
	back, err := commitment.ReadResult(d)
	if err != nil || !slices.Equal(back.Items, r.Items) || back.Event() != commitment.EventFailures || d.String(tag.RetrieveAETitle) != "DOKUEI" {
		t.Error(back, err)
	}
	for i := range r.Items {
		r.Items[i].Reason = commitment.ProcessingFailure
	}
	if r.Dataset("").Has(tag.ReferencedSOPSequence) {
		t.Error("nothing is committed")
	}
}

// FuzzReadRequest: whatever the bytes, a request that is accepted is bounded,
// made of UIDs and can be said again.
func FuzzReadRequest(f *testing.F) {
	ts := stream.SyntaxFor(uid.ExplicitVRLittleEndian)
	for _, q := range []commitment.Request{{TransactionUID: "1.2", Items: items(2)}, {TransactionUID: "1.2"}} {
		var b bytes.Buffer
		if err := q.Dataset().Encode(&b, ts); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := dataset.Read(bytes.NewReader(b), ts, stream.Limits{MaxElements: 1000, MaxHeaderBytes: 1 << 16})
		if err != nil {
			return
		}
		q, err := commitment.ReadRequest(d)
		if err != nil {
			return
		}
		if len(q.Items) == 0 || len(q.Items) > commitment.MaxItems {
			t.Error(len(q.Items))
		}
		back, err := commitment.ReadRequest(q.Dataset())
		if err != nil || !slices.Equal(back.Items, q.Items) {
			t.Errorf("%+v read back as %+v, %v", q, back, err)
		}
	})
}
