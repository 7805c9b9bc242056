package service_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
)

func commandSet(t *testing.T, m dimse.Message, dataSet bool) []byte {
	t.Helper()
	b, err := dimse.Append(nil, m, dataSet)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func pdv(id byte, command, last bool, data string) pdu.PDV {
	return pdu.PDV{ContextID: id, Command: command, Last: last, Data: []byte(data)}
}

func items(v ...pdu.PDV) *pdu.DataTF { return &pdu.DataTF{Items: v} }

// response reads a whole response message.
func response(t *testing.T, p *ultest.Peer) dimse.Message {
	t.Helper()
	var b []byte
	for {
		for _, v := range ultest.Expect[*pdu.DataTF](p).Items {
			if b = append(b, v.Data...); v.Last {
				m, _, err := dimse.Decode(b)
				if err != nil {
					t.Fatal(err)
				}
				return m
			}
		}
	}
}

func storeRQ(id uint16) *dimse.CStoreRQ {
	return &dimse.CStoreRQ{AffectedSOPClassUID: ctImage, MessageID: id, AffectedSOPInstanceUID: "1.2.3"}
}

// scripted is a peer associated for CT (1), Verification (3) and a refused
// context (5).
func scripted(t *testing.T, cfg service.SCPConfig) *ultest.Peer {
	t.Helper()
	l := ultest.Listen()
	serve(t, l, cfg)
	p := ultest.Connect(t, l, "10.0.0.1:1")
	p.Associate(ultest.Request([]string{ctImage, uid.ExplicitVRLittleEndian}, []string{uid.Verification, uid.ImplicitVRLittleEndian}, []string{"1.2.3", uid.ImplicitVRLittleEndian}))
	return p
}

// A message may be cut anywhere: these are all the same message.
func TestFragmentation(t *testing.T) {
	cmd := string(commandSet(t, storeRQ(1), true))
	byByte := func() (out []pdu.PDU) {
		for i := range cmd {
			out = append(out, items(pdv(1, true, i == len(cmd)-1, cmd[i:i+1])))
		}
		for i, c := range "data set" {
			out = append(out, items(pdv(1, false, i == 7, string(c))))
		}
		return out
	}
	for name, pdus := range map[string][]pdu.PDU{
		"one PDU":             {items(pdv(1, true, true, cmd), pdv(1, false, true, "data set"))},
		"two PDUs":            {items(pdv(1, true, true, cmd)), items(pdv(1, false, true, "data set"))},
		"command in three":    {items(pdv(1, true, false, cmd[:5])), items(pdv(1, true, false, cmd[5:9]), pdv(1, true, true, cmd[9:])), items(pdv(1, false, true, "data set"))},
		"byte by byte":        byByte(),
		"empty fragments":     {items(pdv(1, true, false, ""), pdv(1, true, false, cmd), pdv(1, true, true, "")), items(pdv(1, false, false, ""), pdv(1, false, false, "data set")), items(pdv(1, false, true, ""))},
		"mixed in one PDU":    {items(pdv(1, true, true, cmd), pdv(1, false, false, "data")), items(pdv(1, false, true, " set"))},
		"empty last fragment": {items(pdv(1, true, true, cmd)), items(pdv(1, false, false, "data set")), items(pdv(1, false, true, ""))},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				var k archive
				p := scripted(t, service.SCPConfig{Store: k.store})
				p.Send(pdus...)
				if rsp, ok := response(t, p).(*dimse.CStoreRSP); !ok || rsp.Status != dimse.Success {
					t.Errorf("%+v", rsp)
				}
				if string(k.got["1.2.3"]) != "data set" {
					t.Errorf("%q", k.got["1.2.3"])
				}
				p.Release()
			})
		})
	}
}

// Sequences that are no message end in A-ABORT, and nothing is kept.
func TestBrokenSequences(t *testing.T) {
	cmd := string(commandSet(t, storeRQ(1), true))
	echo := string(commandSet(t, &dimse.CEchoRSP{MessageIDBeingRespondedTo: 1}, false))
	flood := func(command bool) []pdu.PDV {
		v := make([]pdu.PDV, 100)
		for i := range v {
			v[i] = pdv(1, command, false, "")
		}
		return v
	}
	big := string(make([]byte, 60000))
	for name, pdus := range map[string][]pdu.PDU{
		"data set first":              {items(pdv(1, false, true, "data"))},
		"command inside a data set":   {items(pdv(1, true, true, cmd)), items(pdv(1, false, false, "data")), items(pdv(1, true, true, cmd))},
		"data set on another context": {items(pdv(1, true, true, cmd)), items(pdv(3, false, true, "data"))},
		"command on two contexts":     {items(pdv(1, true, false, cmd[:9])), items(pdv(3, true, true, cmd[9:]))},
		"refused context":             {items(pdv(5, true, true, cmd))},
		"endless command":             {items(pdv(1, true, false, big)), items(pdv(1, true, false, big))},
		"command of nonsense":         {items(pdv(1, true, true, "\xFF\xFE\xFD\xFC\xFB\xFA\xF9\xF8"))},
		"command of nothing":          {items(pdv(1, true, true, ""))},
		"empty command fragments":     {items(flood(true)...)},
		"empty data fragments":        {items(pdv(1, true, true, cmd)), items(flood(false)...)},
		"response out of the blue":    {items(pdv(3, true, true, echo))},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				var k archive
				p := scripted(t, service.SCPConfig{Store: k.store})
				go func() {
					for _, u := range pdus {
						if _, err := p.Write(ultest.Bytes(t, u)); err != nil {
							return
						}
					}
				}()
				ultest.Expect[*pdu.Abort](p)
				_ = p.Close()
				synctest.Wait()
				if len(k.got) != 0 {
					t.Error("kept")
				}
			})
		})
	}
}

