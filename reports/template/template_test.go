package template_test

import (
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
	if len(ja) != 5 || len(en) != len(ja) {
		t.Fatalf("%d Japanese and %d English templates, want 5 and 5", len(ja), len(en))
	}
	for i := range ja {
		if ja[i].ID != en[i].ID || ja[i].Modality != en[i].Modality {
			t.Errorf("place %d is %s in Japanese and %s in English", i, ja[i].ID, en[i].ID)
		}
	}
}

func TestBlanks(t *testing.T) {
	t.Parallel()
	if !template.Blanks("大きさ＿＿mm") || !template.Blanks("size ___ mm") || template.Blanks("a_b") {
		t.Error("blanks are not told from text")
	}
}
