package site_test

import (
	"strings"
	"testing"

	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/worklist/order"
)

// Names of codes come by file or table, over those that are there; a file takes away the
// others only when it says so. What cannot stand in a code is refused with its line.
func TestCodes(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, t.TempDir()+"/dokuei.db")
	apply := func(f site.File, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		done, err := site.Apply(t.Context(), d, f, "test")
		if err != nil {
			t.Fatal(err)
		}
		return done.Diff.String()
	}
	yaml := func(text string) string { t.Helper(); return apply(site.Parse(strings.NewReader(text))) }
	yaml("fallback: {panel: unassigned, within: 24h}\ncodes: [{part: site, code: '200', name: 胸部}, {part: modality, code: '6', name: CT}]\n")
	if diff := apply(site.ParseCSV(strings.NewReader("code,part,name,name_en\n200,site,胸部,Chest\n0000,technique,単純,plain\n"), site.CodeTable, site.File{})); diff !=
		"~ code site 200: name_en none -> Chest\n+ code technique 0000: name 単純, name_en plain\n= fallback: not in the file, left alone\n" {
		t.Error(diff)
	}
	if diff := yaml("replace: [codes]\ncodes: [{part: site, code: '200', name: 胸部, name_en: Chest}]\n"); !strings.HasPrefix(diff, "- code modality 6\n- code technique 0000\n") {
		t.Error(diff)
	}
	if got, err := order.Named(t.Context(), d.Read(t.Context()), "6000000200010300"); err != nil || len(got) != 1 || got[0].NameEn != "Chest" {
		t.Errorf("%+v %v", got, err)
	}
	out, err := site.Export(t.Context(), d.Read(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := out.WriteYAML(&b); err != nil || !strings.Contains(b.String(), "name: 胸部") {
		t.Error(b.String(), err)
	}
	if diff := yaml(b.String()); strings.ContainsAny(diff, "+~-") {
		t.Error("applied again it changes something: " + diff)
	}
	for text, want := range map[string]string{
		"codes:\n  - {part: colour, code: '1', name: x}\n":                                  "line 2: code \"1\": part \"colour\" is none of",
		"codes:\n  - {part: site, code: '20', name: x}\n":                                   "line 2: code \"20\": not what can stand for the site",
		"codes:\n  - {part: site, code: '20I', name: x}\n":                                  "not what can stand for the site",
		"codes:\n  - {part: site, code: '200', name: ''}\n":                                 "the name is missing",
		"codes: [{part: site, code: '200', name: x}, {part: site, code: '200', name: y}]\n": "site 200",

		"replace: [colours]\n": "none of rules, destinations, shifts, codes",
	} {
		if _, err := site.Parse(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
