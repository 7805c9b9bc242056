package fhir_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/fhir"
	"github.com/dokuei/dokuei/reports/reportstest"
)

// schema is HL7's JSON schema of FHIR R4 (4.0.1; CC0), for a Bundle.
var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	raw, err := os.ReadFile("testdata/fhir.schema.json.gz")
	if err != nil {
		return nil, err
	}
	plain, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(plain)
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft6)
	if err := c.AddResource("fhir.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("fhir.json#/definitions/Bundle")
})

// Every bundle is valid by the JSON schema of R4, whatever kind of version, language
// and patient; the schema finds what is wrong.
func TestSchema(t *testing.T) {
	t.Parallel()
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	list := samples()
	for _, k := range []reports.Kind{reports.Preliminary, reports.Final, reports.Addendum, reports.Correction, reports.Retraction} {
		r := reportstest.Amended()
		r.Kind = k
		r.Earlier[0].Kind = reports.Preliminary // of another reader
		list = append(list, r)
	}
	nobody := reportstest.English()
	nobody.Author.License, nobody.Patient, nobody.Study.AccessionNumber, nobody.Study.Modalities, nobody.Study.Description = "", reports.Patient{PatientID: "1"}, "", nil, ""
	list = append(list, nobody)
	for _, r := range list {
		for _, pdf := range [][]byte{nil, []byte("%PDF-")} {
			raw, err := fhir.Build(r, pdf, 6)
			if err != nil {
				t.Fatal(err)
			}
			if err := validate(s, raw); err != nil {
				t.Errorf("%s %s: %v\n%s", r.Kind, r.Language, err, raw)
			}
		}
	}
	raw, err := fhir.Build(reportstest.Sample(), nil, 6)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range [][2]string{{`"status":"final"`, `"status":"finished"`}, {`"birthDate":"1948-03-05"`, `"birthDate":"1948/03/05"`}, {`"conclusion":`, `"summary":`}, {`"subject":`, `"patient":`}} {
		if !bytes.Contains(raw, []byte(wrong[0])) || validate(s, bytes.ReplaceAll(raw, []byte(wrong[0]), []byte(wrong[1]))) == nil {
			t.Errorf("%s is taken for valid", wrong[1])
		}
	}
}

