package template_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports/template"
)

func builtIn(t *testing.T, id, language string) *template.Template {
	t.Helper()
	all, err := template.All(language)
	if err != nil {
		t.Fatal(err)
	}
	for n := range all {
		if all[n].ID == id {
			return &all[n]
		}
	}
	t.Fatalf("there is no template %s", id)
	return nil
}

func sct(value, meaning string) template.Concept {
	return template.Concept{Value: value, Scheme: "SCT", Meaning: meaning}
}

// Verhoeff's check digit (SNOMED CT Technical Implementation Guide, "Check-digit"): the
// multiplication of the dihedral group D5 and the permutation of places.
var (
	dihedral = [10]string{"0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"}
	permuted = [8]string{"0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"}
)

// Every code of SNOMED CT in the built-in templates is an identifier of a concept: its
// partition is 00 and its check digit right, so that no typing error is one.
func TestCodesAreIdentifiers(t *testing.T) {
	t.Parallel()
	n := 0
	look := func(c *template.Concept) {
		if c == nil || c.Scheme != "SCT" {
			return
		}
		n++
		check := byte(0)
		for i := range len(c.Value) {
			check = dihedral[check][permuted[i%8][c.Value[len(c.Value)-1-i]-'0']-'0'] - '0'
		}
		if check != 0 || !strings.HasSuffix(c.Value[:len(c.Value)-1], "00") {
			t.Errorf("%s %s is no identifier of a concept", c.Value, c.Meaning)
		}
	}
	all, err := template.All("en")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		for _, i := range one.Items {
			look(i.Code)
			for _, o := range i.Options {
				look(o.Code)
			}
		}
	}
	if n < 60 {
		t.Errorf("%d codes were looked at", n)
	}
}

func TestAnswersInCodes(t *testing.T) {
	t.Parallel()
	side, site := sct("272741003", "Laterality"), sct("363698007", "Finding Site")
	for _, c := range []struct {
		name, id, language string
		answers            map[string][]string
		want               []template.Coded
	}{
		{"putaminal haemorrhage", "head-ct", "ja", map[string][]string{
			"bleed": {"ich"}, "side": {"l"}, "site": {"putamen"}, "size": {"32x24"}, "ivh": {"no"}, "bone": {"none"},
		}, []template.Coded{{
			Section: "findings", Line: "左被殻に 32x24 mm の高吸収域を認め、脳内出血と考えます。脳室内への穿破を認めません。", Finding: sct("274100004", "Cerebral hemorrhage"),
			Modifiers: []template.Modifier{{Name: site, Value: sct("89278009", "Putamen")}, {Name: side, Value: sct("7771000", "Left")}},
		}}},
		{"a side that is asked for no more", "head-ct", "en", map[string][]string{"bleed": {"sah"}, "side": {"l"}, "cistern": {"sylvian", "convexity"}}, []template.Coded{{
			Section: "findings", Line: "Hyperdensity in the subarachnoid space (Sylvian fissure, convexity), in keeping with subarachnoid haemorrhage.", Finding: sct("21454007", "Subarachnoid hemorrhage"),
		}}},
		{"suspected only", "head-ct", "en", map[string][]string{"ischaemia": {"yes"}, "mca": {"l"}, "aspects": {"c", "m1"}, "dense": {"yes"}, "vessel": {"lm1"}}, nil},
		{"normal", "head-ct", "ja", map[string][]string{"bleed": {"none"}, "ischaemia": {"none"}, "aspects": {}}, nil},
		{"several sites", "brain-mr", "en", map[string][]string{"dwi": {"yes"}, "dwiside": {"r"}, "dwisite": {"o1", "o6"}}, []template.Coded{{
			Section: "findings", Line: "High signal on diffusion-weighted images with low ADC in the right frontal lobe, basal ganglia: acute infarction.", Finding: sct("432504007", "Cerebral infarction"),
			Modifiers: []template.Modifier{{Name: site, Value: sct("83251001", "Frontal lobe")}, {Name: side, Value: sct("24028007", "Right")}},
		}}},
	} {
		if got := builtIn(t, c.id, c.language).Coded(c.answers); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n%+v\n%+v", c.name, got, c.want)
		}
	}
}
