package site_test

import (
	"testing"

	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// Networks of a hospital are written in one form, exported and taken away again.
func TestAddresses(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	text := `facilities: [{id: a, name: A, addresses: [192.0.2.7, "2001:db8::/32"], destinations: [{name: ris, to: "RIS@h:104", notify: ian}]}]`
	apply(t, d, parse(t, text))
	f, err := worklist.FacilityByID(t.Context(), d.Read(t.Context()), "a")
	if err != nil || len(f.Addresses) != 2 || f.Addresses[0] != "192.0.2.7/32" || !f.AdmitsFrom("2001:db8::1") || f.AdmitsFrom("192.0.2.8") {
		t.Errorf("%+v, %v", f, err)
	}
	for name, again := range map[string]string{"a second time": text, "the export": export(t, d)} {
		if diff, err := site.Plan(t.Context(), d.Read(t.Context()), parse(t, again)); err != nil || !diff.Empty() {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
	apply(t, d, parse(t, `facilities: [{id: a, name: A}]`))
	if f, err = worklist.FacilityByID(t.Context(), d.Read(t.Context()), "a"); err != nil || !f.AdmitsFrom("203.0.113.1") {
		t.Errorf("%+v, %v", f, err)
	}
}
