package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// A reader's workstation finds the reading, claims it and gives it back; while
// it holds it the page cannot claim, and the other way round.
func TestProcedureSteps(t *testing.T) {
	t.Parallel()
	site := strings.Replace(network, "{login: sato,", "{login: sato, ae_titles: [SATO_WS],", 1)
	s := serve(t, newData(t, site))
	dir, study := slices(t, 2)
	mustRun(t, "send", dir, "--to", s.DICOM, "--aet", "MINAMI_CT", "--no-resume")
	c := s.associate(t, "SATO_WS", uid.UPSPull)

	var step *dataset.Dataset
	find := func() {
		t.Helper()
		eventually(t, "a scheduled step", func() bool {
			key := dataset.New()
			key.SetString(tag.ProcedureStepState, "CS", "SCHEDULED")
			for _, k := range []tag.Tag{tag.SOPInstanceUID, tag.StudyInstanceUID} {
				key.SetString(k, "UI")
			}
			step = nil
			status, err := c.Find(t.Context(), uid.UPSPull, key, func(d *dataset.Dataset) error { step = d; return nil })
			if err != nil || status != dimse.Success {
				t.Fatal(status, err)
			}
			return step != nil
		})
	}
	change := func(to, transaction string) dimse.Status {
		t.Helper()
		d := dataset.New()
		d.SetString(tag.ProcedureStepState, "CS", to)
		d.SetString(tag.TransactionUID, "UI", transaction)
		a, err := c.Action(t.Context(), uid.UPSPull, uid.UPSPush, step.String(tag.SOPInstanceUID), 1, d)
		if err != nil {
			t.Fatal(err)
		}
		return a.Status
	}
	find()
	if step.String(tag.StudyInstanceUID) != study {
		t.Errorf("the step is about %s", step.String(tag.StudyInstanceUID))
	}
	ito := s.signIn(t, "ito", password)
	claim := func() int {
		var list struct{ Items []struct{ ID, State string } }
		ito.must("GET", "/worklist", nil, &list)
		for _, w := range list.Items {
			return ito.call("POST", "/workitems/"+w.ID+"/claim", map[string]any{}, nil)
		}
		t.Fatal("the page lists nothing")
		return 0
	}
	transaction := uid.New()
	if got := change("IN PROGRESS", transaction); got != dimse.Success {
		t.Fatal("claim over DICOM:", got)
	}
	if got := claim(); got != http.StatusConflict {
		t.Error("claim on the page of what a workstation holds:", got)
	}
	if got := change("CANCELED", transaction); got != dimse.Success {
		t.Fatal("giving back over DICOM:", got)
	}
	find()
	if got := claim(); got != http.StatusOK {
		t.Error("claim on the page:", got)
	}
	if got := change("IN PROGRESS", uid.New()); got != dimse.UPSAlreadyInProgress {
		t.Error("claim over DICOM of what the page holds:", got)
	}

	// A workstation reads; it sends nothing.
	sender, err := service.Dial(t.Context(), s.DICOM, service.DialOptions{CallingAE: "SATO_WS", CalledAE: "DOKUEI", Contexts: []service.Context{
		{AbstractSyntax: uid.SecondaryCaptureImageStorage, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close(t.Context()) //nolint:errcheck // nothing is left to learn
	status, err := sender.Store(t.Context(), service.StoreObject{
		SOPClassUID: uid.SecondaryCaptureImageStorage, SOPInstanceUID: uid.New(), TransferSyntaxUID: uid.ExplicitVRLittleEndian, Data: strings.NewReader(""),
	})
	if err != nil || status != dimse.NotAuthorized {
		t.Error("a workstation's C-STORE:", status, err)
	}
}
