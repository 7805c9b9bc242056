package service_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
)

// move asks and reads the responses to a C-MOVE.
func (k *asker) move(id uint16, to string, d *dataset.Dataset) (list []*dimse.CMoveRSP, last *dataset.Dataset) {
	k.t.Helper()
	k.send(&dimse.CMoveRQ{AffectedSOPClassUID: uid.StudyRootMove, MessageID: id, MoveDestination: to}, d)
	for {
		m, d := k.next()
		rsp, ok := m.(*dimse.CMoveRSP)
		if !ok || rsp.MessageIDBeingRespondedTo != id {
			k.t.Fatalf("%+v", m)
		}
		list = append(list, rsp)
		if rsp.Status.Class() != dimse.ClassPending {
			return list, d
		}
	}
}

// told writes the counters of a response: remaining, completed, failed, warning.
func told(c dimse.SubOperations) string {
	s := ""
	for _, n := range []*uint16{c.Remaining, c.Completed, c.Failed, c.Warning} {
		if n == nil {
			s += " -"
		} else {
			s += fmt.Sprintf(" %d", *n)
		}
	}
	return s[1:]
}

const mrImage = "1.2.840.10008.5.1.4.1.1.4"

func TestMove(t *testing.T) {
	in(t, func(t *testing.T) {
		l, sink, dead := ultest.Listen(), ultest.Listen(), ultest.Listen()
		_ = dead.Close()
		var got archive
		var origin []string
		answer := func(service.StoreRequest) dimse.Status { return dimse.Success }
		serve(t, sink, service.SCPConfig{Store: func(ctx context.Context, r service.StoreRequest) dimse.Status {
			origin = append(origin, fmt.Sprint(r.MoveOriginatorAE, r.MoveOriginatorMessageID, r.Association.CallingAE))
			if s := answer(r); s != dimse.Success {
				return s
			}
			return got.store(ctx, r)
		}})
		s := &shelf{}
		for i := range 3 {
			s.add(t, ctImage, fmt.Sprintf("1.2.%d", i+1), uid.ExplicitVRLittleEndian)
		}
		s.add(t, mrImage, "1.2.4", uid.ImplicitVRLittleEndian)
		serve(t, l, service.SCPConfig{Retrieve: s, Destinations: func(_ context.Context, q service.Query, ae string) (service.Destination, bool, error) {
			switch ae {
			case "SINK":
				return service.Destination{AETitle: "DOKUEI", Address: "10.0.0.1:1", Dialer: sink}, true, nil
			case "DEAD":
				return service.Destination{AETitle: "DEAD", Address: "10.0.0.1:1", Dialer: dead}, true, nil
			}
			return service.Destination{}, false, nil
		}})
		k := ask(t, l, nil, service.Context{uid.StudyRootMove, implicit})
		study := identifier("STUDY", tag.StudyInstanceUID, "1.2")

		rsp, failed := k.move(11, "SINK", study)
		want := []string{"3 1 0 0", "2 2 0 0", "1 3 0 0", "- 4 0 0"}
		for i, r := range rsp {
			if told(r.SubOperations) != want[i] || (r.Status == dimse.Pending) != (i < 3) {
				t.Errorf("response %d: %v %s", i, r.Status, told(r.SubOperations))
			}
		}
		if len(rsp) != 4 || rsp[3].Status != dimse.Success || failed != nil || len(got.got) != 4 || origin[0] != "ASKER11DOKUEI" {
			t.Error(len(rsp), rsp[len(rsp)-1].Status, failed, len(got.got), origin)
		}
		if got.syntax["1.2.1"] != uid.ExplicitVRLittleEndian || !bytes.Equal(got.got["1.2.1"], s.data["1.2.1"]) {
			t.Error("not as it was kept")
		}

		answer = func(r service.StoreRequest) dimse.Status {
			return map[string]dimse.Status{"1.2.1": dimse.OutOfResources, "1.2.2": dimse.SubOperationsWarning}[r.SOPInstanceUID]
		}
		delete(s.data, "1.2.3")
		rsp, failed = k.move(12, "SINK", study)
		if last := rsp[len(rsp)-1]; last.Status != dimse.SubOperationsWarning || told(last.SubOperations) != "- 1 2 1" || !slices.Equal(failed.Strings(tag.FailedSOPInstanceUIDList), []string{"1.2.1", "1.2.3"}) {
			t.Error(last.Status, told(last.SubOperations), failed)
		}
		rsp, failed = k.move(13, "DEAD", study)
		if last := rsp[len(rsp)-1]; last.Status != dimse.OutOfResourcesSubOps || told(last.SubOperations) != "- 0 4 0" || len(failed.Strings(tag.FailedSOPInstanceUIDList)) != 4 {
			t.Error(last.Status, told(last.SubOperations))
		}
		for _, c := range []struct {
			to   string
			d    *dataset.Dataset
			want dimse.Status
		}{
			{"NOWHERE", study, dimse.MoveDestinationUnknown},
			{"SINK", identifier("STUDY"), dimse.DataSetMismatchesSOPClass},
			{"SINK", identifier("STUDY", tag.StudyInstanceUID, "1.2*"), dimse.DataSetMismatchesSOPClass},
			{"SINK", identifier("STUDY", tag.StudyInstanceUID, `1.2\`), dimse.DataSetMismatchesSOPClass},
			{"SINK", identifier("PATIENT", tag.PatientID, "1"), dimse.DataSetMismatchesSOPClass},
			{"SINK", identifier("IMAGE", tag.StudyInstanceUID, "1.2"), dimse.DataSetMismatchesSOPClass},
		} {
			if rsp, _ := k.move(14, c.to, c.d); len(rsp) != 1 || rsp[0].Status != c.want {
				t.Errorf("%s %v: %v, want %v", c.to, c.d, rsp[0].Status, c.want)
			}
		}
		s.list = make([]service.Selected, service.MaxSubOperations+1)
		if rsp, _ := k.move(15, "SINK", study); rsp[0].Status != dimse.OutOfResourcesMatches {
			t.Error(rsp[0].Status)
		}
		s.list = nil
		if rsp, _ := k.move(16, "SINK", study); len(rsp) != 1 || rsp[0].Status != dimse.Success || told(rsp[0].SubOperations) != "- 0 0 0" {
			t.Error(rsp[0].Status, told(rsp[0].SubOperations))
		}
		k.release()
	})
}

// A C-CANCEL ends a C-MOVE after the instance that is on its way.
func TestMoveCanceled(t *testing.T) {
	in(t, func(t *testing.T) {
		l, sink := ultest.Listen(), ultest.Listen()
		var got archive
		serve(t, sink, service.SCPConfig{Store: got.store})
		s := &shelf{}
		for i := range 10 {
			s.add(t, ctImage, fmt.Sprintf("1.2.%d", i+1), uid.ExplicitVRLittleEndian)
		}
		third := make(chan struct{})
		s.opened = func(_ context.Context, n int) {
			if n == 3 {
				close(third)
				synctest.Wait()         // for the C-CANCEL to be read
				time.Sleep(time.Second) // virtual time
			}
		}
		serve(t, l, service.SCPConfig{Retrieve: s, Destinations: func(context.Context, service.Query, string) (service.Destination, bool, error) {
			return service.Destination{AETitle: "DOKUEI", Address: "10.0.0.1:1", Dialer: sink}, true, nil
		}})
		k := ask(t, l, nil, service.Context{uid.StudyRootMove, implicit})
		go func() {
			<-third
			k.cancel(11)
		}()
		rsp, _ := k.move(11, "SINK", identifier("STUDY", tag.StudyInstanceUID, "1.2"))
		last := rsp[len(rsp)-1]
		if last.Status != dimse.Cancel || told(last.SubOperations) != "7 3 0 0" || len(got.got) != 3 {
			t.Error(last.Status, told(last.SubOperations), len(got.got))
		}
		k.release()
	})
}

// A peer that leaves in the middle of a C-MOVE ends it, and the association to
// the destination with it.
func TestMoveAbandoned(t *testing.T) {
	in(t, func(t *testing.T) {
		l, sink := ultest.Listen(), ultest.Listen()
		there := make(chan struct{})
		to := serve(t, sink, service.SCPConfig{Store: func(ctx context.Context, _ service.StoreRequest) dimse.Status {
			close(there)
			time.Sleep(10 * time.Second) // virtual time
			return dimse.Success
		}})
		s := &shelf{}
		for i := range 10 {
			s.add(t, ctImage, fmt.Sprintf("1.2.%d", i+1), uid.ExplicitVRLittleEndian)
		}
		from := serve(t, l, service.SCPConfig{Retrieve: s, Destinations: func(context.Context, service.Query, string) (service.Destination, bool, error) {
			return service.Destination{AETitle: "DOKUEI", Address: "10.0.0.1:1", Dialer: sink}, true, nil
		}})
		k := ask(t, l, nil, service.Context{uid.StudyRootMove, implicit})
		k.send(&dimse.CMoveRQ{AffectedSOPClassUID: uid.StudyRootMove, MessageID: 1, MoveDestination: "SINK"}, identifier("STUDY", tag.StudyInstanceUID, "1.2"))
		<-there
		_ = k.a.Abort(errors.New("gone"))
		_ = k.a.Close()
		time.Sleep(30 * time.Second) // virtual time
		synctest.Wait()
		if a, b := from.Stats().Associations.Load(), to.Stats().Associations.Load(); a != 0 || b != 0 {
			t.Errorf("%d and %d associations left", a, b)
		}
		if s.n != 1 {
			t.Errorf("%d instances opened for a peer that has gone", s.n)
		}
	})
}

func TestGet(t *testing.T) {
	in(t, func(t *testing.T) {
		l := ultest.Listen()
		s := &shelf{}
		s.add(t, ctImage, "1.2.1", uid.ExplicitVRLittleEndian)
		s.add(t, mrImage, "1.2.2", uid.ExplicitVRLittleEndian)                // rewritten
		s.add(t, uid.BasicTextSRStorage, "1.2.3", uid.ExplicitVRLittleEndian) // no role
		s.add(t, ctImage, "1.2.4", uid.ExplicitVRLittleEndian)
		serve(t, l, service.SCPConfig{Retrieve: s})
		roles := []pdu.RoleSelection{{SOPClassUID: ctImage, SCP: true}, {SOPClassUID: mrImage, SCU: true, SCP: true}}
		k := ask(t, l, roles, service.Context{uid.StudyRootGet, implicit}, service.Context{ctImage, []string{uid.ExplicitVRLittleEndian}},
			service.Context{mrImage, implicit}, service.Context{uid.BasicTextSRStorage, []string{uid.ExplicitVRLittleEndian}})
		get := func(id uint16, cancelAt string) (*dimse.CGetRSP, *dataset.Dataset, []string) {
			var came []string
			k.send(&dimse.CGetRQ{AffectedSOPClassUID: uid.StudyRootGet, MessageID: id}, identifier("STUDY", tag.StudyInstanceUID, "1.2"))
			for {
				m, d := k.next()
				switch m := m.(type) {
				case *dimse.CStoreRQ:
					came = append(came, m.AffectedSOPInstanceUID)
					if d.String(tag.PatientName) != "Yamada^Taro" {
						t.Error("not the instance:", d)
					}
					if m.AffectedSOPInstanceUID == cancelAt {
						k.send(&dimse.CCancelRQ{MessageIDBeingRespondedTo: id}, nil)
					}
					ctx := map[string]byte{ctImage: 3, mrImage: 5}[m.AffectedSOPClassUID]
					if err := k.conn.Send(ctx, m.Response(dimse.Success, ""), nil); err != nil {
						t.Fatal(err)
					}
				case *dimse.CGetRSP:
					if m.Status != dimse.Pending {
						return m, d, came
					}
				default:
					t.Fatalf("%+v", m)
				}
			}
		}
		rsp, failed, came := get(3, "")
		if rsp.Status != dimse.SubOperationsWarning || told(rsp.SubOperations) != "- 3 1 0" || !slices.Equal(came, []string{"1.2.1", "1.2.2", "1.2.4"}) || failed.String(tag.FailedSOPInstanceUIDList) != "1.2.3" {
			t.Error(rsp.Status, told(rsp.SubOperations), came, failed)
		}
		rsp, _, came = get(4, "1.2.1")
		if rsp.Status != dimse.Cancel || told(rsp.SubOperations) != "3 1 0 0" || len(came) != 1 {
			t.Error(rsp.Status, told(rsp.SubOperations), came)
		}
		k.release()
	})
}

// A commitment that is ready while the peer retrieves on the same association is
// reported at once; the answer to it is not taken for one to a C-STORE.
func TestEventDuringGet(t *testing.T) {
	in(t, func(t *testing.T) {
		l := ultest.Listen()
		s := &shelf{}
		s.add(t, ctImage, "1.2.1", uid.ExplicitVRLittleEndian)
		s.add(t, ctImage, "1.2.2", uid.ExplicitVRLittleEndian)
		var reporter *service.Reporter
		serve(t, l, service.SCPConfig{Retrieve: s, Normalized: map[string]service.Normalized{
			uid.StorageCommitmentPush: {Serve: func(_ context.Context, r service.NormalizedRequest) service.NormalizedResponse {
				reporter = r.Reporter
				return service.NormalizedResponse{}
			}},
		}})
		k := ask(t, l, []pdu.RoleSelection{{SOPClassUID: ctImage, SCP: true}}, service.Context{uid.StudyRootGet, implicit},
			service.Context{ctImage, []string{uid.ExplicitVRLittleEndian}}, service.Context{uid.StorageCommitmentPush, implicit})
		const commitment = "1.2.840.10008.1.20.1.1"
		rq := &dimse.NActionRQ{RequestedSOPClassUID: uid.StorageCommitmentPush, MessageID: 1, RequestedSOPInstanceUID: commitment, ActionTypeID: 1}
		if err := k.conn.Send(5, rq, nil); err != nil {
			t.Fatal(err)
		}
		k.next()
		k.send(&dimse.CGetRQ{AffectedSOPClassUID: uid.StudyRootGet, MessageID: 2}, identifier("STUDY", tag.StudyInstanceUID, "1.2"))
		answered := make(chan dimse.Status, 1)
		var held *dimse.CStoreRQ // until the event has been answered
		stored := func(m *dimse.CStoreRQ) {
			if err := k.conn.Send(3, m.Response(dimse.Success, ""), nil); err != nil {
				t.Error(err)
			}
		}
		for {
			switch m, _ := k.next(); m := m.(type) {
			case *dimse.CStoreRQ:
				if m.AffectedSOPInstanceUID == "1.2.2" {
					stored(m)
					break
				}
				held = m
				go func() {
					status, err := reporter.Report(t.Context(), service.EventReport{SOPClassUID: uid.StorageCommitmentPush, SOPInstanceUID: commitment, EventTypeID: 1})
					if err != nil {
						t.Error(err)
					}
					answered <- status
				}()
			case *dimse.NEventReportRQ:
				if err := k.conn.Send(5, m.Response(dimse.Success, ""), nil); err != nil {
					t.Fatal(err)
				}
				stored(held)
			case *dimse.CGetRSP:
				if m.Status == dimse.Pending {
					break
				}
				if m.Status != dimse.Success || told(m.SubOperations) != "- 2 0 0" {
					t.Error(m.Status, told(m.SubOperations))
				}
				if status := <-answered; status != dimse.Success {
					t.Error(status)
				}
				k.release()
				return
			}
		}
	})
}