// A data set that does not come to an end is cut off, and counted.
func TestEndlessDataSet(t *testing.T) {
	in(t, func(t *testing.T) {
		var k archive
		l := ultest.Listen()
		cfg := service.SCPConfig{Store: k.store}
		cfg.Acceptor.MaxMessageBytes = 100_000
		s := serve(t, l, cfg)
		p := ultest.Connect(t, l, "10.0.0.1:1")
		p.Associate(ultest.Request([]string{ctImage, uid.ExplicitVRLittleEndian}))
		p.Send(items(pdv(1, true, true, string(commandSet(t, storeRQ(1), true)))))
		go func() {
			for range 3 {
				if _, err := p.Write(ultest.Bytes(t, items(pdv(1, false, false, string(make([]byte, 40_000)))))); err != nil {
					return
				}
			}
		}()
		ultest.Expect[*pdu.Abort](p)
		_ = p.Close()
		synctest.Wait()
		if len(k.got) != 0 || s.Stats().TooLarge.Load() != 1 {
			t.Error("kept, or not counted:", len(k.got), s.Stats().TooLarge.Load())
		}
	})
}

// A data set that does not arrive whole is an error to the handler, never
// io.EOF: it must not be taken for the end.
func TestCutDataSet(t *testing.T) {
	for name, end := range map[string]func(p *ultest.Peer){
		"abort":   func(p *ultest.Peer) { p.Send(&pdu.Abort{}) },
		"release": func(p *ultest.Peer) { p.Send(&pdu.ReleaseRQ{}) },
		"close":   func(p *ultest.Peer) { _ = p.Close() },
		"close inside a PDU": func(p *ultest.Peer) {
			p.SendRaw([]byte{4, 0, 0, 0, 1, 0, 0, 0, 0, 0xFC, 1, 2, 'x'})
			_ = p.Close()
		},
		"silence": func(*ultest.Peer) {},
	} {
		for how, read := range map[string]func(io.Reader) error{
			"Read":    func(r io.Reader) error { _, err := io.ReadAll(r); return err },
			"WriteTo": func(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err },
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				in(t, func(t *testing.T) {
					errs := make(chan error, 1)
					p := scripted(t, service.SCPConfig{Store: func(_ context.Context, r service.StoreRequest) dimse.Status {
						errs <- read(r.Data)
						return dimse.CannotUnderstand
					}})
					p.Send(items(pdv(1, true, true, string(commandSet(t, storeRQ(1), true)))), items(pdv(1, false, false, "half")))
					end(p)
					drained := make(chan struct{})
					go func() { defer close(drained); _, _ = io.Copy(io.Discard, p) }()
					if err := <-errs; err == nil || errors.Is(err, io.EOF) {
						t.Errorf("the handler saw %v", err)
					}
					time.Sleep(time.Minute) // virtual time
					_ = p.Close()
					<-drained
				})
			})
		}
	}
}

func TestRefusedRequests(t *testing.T) {
	in(t, func(t *testing.T) {
		var k archive
		p := scripted(t, service.SCPConfig{Store: k.store})
		send := func(id byte, m dimse.Message, data bool) dimse.Message {
			t.Helper()
			v := []pdu.PDV{pdv(id, true, true, string(commandSet(t, m, data)))}
			if data {
				v = append(v, pdv(id, false, false, "some"), pdv(id, false, true, "thing"))
			}
			p.Send(items(v...))
			return response(t, p)
		}
		if m := send(3, storeRQ(1), true).(*dimse.CStoreRSP); m.Status != dimse.SOPClassNotSupported {
			t.Errorf("C-STORE on Verification: %v", m.Status)
		}
		if m := send(1, storeRQ(2), false).(*dimse.CStoreRSP); m.Status != dimse.CannotUnderstand {
			t.Errorf("C-STORE of nothing: %v", m.Status)
		}
		if m := send(1, &dimse.CFindRQ{AffectedSOPClassUID: ctImage, MessageID: 3}, true).(*dimse.CFindRSP); m.Status != dimse.UnrecognizedOperation || m.MessageIDBeingRespondedTo != 3 {
			t.Errorf("C-FIND: %+v", m)
		}
		if m := send(1, &dimse.UnknownRQ{CommandField: 0x0444, MessageID: 4}, true).(*dimse.UnknownRSP); m.Status != dimse.UnrecognizedOperation {
			t.Errorf("unknown: %+v", m)
		}
		p.Send(items(pdv(1, true, true, string(commandSet(t, &dimse.CCancelRQ{MessageIDBeingRespondedTo: 3}, false)))))
		if m := send(3, &dimse.CEchoRQ{AffectedSOPClassUID: uid.Verification, MessageID: 5}, false).(*dimse.CEchoRSP); m.Status != dimse.Success {
			t.Errorf("C-ECHO: %+v", m)
		}
		p.Release()
		if len(k.got) != 0 {
			t.Error("kept")
		}
	})
}
