package service_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
)

// 200 silent connections, 50 that stop inside their request and 60 idle
// associations: somebody else's C-ECHO is answered at once, and an association
// storm around it too.
func TestSiege(t *testing.T) {
	t.Parallel()
	l := listen(t)
	s := serve(t, l, service.SCPConfig{Store: func(_ context.Context, r service.StoreRequest) dimse.Status {
		_, _ = io.Copy(io.Discard, r.Data)
		return dimse.Success
	}})
	connect := func() *ultest.Peer {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return ultest.New(t, c)
	}
	request := ultest.Request([]string{ctImage, uid.ExplicitVRLittleEndian})
	var peers []*ultest.Peer
	for range 200 {
		peers = append(peers, connect())
	}
	for i := range 50 {
		p := connect()
		p.SendRaw(ultest.Bytes(t, request)[:1+i])
		peers = append(peers, p)
	}
	for range 60 {
		p := connect()
		p.Associate(request)
		peers = append(peers, p)
	}
	begin := time.Now()
	for range 20 { // and a small storm
		c := call(t, l.Addr().String())
		if st, err := c.Echo(t.Context()); err != nil || st != dimse.Success {
			t.Fatal(st, err)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if d := time.Since(begin); d > 25*time.Second { // before ARTIM has ended the siege
		t.Errorf("20 echoes took %v", d)
	} else {
		t.Logf("20 associations with an echo each under siege: %v", d)
	}
	if n := s.Stats().Associations.Load(); n < 60 {
		t.Errorf("%d associations", n)
	}
	for _, p := range peers {
		_ = p.Close()
	}
}
