package site_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/db/dbtest"
)

const requiresSite = `
users:
  - {login: sato, name: S, role: reader, subspecialties: [neuro, child]}
  - {login: suzuki, name: S, role: reader, subspecialties: [neuro]}
panels: [{id: npo, name: NPO, readers: [sato, suzuki]}]
rules: [{name: head, when: {body_part: [HEAD]}, then: {panel: npo, within: 4h, requires: [neuro]}}]
fallback: {panel: npo, within: 24h}
`

// What a rule asks of its reader stays through the export, is told by a plan, and is
// refused where nobody of the panel could meet it.
func TestRequires(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, t.TempDir()+"/dokuei.db")
	apply := func(text string) (string, error) {
		f, err := site.Parse(strings.NewReader(text))
		if err != nil {
			return "", err
		}
		done, err := site.Apply(t.Context(), d, f, "test")
		return done.Diff.String(), err
	}
	if _, err := apply(requiresSite); err != nil {
		t.Fatal(err)
	}
	set, err := rule.Load(t.Context(), d.Read(t.Context()))
	if err != nil || !slices.Equal(set.Rules[0].Requires, []string{"neuro"}) || set.Fallback.Requires != nil {
		t.Fatal(set, err)
	}
	out, err := site.Export(t.Context(), d.Read(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := out.WriteYAML(&b); err != nil || !strings.Contains(b.String(), "requires: [neuro]") {
		t.Error(b.String(), err)
	}
	if diff, err := apply(b.String()); err != nil || strings.ContainsAny(diff, "+~-") {
		t.Error(diff, err)
	}
	diff, err := apply(strings.Replace(requiresSite, "requires: [neuro]", "requires: [neuro, child]", 1))
	if err != nil || !strings.Contains(diff, "requires neuro -> ") || !strings.HasSuffix(strings.TrimSpace(diff), "requires neuro, child") {
		t.Error(diff, err)
	}
	for text, want := range map[string]string{
		"requires: [heart]":                      "0 of the readers",
		"requires: [neuro, child, heart]":        "0 of the readers",
		"requires: [neuro, child], task: double": "1 of the readers of panel \"npo\" have it and 2 are needed",
		`requires: ["a,b"]`:                      "not a subspecialty",
		`requires: [" "]`:                        "not a subspecialty",
		"requires: [neuro, neuro]":               "twice",
	} {
		if _, err := apply(strings.Replace(requiresSite, "requires: [neuro]", text, 1)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if set, err := rule.Load(t.Context(), d.Read(t.Context())); err != nil || len(set.Rules[0].Requires) != 2 {
		t.Error("a refused file changed the rules", set, err)
	}
}
