package service_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
)

// An object goes as it is where it is accepted, else rewritten; one of an odd
// number of bytes, which the field has and PS3.8 does not allow, is put right.
func TestSend(t *testing.T) {
	in(t, func(t *testing.T) {
		const (
			even = "\x10\x00\x10\x00PN\x04\x00abcd\x10\x00\x20\x00LO\x02\x00P1"
			odd  = "\x10\x00\x10\x00PN\x03\x00abc\x10\x00\x20\x00LO\x02\x00P1"
		)
		l := ultest.Listen()
		var k archive
		serve(t, l, service.SCPConfig{Store: k.store})
		for i, c := range []struct {
			kept, data string
			accepted   []string
			sent       string
			want       error
		}{
			{uid.ExplicitVRLittleEndian, even, []string{uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian}, uid.ExplicitVRLittleEndian, nil},
			{uid.ExplicitVRLittleEndian, even, []string{uid.ImplicitVRLittleEndian}, uid.ImplicitVRLittleEndian, nil},
			{uid.ExplicitVRLittleEndian, odd, []string{uid.ExplicitVRLittleEndian}, uid.ExplicitVRLittleEndian, nil},
			{uid.ExplicitVRLittleEndian, odd, []string{uid.ImplicitVRLittleEndian}, uid.ImplicitVRLittleEndian, nil},
			{uid.ExplicitVRLittleEndian, even, []string{uid.JPEGBaseline8Bit}, "", new(service.NoContextError)},
			{uid.JPEGBaseline8Bit, even, []string{uid.JPEGBaseline8Bit}, uid.JPEGBaseline8Bit, nil},
			{uid.JPEGBaseline8Bit, odd, []string{uid.JPEGBaseline8Bit}, "", service.ErrOdd},
			{uid.MPEG2MainProfileMainLevel, even, []string{uid.ExplicitVRLittleEndian}, "", new(service.NoContextError)},
		} {
			var contexts []service.Context
			for _, ts := range c.accepted {
				contexts = append(contexts, service.Context{ctImage, []string{ts}})
			}
			client := dial(t, l, contexts...)
			instance := fmt.Sprintf("1.2.%d", i)
			status, err := client.Send(t.Context(), service.StoreObject{
				SOPClassUID: ctImage, SOPInstanceUID: instance, TransferSyntaxUID: c.kept,
				Data: io.NewSectionReader(strings.NewReader(c.data), 0, int64(len(c.data))),
			})
			var none *service.NoContextError
			switch {
			case c.want == nil && (err != nil || status != dimse.Success),
				c.want != nil && !errors.Is(err, c.want) && !(errors.As(c.want, &none) && errors.As(err, &none)):
				t.Errorf("%d: %v, %v", i, status, err)
			case c.want == nil:
				ts, _ := uid.LookupTransferSyntax(c.sent)
				d, err := dataset.Read(bytes.NewReader(k.got[instance]), ts, limits)
				if err != nil || k.syntax[instance] != c.sent || len(k.got[instance])%2 != 0 || d.String(tag.PatientID) != "P1" || !strings.HasPrefix(d.String(tag.PatientName), "abc") {
					t.Errorf("%d: %q in %s, %v", i, k.got[instance], k.syntax[instance], err)
				}
			}
			if err := client.Close(t.Context()); err != nil {
				t.Errorf("%d: the association did not survive: %v", i, err)
			}
		}
	})
}

// A destination that falls over some instances gets the others; one that takes
// none is given up.
func TestMoveToUnsteadyDestination(t *testing.T) {
	in(t, func(t *testing.T) {
		l, sink := ultest.Listen(), ultest.Listen()
		var got archive
		tried, steady := 0, true
		serve(t, sink, service.SCPConfig{Store: func(ctx context.Context, r service.StoreRequest) dimse.Status {
			tried++
			if !steady || tried%2 == 0 {
				_ = r.Association.Abort(errors.New("fallen over"))
				return dimse.CannotUnderstand
			}
			return got.store(ctx, r)
		}})
		s := &shelf{}
		for i := range 20 {
			s.add(t, ctImage, fmt.Sprintf("1.2.%d", i+1), uid.ExplicitVRLittleEndian)
		}
		serve(t, l, service.SCPConfig{Retrieve: s, Destinations: func(context.Context, service.Query, string) (service.Destination, bool, error) {
			return service.Destination{AETitle: "DOKUEI", Address: "10.0.0.1:1", Dialer: sink}, true, nil
		}})
		k := ask(t, l, nil, service.Context{uid.StudyRootMove, implicit})
		study := identifier("STUDY", tag.StudyInstanceUID, "1.2")
		rsp, _ := k.move(1, "SINK", study)
		if last := rsp[len(rsp)-1]; told(last.SubOperations) != "- 10 10 0" || tried != 20 {
			t.Error(told(last.SubOperations), tried)
		}
		tried, steady = 0, false
		rsp, _ = k.move(2, "SINK", study)
		if last := rsp[len(rsp)-1]; told(last.SubOperations) != "- 0 20 0" || last.ErrorComment != "destination cannot be reached" || tried > 5 {
			t.Error(told(last.SubOperations), last.ErrorComment, tried)
		}
		k.release()
	})
}
