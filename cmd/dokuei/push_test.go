package main

import (
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// A hospital's order system asks for a reading before the images come: the reader
// finds that step when they are here, at least as urgent as it was asked for.
func TestProcedureStepAskedFor(t *testing.T) {
	t.Parallel()
	s := serve(t, newData(t, network))
	dir, study := slices(t, 2)
	his := s.associate(t, "MINAMI_CT", uid.UPSPush)
	step := uid.New()
	d := dataset.New()
	d.SetString(tag.ProcedureStepState, "CS", "SCHEDULED")
	d.SetString(tag.ScheduledProcedureStepPriority, "CS", "HIGH")
	d.SetString(tag.ProcedureStepLabel, "LO", "Head CT")
	d.SetString(tag.StudyInstanceUID, "UI", study)
	if a, err := his.Create(t.Context(), uid.UPSPush, uid.UPSPush, step, d); err != nil || a.Status != dimse.Success {
		t.Fatal(a, err)
	}
	mustRun(t, "send", dir, "--to", s.DICOM, "--aet", "MINAMI_CT", "--no-resume")
	eventually(t, "the step can be read", func() bool {
		a, err := his.GetAttributes(t.Context(), uid.UPSPush, uid.UPSPush, step)
		if err != nil || a.Status != dimse.Success {
			t.Fatal(a.Status, err)
		}
		return a.Data.String(tag.InputReadinessState) == "READY"
	})
	var list struct {
		Items []struct{ ID, State, Priority string }
	}
	ito := s.signIn(t, "ito", password)
	ito.must("GET", "/worklist", nil, &list)
	if len(list.Items) != 1 || list.Items[0].Priority != "STAT" {
		t.Fatalf("%+v", list)
	}
	if got := ito.call("POST", "/workitems/"+list.Items[0].ID+"/claim", map[string]any{}, nil); got != 200 {
		t.Fatal(got)
	}
	a, err := his.GetAttributes(t.Context(), uid.UPSPush, uid.UPSPush, step)
	if err != nil || a.Data.String(tag.ProcedureStepState) != "IN PROGRESS" || a.Data.String(tag.ProcedureStepLabel) != "Head CT" {
		t.Error(a, err)
	}
}