func validate(s *jsonschema.Schema, raw []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// What JP Core v1.2.0 fixes for reports of radiology: profiles, categories, codes,
// who is named where, and that everything that is referred to is in the bundle.
func TestJPCore(t *testing.T) {
	t.Parallel()
	const loinc, dcm, jp = "http://loinc.org", "http://dicom.nema.org/resources/ontology/DCM", "http://jpfhir.jp/fhir/core/"
	r := reportstest.Amended()
	r.Kind, r.Earlier[0].Kind = reports.Final, reports.Preliminary
	raw, err := fhir.Build(r, []byte("%PDF-"), 6)
	if err != nil {
		t.Fatal(err)
	}
	var bundle struct {
		Entry []struct{ Resource map[string]any }
	}
	if err := json.Unmarshal(raw, &bundle); err != nil {
		t.Fatal(err)
	}
	by := map[string][]map[string]any{}
	there := map[string]bool{}
	for _, e := range bundle.Entry {
		kind, _ := e.Resource["resourceType"].(string)
		by[kind] = append(by[kind], e.Resource)
		there[kind+"/"+e.Resource["id"].(string)] = true
	}
	const base = jp + "StructureDefinition/"
	for kind, profiles := range map[string][]string{
		"DiagnosticReport": {"JP_DiagnosticReport_Radiology"}, "ImagingStudy": {"JP_ImagingStudy_Radiology"}, "Patient": {"JP_Patient"}, "Organization": {"JP_Organization"},
		"Practitioner": {"JP_Practitioner", "JP_Practitioner"}, "Observation": {"JP_Observation_Radiology_Findings", "JP_Observation_Radiology_Impression"},
	} {
		var got []string
		for _, x := range by[kind] {
			for _, p := range x["meta"].(map[string]any)["profile"].([]any) {
				got = append(got, strings.TrimPrefix(p.(string), base))
			}
		}
		if !slices.Equal(got, profiles) {
			t.Errorf("%s has the profiles %v, want %v", kind, got, profiles)
		}
	}
	report := by["DiagnosticReport"][0]
	codes := func(v any) (out []string) {
		concepts, ok := v.([]any)
		if !ok {
			concepts = []any{v}
		}
		for _, c := range concepts {
			for _, x := range c.(map[string]any)["coding"].([]any) {
				m := x.(map[string]any)
				out = append(out, m["system"].(string)+"|"+m["code"].(string))
			}
		}
		return out
	}
	for name, tc := range map[string]struct{ got, want []string }{
		"category":   {codes(report["category"]), []string{loinc + "|LP29684-5", dcm + "|CT"}},
		"code":       {codes(report["code"]), []string{jp + "CodeSystem/JP_DocumentCodes_CS|18748-4", loinc + "|18748-4", loinc + "|24725-4"}},
		"findings":   {codes(by["Observation"][0]["code"]), []string{loinc + "|18782-3"}},
		"impression": {codes(by["Observation"][1]["code"]), []string{loinc + "|19005-8"}},
		"kind":       {codes(by["Observation"][1]["category"])[:1], []string{jp + "CodeSystem/JP_SimpleObservationCategory_CS|imaging"}},
		"licence":    {codes(by["Practitioner"][0]["qualification"].([]any)[0].(map[string]any)["code"]), []string{jp + "CodeSystem/JP_MedicalLicenseCertificate_CS|medical-registration"}},
	} {
		if !slices.Equal(tc.got, tc.want) {
			t.Errorf("%s is %v, want %v", name, tc.got, tc.want)
		}
	}
	if v := by["Observation"][1]["valueString"]; v != r.Sections[1].Text {
		t.Errorf("the impression is %v", v)
	}
	refs := func(member string) (out []string) {
		list, _ := report[member].([]any)
		for _, x := range list {
			ref := x.(map[string]any)["reference"].(string)
			if id, ok := strings.CutPrefix(ref, "#"); ok { // contained
				for _, in := range report["contained"].([]any) {
					if o := in.(map[string]any); o["id"] == id {
						out = append(out, "contained "+o["resourceType"].(string))
					}
				}
				continue
			}
			if !there[ref] {
				t.Errorf("%s refers to %s, which is not in the bundle", member, ref)
			}
			kind, _, _ := strings.Cut(ref, "/")
			out = append(out, kind)
		}
		return out
	}
	for member, want := range map[string][]string{
		"performer": {"Practitioner"}, "resultsInterpreter": {"Practitioner", "Practitioner"}, "imagingStudy": {"ImagingStudy"}, "result": {"Observation", "Observation", "contained Observation"},
	} {
		if got := refs(member); !reflect.DeepEqual(got, want) {
			t.Errorf("%s refers to %v, want %v", member, got, want)
		}
	}
	for _, member := range []string{"effectiveDateTime", "issued"} {
		if report[member] != "2026-11-22T01:15:42.123456Z" {
			t.Errorf("%s is %v", member, report[member])
		}
	}
	if form := report["presentedForm"].([]any)[0].(map[string]any); form["contentType"] != "application/pdf" {
		t.Errorf("the presented form is %v", form)
	}
	retraction := reportstest.Amended()
	retraction.Kind, retraction.Sections = reports.Retraction, []reports.Section{{Code: reports.CodeReason, Heading: "理由", Text: "別の患者"}}
	raw, err = fhir.Build(retraction, nil, 6)
	if err != nil || bytes.Count(raw, []byte(`"status":"entered-in-error"`)) != 3 {
		t.Errorf("a retraction takes back %d resources of 3, %v", bytes.Count(raw, []byte(`"status":"entered-in-error"`)), err)
	}
}
