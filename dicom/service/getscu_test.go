package service_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
)

// getting opens an association for a C-GET with roles.
func getting(t *testing.T, l *ultest.Listener, contexts []service.Context, roles []pdu.RoleSelection) *service.Client {
	t.Helper()
	c, err := service.Dial(t.Context(), "10.0.0.1:1", service.DialOptions{CallingAE: "SENDER", CalledAE: "DOKUEI", Contexts: contexts, Roles: roles, Dialer: l})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What is asked for comes on the association that asked: all of it, what we refuse,
// and what had come when the question was taken back.
func TestGetSCU(t *testing.T) {
	in(t, func(t *testing.T) {
		l := ultest.Listen()
		s := &shelf{}
		for i := range 5 {
			s.add(t, ctImage, fmt.Sprintf("1.2.%d", i+1), uid.ExplicitVRLittleEndian)
		}
		s.add(t, mrImage, "1.2.6", uid.ImplicitVRLittleEndian)
		s.opened = func(context.Context, int) { synctest.Wait(); time.Sleep(time.Second) } // virtual time
		serve(t, l, service.SCPConfig{Retrieve: s})
		contexts, roles := service.GetContexts(uid.StudyRootGet)
		c := getting(t, l, contexts, roles)
		study := identifier("STUDY", tag.StudyInstanceUID, "1.2")

		var got archive
		told := 0
		m, err := c.Get(t.Context(), uid.StudyRootGet, study, got.store, func(service.Moved) bool { told++; return true })
		if err != nil || m.Status != dimse.Success || m.Kept() != 6 || m.Failed != 0 || len(got.got) != 6 || told != 11 || len(got.broken) > 0 {
			t.Errorf("%+v, %d kept, told %d times: %v %v", m, len(got.got), told, got.broken, err)
		}
		if string(got.got["1.2.3"]) != string(s.data["1.2.3"]) {
			t.Error("an image is not what it was")
		}
		m, err = c.Get(t.Context(), uid.StudyRootGet, study, func(ctx context.Context, r service.StoreRequest) dimse.Status {
			if r.SOPInstanceUID == "1.2.2" {
				return dimse.OutOfResources // its data set unread
			}
			return got.store(ctx, r)
		}, nil)
		if err != nil || m.Status != dimse.SubOperationsWarning || m.Kept() != 5 || m.Failed != 1 || len(m.NotSent) != 1 || m.NotSent[0] != "1.2.2" {
			t.Errorf("with one refused: %+v %v", m, err)
		}
		m, err = c.Get(t.Context(), uid.StudyRootGet, study, got.store, func(m service.Moved) bool { return m.Kept() < 2 })
		if err != nil || m.Status != dimse.Cancel || m.Remaining == 0 || m.Kept()+m.Failed+m.Remaining != 6 {
			t.Errorf("canceled: %+v %v", m, err)
		}
		var none *service.NoContextError
		if _, err = c.Get(t.Context(), uid.PatientRootGet, study, got.store, nil); !errors.As(err, &none) {
			t.Errorf("a class that was not proposed: %v", err)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// GetContexts fits into an association and asks for classes that there are.
func TestGetContexts(t *testing.T) {
	t.Parallel()
	contexts, roles := service.GetContexts(uid.StudyRootGet)
	if len(contexts) > 126 || contexts[0].AbstractSyntax != uid.StudyRootGet { // two are left for who asks as well
		t.Errorf("%d contexts", len(contexts))
	}
	seen := map[string]bool{}
	for _, r := range roles {
		if !uid.IsStorage(r.SOPClassUID) || seen[r.SOPClassUID] || !r.SCP || r.SCU {
			t.Errorf("role %+v", r)
		}
		seen[r.SOPClassUID] = true
	}
	native, compressed := map[string]bool{}, map[string]int{}
	for _, c := range contexts[1:] {
		if slices.Contains(c.TransferSyntaxes, uid.ExplicitVRLittleEndian) {
			native[c.AbstractSyntax] = true
		} else {
			compressed[c.AbstractSyntax]++
		}
	}
	if !maps.Equal(native, seen) {
		t.Errorf("%d classes uncompressed, roles for %d", len(native), len(seen))
	}
	if compressed[uid.CTImageStorage] != 2 || compressed[uid.KeyObjectSelectionStorage] != 0 {
		t.Errorf("%d compressed contexts for CT, %d for key objects", compressed[uid.CTImageStorage], compressed[uid.KeyObjectSelectionStorage])
	}
}

// DCMTK's archive hands out what it has on the association that asks.
func TestGetSCUFromDCMTK(t *testing.T) {
	t.Parallel()
	addr := qrscp(t, 1)
	objects := ownObjects(t, 3)
	_, port, _ := net.SplitHostPort(addr)
	if out, err := exec.CommandContext(t.Context(), "storescu", append([]string{"-xi", "-aec", "PACS", "127.0.0.1", port}, objects...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	contexts, roles := service.GetContexts(uid.StudyRootGet)
	contexts = append(contexts, service.Context{AbstractSyntax: uid.StudyRootFind, TransferSyntaxes: implicit})
	c, err := service.Dial(t.Context(), addr, service.DialOptions{CallingAE: "DOKUEI", CalledAE: "PACS", Contexts: contexts, Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	var studies []string
	if s, err := c.Find(t.Context(), uid.StudyRootFind, identifier("STUDY", tag.StudyInstanceUID, ""), func(d *dataset.Dataset) error {
		studies = append(studies, d.String(tag.StudyInstanceUID))
		return nil
	}); err != nil || s != dimse.Success || len(studies) == 0 {
		t.Fatal(s, studies, err)
	}
	var got archive
	kept := 0
	for _, one := range studies {
		m, err := c.Get(t.Context(), uid.StudyRootGet, identifier("STUDY", tag.StudyInstanceUID, one), got.store, nil)
		if err != nil || m.Status != dimse.Success || m.Failed != 0 {
			t.Fatalf("%+v %v", m, err)
		}
		kept += m.Kept()
	}
	if kept != 3 || len(got.got) != 3 || len(got.broken) > 0 {
		t.Errorf("%d sent, %d kept: %v", kept, len(got.got), got.broken)
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// Who has enough takes the question back, and goes on with the association.
func TestFindSCUEnough(t *testing.T) {
	in(t, func(t *testing.T) {
		l := ultest.Listen()
		sent := 0
		serve(t, l, service.SCPConfig{Find: &finder{f: func(ctx context.Context, _ service.Query, match func(*dataset.Dataset) error) error {
			for range 1000 {
				synctest.Wait() // what was said to us is heard
				d := dataset.New()
				d.SetString(tag.StudyInstanceUID, "UI", "1.2.3")
				if err := match(d); err != nil {
					return err
				}
				sent++
			}
			return nil
		}}})
		c := dial(t, l, service.Context{AbstractSyntax: uid.StudyRootFind, TransferSyntaxes: implicit})
		for range 2 {
			sent = 0
			n := 0
			s, err := c.Find(t.Context(), uid.StudyRootFind, identifier("STUDY", tag.StudyInstanceUID, ""), func(*dataset.Dataset) error {
				if n++; n > 3 {
					return service.ErrEnough
				}
				return nil
			})
			if err != nil || s != dimse.Cancel || n != 4 || sent > 10 {
				t.Errorf("%v after %d matches of %d: %v", s, n, sent, err)
			}
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// A provider that does not listen is left: one that sends matches, or images, without
// end, whatever it is told.
func TestEndlessProvider(t *testing.T) {
	endless := func(t *testing.T) *service.Client {
		t.Helper()
		l := ultest.Listen()
		contexts, roles := service.GetContexts(uid.StudyRootGet)
		contexts = append(contexts, service.Context{AbstractSyntax: uid.StudyRootFind, TransferSyntaxes: implicit})
		accept, err := ul.NewAcceptor(ul.AcceptorConfig{
			Config: ul.Config{AETitle: "DOKUEI"}, Grace: time.Second,
			Negotiate: func(rq *pdu.AssociateRQ) (a ul.Answer) {
				for _, c := range rq.Contexts {
					a.Contexts = append(a.Contexts, pdu.PresentationContextAC{ID: c.ID, TransferSyntax: c.TransferSyntaxes[0]})
				}
				a.Roles = rq.User.RoleSelections
				return a
			},
			Serve: func(_ context.Context, a *ul.Association) error {
				conn := dimse.NewConn(a)
				in, err := conn.Receive()
				if err != nil {
					return err
				}
				heard := make(chan struct{})
				defer func() { <-heard }()
				go func() { // what it is told, it does not heed
					defer close(heard)
					for {
						if _, err := conn.Receive(); err != nil {
							return
						}
					}
				}()
				for n := uint16(1); ; n++ {
					body := strings.NewReader("\x08\x00\x05\x00\x00\x00\x00\x00")
					switch m := in.Message.(type) {
					case *dimse.CFindRQ:
						err = conn.Send(in.Context.ID, m.Response(dimse.Pending, ""), body)
					default:
						err = conn.Send(3, &dimse.CStoreRQ{AffectedSOPClassUID: ctImage, MessageID: n, AffectedSOPInstanceUID: "1.2.3"}, body)
					}
					if err != nil {
						return err
					}
				}
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- accept.Serve(ctx, l) }()
		t.Cleanup(func() { cancel(); <-done })
		return getting(t, l, contexts, roles)
	}
	var protocol *dimse.ProtocolError
	in(t, func(t *testing.T) {
		if _, err := endless(t).Find(t.Context(), uid.StudyRootFind, identifier("STUDY", tag.StudyInstanceUID, ""), func(*dataset.Dataset) error { return service.ErrEnough }); !errors.As(err, &protocol) {
			t.Errorf("C-FIND: %v", err)
		}
		n := 0
		_, err := endless(t).Get(t.Context(), uid.StudyRootGet, identifier("STUDY", tag.StudyInstanceUID, "1.2"), func(context.Context, service.StoreRequest) dimse.Status {
			n++
			return dimse.Success
		}, func(m service.Moved) bool { return m.Kept() < 100 })
		if !errors.As(err, &protocol) || n < 100 {
			t.Errorf("C-GET: %v after %d", err, n)
		}
	})
}

// A peer asks in the role it was given: who is SCP only may not send, and the next
// message on the association works.
func TestRoleHeld(t *testing.T) {
	in(t, func(t *testing.T) {
		l := ultest.Listen()
		var got archive
		s := &shelf{}
		s.add(t, ctImage, "1.2.1", uid.ExplicitVRLittleEndian)
		serve(t, l, service.SCPConfig{Store: got.store, Retrieve: s})
		explicit := []string{uid.ExplicitVRLittleEndian}
		c := getting(t, l, []service.Context{{AbstractSyntax: ctImage, TransferSyntaxes: explicit}, {AbstractSyntax: mrImage, TransferSyntaxes: explicit}},
			[]pdu.RoleSelection{{SOPClassUID: ctImage, SCP: true}, {SOPClassUID: mrImage, SCU: true, SCP: true}})
		for class, want := range map[string]dimse.Status{ctImage: dimse.SOPClassNotSupported, mrImage: dimse.Success} {
			o := service.StoreObject{SOPClassUID: class, SOPInstanceUID: "1.2.9", TransferSyntaxUID: uid.ExplicitVRLittleEndian, Data: bytes.NewReader(s.data["1.2.1"])}
			if s, err := c.Store(t.Context(), o); err != nil || s != want {
				t.Errorf("%s: %v %v, want %v", uid.Name(class), s, err, want)
			}
		}
		if len(got.got) != 1 {
			t.Errorf("%d kept", len(got.got))
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
