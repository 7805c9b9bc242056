package site_test

import (
	"strings"
	"testing"

	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/retention"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

func TestAgreementsAndPractices(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"facilities: [{id: a, name: A, mode: maybe}]":                            "mode",
		"facilities: [{id: a, name: A, hours: [\"mon 9-17\"]}]":                  "hours",
		"facilities: [{id: a, name: A, contract: {SOON: {final: 1h}}}]":          "SOON",
		"facilities: [{id: a, name: A, contract: {STAT: {final: 1s}}}]":          "limits",
		"facilities: [{id: a, name: A, contract: {STAT: {time: lunch}}}]":        "lunch",
		"users: [{login: r, name: R, role: reader, license_expires: 31-3-2027}]": "license_expires",
		"users: [{login: r, name: R, role: reader, capacity: 100}]":              "capacity",
		"users: [{login: r, name: R, role: coordinator, capacity: 4}]":           "only who reads",
		"facilities: [{id: a, name: A, retention: {images: 3 years}}]":           "period",
		"facilities: [{id: a, name: A, retention: {pictures: 3y}}]":              "pictures",
		"closures: [99-99]": "closure",
		"rules: [{name: x, if: 'patient == 1', then: {panel: a, within: 1h}}]":                  "expression",
		"rules: [{name: x, until: 2026-13-01, then: {panel: a, within: 1h}}]":                   "until",
		"rules: [{name: x, from: 2026-02-01, until: 2026-01-01, then: {panel: a, within: 1h}}]": "ends before",
		"rules: [{name: x, then: {panel: a, within: 1h, assign: lottery}}]":                     "lottery",
	} {
		if _, err := site.Parse(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	d := worklisttest.Open(t)
	for text, want := range map[string]string{
		"facilities: [{id: a, name: A, panel: none}]":             "no panel",
		"facilities: [{id: a, name: A, readers: [nobody]}]":       "no reader",
		"users: [{login: r, name: R, role: reader, home: there}]": "no facility",
	} {
		if _, err := site.Plan(t.Context(), d.Read(t.Context()), parse(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	apply(t, d, parse(t, `
facilities: [{id: a, name: A, contract: {STAT: {claim: 5m, final: 20m}, ROUTINE: {final: 8h, time: working}}, hours: ["mon-fri 09:00-17:00"]}]
closures: []
`))
	p, err := worklist.ProfileOfFacility(t.Context(), d.Read(t.Context()), "a")
	if err != nil || !p.Contract[worklist.Routine].Working || p.Contract[worklist.STAT].Claim.Minutes() != 5 || len(p.Hours) != 1 {
		t.Errorf("%+v %v", p, err)
	}
	if p, err := retention.PolicyOf(t.Context(), d.Read(t.Context()), "a"); err != nil || p != retention.Default {
		t.Errorf("retention %+v %v", p, err)
	}
	kept := parse(t, "facilities: [{id: a, name: A, retention: {images: 10y, trash: 7d}}]")
	apply(t, d, kept)
	if p, err := retention.PolicyOf(t.Context(), d.Read(t.Context()), "a"); err != nil || p.Images.Years != 10 || p.Trash.Days != 7 || p.Reports != retention.Default.Reports {
		t.Errorf("retention %+v %v", p, err)
	}
	if plan, err := site.Plan(t.Context(), d.Read(t.Context()), kept); err != nil || !plan.Empty() {
		t.Errorf("the same once more: %v %v", plan, err)
	}
	if list, err := worklist.Closures(t.Context(), d.Read(t.Context())); err != nil || len(list) != 0 {
		t.Errorf("closures %v %v", list, err)
	}
}
