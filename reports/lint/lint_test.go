package lint_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports/lint"
	"github.com/dokuei/dokuei/reports/template"
)

func head(findings, impression string) lint.Report {
	return lint.Report{
		Whole: true, Modalities: []string{"CT"}, BodyPart: "HEAD", Sex: "M",
		Sections: map[string]string{lint.Findings: findings, lint.Impression: impression},
	}
}

func with(r lint.Report, change func(*lint.Report)) lint.Report {
	change(&r)
	return r
}

func TestRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		in   lint.Report
		want []string // rule "quote"
	}{
		{"clean", head("右被殻に高吸収域を認めます。", "右被殻の高吸収域。"), nil},
		{"side between sections", head("右被殻に高吸収域を認めます。", "左被殻の高吸収域。"), []string{"side 左被殻"}},
		{
			"one thing once, however it is capitalized", head("Hyperdensity in the right putamen. Fx なし。R/O 脳梗塞。", "Left putaminal lesion in the brain; left putaminal. fx なし、r/o 脳梗塞。"),
			[]string{"side Left putaminal", "abbreviation Fx", "abbreviation R/O"},
		},
		{"side in English", head("Hyperdensity in the right putamen.", "Left putaminal lesion in the brain."), []string{"side Left putaminal"}},
		{"both sides", head("両側被殻に石灰化。右被殻に高吸収域。", "左被殻の石灰化。"), nil},
		{"both are there", head("左被殻に石灰化。右被殻に高吸収域。", "左被殻の石灰化。"), nil},
		{"crossed", with(head("右被殻に高吸収域。", "右被殻の高吸収域。"), func(r *lint.Report) { r.Request = "左片麻痺" }), nil},
		{"side of the request", with(head("", ""), func(r *lint.Report) {
			r.BodyPart, r.Request = "KNEE", "右膝痛。半月板損傷の疑い"
			r.Sections[lint.Findings], r.Sections[lint.Impression] = "左膝内側半月板に断裂。", "左膝半月板断裂。"
		}), []string{"side 左膝内側半月板", "side 左膝半月板断裂"}},
		{"laterality of the images", with(head("左膝に関節液。", "左膝関節液貯留。"), func(r *lint.Report) { r.BodyPart, r.Laterality = "KNEE", "R" }), []string{"side 左膝", "side 左膝関節液貯留"}},
		{"question", with(head("脳実質に低吸収域はみられません。", "脳に新鮮な変化なし。"), func(r *lint.Report) { r.Request = "転倒。出血、骨折の有無" }), []string{"question 出血", "question 骨折"}},
		{"question answered at large", with(head("脳実質に異常なし。", "頭部に異常を認めません。"), func(r *lint.Report) { r.Request = "出血の有無" }), nil},
		{"region", head("病変はありません。", "肝に占拠性病変なし。"), []string{"region 肝"}},
		{"lesion", head("脳に腫瘤を認めます。", "脳の病変。"), []string{"lesion-size 脳に腫瘤を認めます。"}},
		{"lesion with size after it", head("左前頭葉に腫瘤を認めます。大きさは32×21mmです。", "左前頭葉の病変。"), nil},
		{"lesion without place", head("12 mmの結節あり。", "脳の病変。"), []string{"lesion-site 12 mmの結節あり。"}},
		{"no lesion", head("脳に腫瘤を認めません。", "脳に病変なし。"), nil},
		{"mass effect", head("No mass effect on the brain. Mild mass effect.", "Normal study."), nil},
		{"figure", with(head("右被殻に高吸収域（図２）。", "脳の病変 (Fig. 1)。"), func(r *lint.Report) { r.Figures = []int{1} }), []string{"figure 図2"}},
		{"comparison", with(head("脳に変化なし。", "脳に変化なし。"), func(r *lint.Report) { r.Priors = 2 }), []string{"comparison "}},
		{"compared", with(head("前回と比べ脳に変化なし。", "脳に変化なし。"), func(r *lint.Report) { r.Priors = 2 }), nil},
		{"critical", head("右被殻に高吸収域を認めます。", "右被殻出血。"), []string{"critical 被殻出血"}},
		{"critical told", with(head("右被殻に高吸収域。", "右被殻出血。"), func(r *lint.Report) { r.Critical = true }), nil},
		{"critical negated", head("脳に異常なし。", "くも膜下出血を認めません。"), nil},
		{"critical in English", head("Blood in the brain cisterns.", "Subarachnoid haemorrhage."), []string{"critical Subarachnoid haemorrhage"}},
		{"abbreviation", head("脳にSOLなし。", "脳はWNL。"), []string{"abbreviation SOL", "abbreviation WNL"}},
		{"axonal injury", head("脳にＤＡＩ、SDH/SAHなし。", "脳はn.p. R/O 梗塞。"), []string{"abbreviation DAI", "abbreviation SDH", "abbreviation SAH", "abbreviation n.p.", "abbreviation R/O"}},
		{"read in two ways", head("脳。PEを認めません。", "脳に変化なし。"), []string{"abbreviation PE"}},
		{"one way is said", head("脳。肺塞栓症（PE）を認めません。", "脳に変化なし。"), nil},
		{"a unit and what every ward knows", head("脳に12 MMの変化。CT, MRI, DWI, T1WI, L5/S1, e.g. 脳。", "脳に変化なし。"), nil},
		{"abbreviation spelt", head("脳に占拠性病変（SOL）なし。", "脳は変化なし。"), nil},
		{"sex", head("脳。子宮に変化なし。", "脳に変化なし。"), []string{"sex 子宮"}},
		{"sex of a woman", with(head("脳。Prostate unremarkable.", "脳に変化なし。"), func(r *lint.Report) { r.Sex = "F" }), []string{"sex Prostat"}},
		{"addendum", lint.Report{Priors: 3, Request: "出血", BodyPart: "HEAD", Sections: map[string]string{lint.Addendum: "左右を訂正します。"}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range lint.Check(c.in) {
				got = append(got, f.Rule+" "+f.Quote)
				if f.Text["ja"] == "" || f.Text["en"] == "" {
					t.Errorf("%s does not speak both languages", f.Rule)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// What can be read in several ways is asked about with each, in both languages, and
// nothing stands for itself.
func TestAbbreviationsAreSpeltOut(t *testing.T) {
	t.Parallel()
	for short, want := range map[string][]string{"DAI": {"diffuse axonal injury"}, "MS": {"multiple sclerosis", "mitral stenosis"}} {
		f := lint.Check(lint.Report{Sections: map[string]string{lint.Findings: short}})
		if len(f) != 1 || len(f[0].Fixes) != len(want) {
			t.Fatalf("%s: %+v", short, f)
		}
		for n, fix := range f[0].Fixes {
			if fix["en"] != want[n] || fix["ja"] == "" || !strings.Contains(f[0].Text["en"], fix["en"]) || !strings.Contains(f[0].Text["ja"], fix["ja"]) {
				t.Errorf("%s: %+v", short, f[0])
			}
		}
	}
}

// What the built-in templates write says nothing that the rule asks about.
func TestTemplatesAreSpeltOut(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"ja", "en"} {
		all, err := template.All(language)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			for _, i := range one.Items {
				texts := []string{i.Text, i.None}
				for _, o := range i.Options {
					texts = append(texts, o.Label, o.Text)
				}
				for _, f := range lint.Check(lint.Report{Sections: map[string]string{lint.Findings: strings.Join(texts, "\n")}}) {
					if f.Rule == "abbreviation" {
						t.Errorf("%s in %s: %s has %q", one.ID, language, i.ID, f.Quote)
					}
				}
			}
		}
	}
}

// What is quoted stands in the text: the page marks it there.
func FuzzCheck(f *testing.F) {
	f.Add("右被殻に腫瘤（図２）。SOL", "左被殻出血", "右膝 出血")
	f.Add("İ left İ", "ſ mass Ⅻ", "\xff左\xfe")
	f.Fuzz(func(t *testing.T, findings, impression, request string) {
		r := head(findings, impression)
		r.Request, r.Priors, r.Laterality = request, 1, "L"
		for _, x := range lint.Check(r) {
			if x.Rule == "" || len(x.Quote) > len(findings)+len(impression)+len(request)+16 {
				t.Errorf("finding %+v", x)
			}
		}
	})
}

func ExampleCheck() {
	for _, f := range lint.Check(lint.Report{
		Whole: true, BodyPart: "HEAD",
		Sections: map[string]string{"findings": "右被殻に高吸収域を認めます。", "impression": "左被殻の高吸収域。"},
	}) {
		fmt.Println(f.Rule, f.Section, f.Text["en"])
	}
	// Output: side impression "左被殻" is on the other side than in the findings.
}

// A report of a hundred pages is read in no time that anybody would notice.
func BenchmarkCheck(b *testing.B) {
	r := head(strings.Repeat("右上葉に径12mmの結節を認め、辺縁はやや不整です。", 400), "右上葉結節。")
	b.ReportAllocs()
	for b.Loop() {
		lint.Check(r)
	}
}
