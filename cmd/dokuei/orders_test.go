package main

import (
	"net/http"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
)

type anyOrder map[string]any

func orderOf(accession, day string) anyOrder {
	return anyOrder{
		"patientId": "P0001", "patientName": "Yoshida^Hanako=𠮷田^花子=よしだ^はなこ", "birthDate": "19510203", "sex": "F",
		"accession": accession, "referrer": "Ito^Jiro=伊藤^次郎", "procedureDescription": "頭部単純CT", "priority": "STAT",
		"step": anyOrder{"stationAe": "MINAMI_CT", "startDate": day, "startTime": "0930", "modality": "CT", "id": "1"},
	}
}

// A hospital orders, its scanner reads the order over DICOM with DCMTK's tool, the
// images come and the order is gone; the other hospital never sees any of it.
func TestModalityWorklist(t *testing.T) {
	t.Parallel()
	tool(t, "findscu")
	s := serve(t, newData(t, network))
	minami, kita, coord := s.signIn(t, "minami", password), s.signIn(t, "kita", password), s.signIn(t, "coord", password)
	dir, study := slices(t, 2)

	first := orderOf("ACC-1", "20260706")
	first["studyInstanceUid"] = study
	var made struct{ ID, Facility, StudyInstanceUID string }
	minami.must("POST", "/orders", first, &made)
	if made.Facility != "minami" || made.StudyInstanceUID != study {
		t.Errorf("%+v", made)
	}
	if got := minami.call("POST", "/orders", first, nil); got != http.StatusOK {
		t.Error("the same again:", got)
	}
	first["priority"] = "LOW"
	if got := minami.call("POST", "/orders", first, nil); got != http.StatusConflict {
		t.Error("another order of this number:", got)
	}
	second := orderOf("ACC-2", "20260708")
	second["facility"] = "minami"
	coord.must("POST", "/orders", second, &made)
	for _, c := range []struct {
		who  *user
		with func(anyOrder)
		want int
	}{
		{kita, func(o anyOrder) { o["facility"] = "minami" }, http.StatusForbidden},
		{coord, func(anyOrder) {}, http.StatusUnprocessableEntity},
		{minami, func(o anyOrder) { o["sex"] = "?" }, http.StatusUnprocessableEntity},
		{minami, func(o anyOrder) { o["surprise"] = 1 }, http.StatusBadRequest},
		{s.signIn(t, "sato", password), func(anyOrder) {}, http.StatusForbidden},
	} {
		o := orderOf("ACC-3", "20260706")
		c.with(o)
		if got := c.who.call("POST", "/orders", o, nil); got != c.want {
			t.Errorf("%v: %d, want %d", o, got, c.want)
		}
	}

	step := "ScheduledProcedureStepSequence[0]."
	ask := func(ae string, keys ...string) []string {
		t.Helper()
		args := []string{"-W", "-k", "0008,0005=ISO_IR 192", "-k", "AccessionNumber", "-k", "PatientName", "-k", "StudyInstanceUID", "-k", "RequestedProcedureDescription", "-k", step + "Modality", "-k", step + "ScheduledStationAETitle"}
		for _, k := range keys {
			args = append(args, "-k", k)
		}
		var list []string
		for _, d := range s.asked(t, ae, args...) {
			list = append(list, d.String(tag.AccessionNumber))
			if d.String(tag.PatientName) != "Yoshida^Hanako=𠮷田^花子=よしだ^はなこ" && keys == nil || d.Item(tag.ScheduledProcedureStepSequence).String(tag.ScheduledStationAETitle) != "MINAMI_CT" {
				t.Errorf("answer %q, %q", d.String(tag.PatientName), d.String(tag.RequestedProcedureDescription))
			}
		}
		return list
	}
	for _, c := range []struct {
		ae   string
		keys []string
		want int
	}{
		{"MINAMI_CT", nil, 2},
		{"KITA_CT", nil, 0},
		{"MINAMI_CT", []string{"PatientName=よしだ*"}, 2},
		{"MINAMI_CT", []string{"PatientName=吉田*"}, 0},
		{"MINAMI_CT", []string{step + "ScheduledProcedureStepStartDate=20260706"}, 1},
		{"MINAMI_CT", []string{step + "ScheduledProcedureStepStartDate=20260706-20260708", step + "ScheduledProcedureStepStartTime=1000-1200"}, 1},
		{"MINAMI_CT", []string{step + "Modality=MR"}, 0},
		{"MINAMI_CT", []string{"AccessionNumber=ACC-?", step + "Modality=CT"}, 2},
	} {
		if got := ask(c.ae, c.keys...); len(got) != c.want {
			t.Errorf("%s %v: %v, want %d", c.ae, c.keys, got, c.want)
		}
	}

	s.send(t, "MINAMI_CT", dir)
	eventually(t, "the order is done", func() bool { got := ask("MINAMI_CT"); return len(got) == 1 && got[0] == "ACC-2" })
	var list struct {
		Items []struct {
			Accession string
			Done      bool
		}
	}
	minami.must("GET", "/orders?state=all", nil, &list)
	if len(list.Items) != 2 || list.Items[0].Done || !list.Items[1].Done {
		t.Errorf("%+v", list)
	}
	if got := kita.call("DELETE", "/orders/"+made.ID, nil, nil); got != http.StatusNotFound {
		t.Error("another hospital's order:", got)
	}
	minami.must("DELETE", "/orders/"+made.ID, nil, nil)
	if got := ask("MINAMI_CT"); len(got) != 0 {
		t.Error(got)
	}
}
