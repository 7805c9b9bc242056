package orders_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dokuei/dokuei/router/orders"
	"github.com/dokuei/dokuei/worklist/order"
)

// A request as JP Core systems send it: everything contained.
func TestServiceRequest(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("testdata", "servicerequest.json"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := orders.ServiceRequest(raw, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := order.Order{
		Source: order.FromFHIR, PatientID: "0012345", PatientName: "=山田^太郎=ヤマダ^タロウ", BirthDate: "19480203", Sex: "M",
		AccessionNumber: "A20261128001", Placer: "PL-9", ProcedureDescription: "頭部単純CT", ProcedureCode: "11000000000000000000000000000000",
		Priority: "STAT", Comments: "左側の脳梗塞か\n至急お願いします", History: "心房細動", ReferringPhysician: "=高橋^二郎",
		Allergies: "ヨード造影剤 発疹", Alerts: "HBV 陽性", Contrast: "なし", Onset: time.Date(2026, 11, 27, 23, 45, 0, 0, time.UTC),
		Step: order.Step{Modality: "CT", StartDate: "20261128", StartTime: "103000"},
	}
	if w.Act != orders.Place || !w.Order.Says(want) {
		t.Errorf("\n got %+v\nwant %+v", w.Order, want)
	}
	again, err := json.Marshal(orders.Resource(w.Order))
	if err != nil {
		t.Fatal(err)
	}
	back, err := orders.ServiceRequest(again, nil)
	if err != nil || !back.Order.Says(w.Order) {
		t.Errorf("read back: %v\n got %+v\nwant %+v", err, back.Order, w.Order)
	}
}

func FuzzServiceRequest(f *testing.F) {
	raw, err := os.ReadFile(filepath.Join("testdata", "servicerequest.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"resourceType":"ServiceRequest","status":"revoked","intent":"order","identifier":[{"value":"1"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		w, err := orders.ServiceRequest(raw, nil)
		if err != nil || w.Act != orders.Place {
			return
		}
		if _, err := json.Marshal(orders.Resource(w.Order)); err != nil {
			t.Error(err)
		}
	})
}
