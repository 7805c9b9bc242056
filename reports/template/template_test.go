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

func TestChoose(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		modalities []string
		part, want string
	}{
		{[]string{"CT"}, "HEAD", "head-ct"},
		{[]string{"CT"}, "brain", "head-ct"},
		{[]string{"CT", "SR"}, "CHEST", "chest-ct"},
		{[]string{"MR"}, "BRAIN", "brain-mr"},
		{[]string{"CT"}, "ABDOMEN", "abdomen-ct"},
		{[]string{"CT"}, "KNEE", "general"},
		{[]string{"US"}, "ABDOMEN", "general"},
		{nil, "", "general"},
	} {
		got, err := template.Choose("ja", tc.modalities, tc.part)
		if err != nil || got.ID != tc.want {
			t.Errorf("Choose(%v, %q) = %q, %v; want %q", tc.modalities, tc.part, got.ID, err, tc.want)
		}
	}
	if _, err := template.Choose("xx", nil, ""); err == nil {
		t.Error("an unknown language gave a template")
	}
}

func TestBlanks(t *testing.T) {
	t.Parallel()
	if !template.Blanks("大きさ＿＿mm") || !template.Blanks("size ___ mm") || template.Blanks("a_b") {
		t.Error("blanks are not told from text")
	}
}
