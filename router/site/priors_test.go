package site_test

import (
	"strings"
	"testing"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/db/dbtest"
)

const priorsSite = `
facilities: [{id: a, name: A, destinations: [{name: PACS, to: "PACS@h:104", retrieve_only: true}]}]
panels: [{id: npo, name: NPO}]
rules: [{name: CT, when: {modality: [CT]}, then: {panel: npo, within: 4h, priors: {from: PACS, most: 3, months: 24}}}]
fallback: {panel: npo, within: 24h}
`

// A rule that fetches earlier studies stays what it is when the directory is exported
// and applied again, and a plan says what changes.
func TestPriors(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, t.TempDir()+"/dokuei.db")
	apply := func(text string) site.Result {
		t.Helper()
		f, err := site.Parse(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		done, err := site.Apply(t.Context(), d, f, "test")
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	apply(priorsSite)
	set, err := rule.Load(t.Context(), d.Read(t.Context()))
	if err != nil || set.Rules[0].Priors != (rule.Priors{From: "PACS", Most: 3, Months: 24}) || set.Fallback.Priors != (rule.Priors{}) {
		t.Fatal(set, err)
	}
	out, err := site.Export(t.Context(), d.Read(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := out.WriteYAML(&b); err != nil || !strings.Contains(b.String(), "priors: {from: PACS, most: 3, months: 24}") {
		t.Error(b.String(), err)
	}
	if done := apply(b.String()); !done.Diff.Empty() {
		t.Error(done)
	}
	done := apply(strings.Replace(priorsSite, ", months: 24", "", 1))
	if plan := done.Diff.String(); !strings.Contains(plan, "priors 3 of PACS, 24 months ->") || !strings.HasSuffix(strings.TrimSpace(plan), "priors 3 of PACS") {
		t.Error(plan)
	}
	for text, want := range map[string]string{
		"from: PACS, most: 0": "from 1 to 20", "from: PACS, most: 21": "from 1 to 20", "from: PACS, most: 3, months: -1": "from 1 to 600", `from: "", most: 3`: "name of a destination",
	} {
		if _, err := site.Parse(strings.NewReader(strings.Replace(priorsSite, "from: PACS, most: 3, months: 24", text, 1))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
