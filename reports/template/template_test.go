package template_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports/template"
)

func TestEveryTemplateInBothLanguages(t *testing.T) {
	t.Parallel()
	ja, err := template.All("ja")
	if err != nil {
		t.Fatal(err)
	}
	en, err := template.All("en")
	if err != nil {
		t.Fatal(err)
	}
	if len(ja) != 9 || len(en) != len(ja) {
		t.Fatalf("%d Japanese and %d English templates, want 9 and 9", len(ja), len(en))
	}
	for i := range ja {
		if ja[i].ID != en[i].ID || ja[i].Modality != en[i].Modality {
			t.Errorf("place %d is %s in Japanese and %s in English", i, ja[i].ID, en[i].ID)
		}
		if len(ja[i].Items) != len(en[i].Items) {
			t.Fatalf("%s asks %d things in Japanese, %d in English", ja[i].ID, len(ja[i].Items), len(en[i].Items))
		}
		for n, a := range ja[i].Items {
			b := en[i].Items[n]
			if a.ID != b.ID || a.Kind != b.Kind || a.Normal != b.Normal || a.When != b.When || a.Inline != b.Inline || a.Section != b.Section || len(a.Options) != len(b.Options) {
				t.Errorf("%s: %s and %s are not the same question", ja[i].ID, a.ID, b.ID)
			}
			for m := range a.Options {
				if a.Options[m].ID != b.Options[m].ID || (a.Options[m].Impression == "") != (b.Options[m].Impression == "") {
					t.Errorf("%s %s: the answers differ", ja[i].ID, a.ID)
				}
			}
		}
	}
}

func TestBlanks(t *testing.T) {
	t.Parallel()
	if !template.Blanks("大きさ＿＿mm") || !template.Blanks("size ___ mm") || template.Blanks("a_b") {
		t.Error("blanks are not told from text")
	}
}

// What is normal is written without a blank, and without any finding.
func TestNormalTextHasNoBlank(t *testing.T) {
	t.Parallel()
	all, err := template.All("")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		if x.ID == "general" {
			continue
		}
		if n := x.Normal(); template.Blanks(n.Findings+n.Impression) || strings.Contains(n.Findings, "{") {
			t.Errorf("%s.%s: %s", x.ID, x.Language, n.Findings)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	yes := template.Option{ID: "y", Label: "yes", Text: "yes"}
	for name, items := range map[string][]template.Item{
		"an ID twice":         {{ID: "a", Label: "a", Kind: template.Text}, {ID: "a", Label: "b", Kind: template.Text}},
		"no label":            {{ID: "a", Kind: template.Text}},
		"no such kind":        {{ID: "a", Label: "a", Kind: "slider"}},
		"no such section":     {{ID: "a", Label: "a", Kind: template.Text, Section: "billing"}},
		"no options":          {{ID: "a", Label: "a", Kind: template.Choice}},
		"options of a text":   {{ID: "a", Label: "a", Kind: template.Text, Options: []template.Option{yes}}},
		"no such normal":      {{ID: "a", Label: "a", Kind: template.Choice, Normal: "n", Options: []template.Option{yes}}},
		"a condition forward": {{ID: "a", Label: "a", Kind: template.Text, When: "b=y"}, {ID: "b", Label: "b", Kind: template.Choice, Options: []template.Option{yes}}},
		"an unknown answer":   {{ID: "b", Label: "b", Kind: template.Choice, Options: []template.Option{yes}}, {ID: "a", Label: "a", Kind: template.Text, When: "b=z"}},
		"an unknown place":    {{ID: "a", Label: "a", Kind: template.Text, Text: "{nowhere}"}},
	} {
		x := template.Template{Name: "x", Language: "en", Items: items}
		if err := x.Check(); !errors.Is(err, template.ErrTemplate) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
