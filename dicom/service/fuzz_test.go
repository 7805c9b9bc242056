package service_test

import (
	"context"
	"io"
	"testing"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
)

// FuzzAssociation sends anything at all down an established association: the
// server neither panics nor keeps the connection, and nothing that did not
// arrive whole counts as stored.
func FuzzAssociation(f *testing.F) {
	cmd, err := dimse.Append(nil, &dimse.CStoreRQ{AffectedSOPClassUID: ctImage, MessageID: 1, AffectedSOPInstanceUID: "1.2.3"}, true)
	if err != nil {
		f.Fatal(err)
	}
	echo, err := dimse.Append(nil, &dimse.CEchoRQ{AffectedSOPClassUID: uid.Verification, MessageID: 1}, false)
	if err != nil {
		f.Fatal(err)
	}
	whole := append(ultest.Bytes(f, items(pdv(1, true, true, string(cmd)))), ultest.Bytes(f, items(pdv(1, false, true, "data")))...)
	f.Add(whole)
	f.Add(append(whole, ultest.Bytes(f, &pdu.ReleaseRQ{})...))
	f.Add(ultest.Bytes(f, items(pdv(3, true, true, string(echo)))))
	f.Add(ultest.Bytes(f, &pdu.Abort{}))
	f.Add([]byte{4, 0, 0, 0, 0, 6, 0, 0, 0, 2, 1, 0})

	l := ultest.Listen()
	stored := make(chan int, 64)
	s := serve(f, l, service.SCPConfig{Store: func(_ context.Context, r service.StoreRequest) dimse.Status {
		b, err := io.ReadAll(r.Data)
		if err != nil {
			return dimse.CannotUnderstand
		}
		select {
		case stored <- len(b):
		default:
		}
		return dimse.Success
	}})
	f.Fuzz(func(t *testing.T, src []byte) {
		p := ultest.Connect(t, l, "10.0.0.1:1")
		p.Associate(ultest.Request([]string{ctImage, uid.ExplicitVRLittleEndian}, []string{uid.Verification, uid.ImplicitVRLittleEndian}))
		answered := make(chan struct{})
		go func() { defer close(answered); _, _ = io.Copy(io.Discard, p) }()
		_, _ = p.Write(src) // the server may have had enough in the middle
		_ = p.Close()
		<-answered
		for len(stored) > 0 {
			if n := <-stored; n > len(src) {
				t.Fatalf("%d bytes stored of %d sent", n, len(src))
			}
		}
		if n := s.Stats().Panics.Load(); n != 0 {
			t.Fatalf("%d panics", n)
		}
	})
}
