package fhir_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	r4 "github.com/samply/golang-fhir-models/fhir-models/fhir"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/fhir"
	"github.com/dokuei/dokuei/reports/reportstest"
)

func samples() []*reports.Report {
	hostile, gone, bare := reportstest.Sample(), reportstest.Sample(), reportstest.Sample()
	hostile.Sections = []reports.Section{{Code: reports.CodeFindings, Heading: `"<所見>"`, Text: "</p></div><script>x</script>\n&amp; <br/> 'q'"}}
	gone.Kind, gone.Sections = reports.Retraction, []reports.Section{{Code: reports.CodeReason, Heading: "理由", Text: "別の患者"}}
	bare.Patient, bare.Study.Date, bare.Study.Time = reports.Patient{PatientID: "1"}, "", ""
	return []*reports.Report{reportstest.Sample(), reportstest.Coded(), reportstest.English(), reportstest.Amended(), hostile, gone, bare}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, r := range samples() {
		raw, err := fhir.Build(r, []byte("%PDF-"), 6)
		if err != nil {
			t.Fatal(err)
		}
		again, err := fhir.Build(r, []byte("%PDF-"), 6)
		if err != nil || !bytes.Equal(raw, again) {
			t.Errorf("the same report gives other bytes: %v", err)
		}
		back, pdf, err := fhir.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if back.ID != r.ID || back.Version != r.Version || back.Kind != r.Kind || back.ContentHash != r.ContentHash ||
			back.Language != r.Language || !back.SignedAt.Equal(r.SignedAt) || string(pdf) != "%PDF-" {
			t.Errorf("read back %+v of %+v", back, r)
		}
		if !reflect.DeepEqual(back.Codes(), r.Codes()) {
			t.Errorf("codes %+v, want %+v", back.Codes(), r.Codes())
		}
		if !slices.Equal(back.Sections, r.Sections) {
			t.Errorf("sections %q, want %q", back.Sections, r.Sections)
		}
	}
}

// Every entry is a resource of R4 by the models of another maker: no member that
// R4 does not have, every code of a required value set.
func TestR4(t *testing.T) {
	t.Parallel()
	strict := func(raw []byte, v any) {
		t.Helper()
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(v); err != nil {
			t.Errorf("%T: %v in %s", v, err, raw)
		}
	}
	for _, r := range samples() {
		raw, err := fhir.Build(r, []byte("%PDF-"), 6)
		if err != nil {
			t.Fatal(err)
		}
		// The type of a resource is a member that Go's models write, not read.
		var b r4.Bundle
		strict(bytes.Replace(raw, []byte(`"resourceType":"Bundle",`), nil, 1), &b)
		if b.Type != r4.BundleTypeTransaction || len(b.Entry) < 7 {
			t.Fatalf("bundle of type %v with %d entries", b.Type, len(b.Entry))
		}
		there := map[string]bool{}
		for _, e := range b.Entry {
			there[e.Request.Url] = true
		}
		for _, e := range b.Entry {
			kind, _, _ := strings.Cut(e.Request.Url, "/")
			body := bytes.Replace(e.Resource, []byte(`"resourceType":"`+kind+`",`), nil, 1)
			switch kind {
			case "Patient":
				strict(body, &r4.Patient{})
			case "Practitioner":
				strict(body, &r4.Practitioner{})
			case "Organization":
				strict(body, &r4.Organization{})
			case "Observation":
				strict(body, &r4.Observation{})
			case "ImagingStudy":
				strict(body, &r4.ImagingStudy{})
			case "DiagnosticReport":
				// Those models know no contained resources: each is looked at for itself.
				var whole map[string]json.RawMessage
				if err := json.Unmarshal(body, &whole); err != nil {
					t.Fatal(err)
				}
				var inside []json.RawMessage
				if in := whole["contained"]; in != nil {
					if err := json.Unmarshal(in, &inside); err != nil {
						t.Fatal(err)
					}
				}
				for _, in := range inside {
					var o r4.Observation
					strict(bytes.Replace(in, []byte(`"resourceType":"Observation",`), nil, 1), &o)
					there["#"+*o.Id] = true
				}
				delete(whole, "contained")
				if body, err = json.Marshal(whole); err != nil {
					t.Fatal(err)
				}
				var x r4.DiagnosticReport
				strict(body, &x)
				if len(x.ConclusionCode) != len(inside) || len(inside) != len(r.Codes()) {
					t.Errorf("%d conclusion codes and %d findings of %d", len(x.ConclusionCode), len(inside), len(r.Codes()))
				}
				for _, ref := range slices.Concat(x.ImagingStudy, x.Performer, x.ResultsInterpreter, x.Result, []r4.Reference{*x.Subject}) {
					if !there[*ref.Reference] {
						t.Errorf("a reference to %s, which is not in the bundle", *ref.Reference)
					}
				}
			default:
				t.Errorf("a resource of type %s", kind)
			}
		}
	}
}
