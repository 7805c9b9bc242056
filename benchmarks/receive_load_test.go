package benchmarks

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/phantom"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
)

const calledAE = "ANY-SCP"

// slice is an encoded image whose UIDs can be exchanged in place.
type slice struct {
	data                    []byte
	instance                string
	atInstance, atSeries    int
	atStudy                 int
	seriesLength, studySize int
}

// headCT is a generated head, encoded once.
func headCT(b *testing.B) []slice {
	b.Helper()
	list, err := encodedHead()
	if err != nil {
		b.Fatal(err)
	}
	return list
}

var encodedHead = sync.OnceValues(func() ([]slice, error) {
	study := phantom.HeadCT(phantom.Order{PatientID: "BENCH", PatientName: "Bench^Mark", StudyTime: time.Unix(1e9, 0), Seed: 7})
	var out []slice
	for _, in := range study.Instances[:60] {
		var w bytes.Buffer
		if _, err := in.WriteTo(&w); err != nil {
			return nil, err
		}
		s := slice{
			data: w.Bytes(), instance: in.SOPInstanceUID,
			seriesLength: len(in.SeriesInstanceUID), studySize: len(study.StudyInstanceUID),
		}
		s.atInstance = bytes.Index(s.data, []byte(in.SOPInstanceUID))
		s.atSeries = bytes.Index(s.data, []byte(in.SeriesInstanceUID))
		s.atStudy = bytes.Index(s.data, []byte(study.StudyInstanceUID))
		if s.atInstance < 0 || s.atSeries < 0 || s.atStudy < 0 {
			return nil, fmt.Errorf("UIDs of the generated image not found")
		}
		out = append(out, s)
	}
	return out, nil
})

// sender is one association with one C-STORE outstanding.
type sender struct {
	client *service.Client
	slices []slice
	data   []byte
}

func dial(b *testing.B, addr string, slices []slice) *sender {
	b.Helper()
	c, err := service.Dial(b.Context(), addr, service.DialOptions{
		CallingAE: "BENCH", CalledAE: calledAE,
		Contexts: []service.Context{{AbstractSyntax: uid.CTImageStorage, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian}}},
	})
	if err != nil {
		b.Fatal(err)
	}
	return &sender{client: c, slices: slices}
}

// studyImages is the length of a study: the images of one go to one patient, study
// and series.
const studyImages = 75

// send sends image number n, which is nobody else's, and waits for the response.
func (s *sender) send(ctx context.Context, n int) error {
	t := s.slices[n%len(s.slices)]
	s.data = append(s.data[:0], t.data...)
	number(s.data[t.atStudy:t.atStudy+t.studySize], n/studyImages)
	number(s.data[t.atSeries:t.atSeries+t.seriesLength], n/studyImages)
	own := s.data[t.atInstance : t.atInstance+len(t.instance)]
	number(own, n)
	status, err := s.client.Store(ctx, service.StoreObject{
		SOPClassUID: uid.CTImageStorage, SOPInstanceUID: string(own), TransferSyntaxUID: uid.ExplicitVRLittleEndian,
		Data: bytes.NewReader(s.data),
	})
	if err == nil && status != dimse.Success {
		err = fmt.Errorf("image %d: status %v", n, status)
	}
	return err
}

// number makes the last digits of a UID those of n.
func number(uid []byte, n int) {
	const digits = 9
	copy(uid[len(uid)-digits:], fmt.Sprintf("%0*d", digits, n))
}
