package rule_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

func p[T any](v T) *T { return &v }

// TestConditions: one condition, one study, whether it matches.
func TestConditions(t *testing.T) {
	t.Parallel()
	study := rule.Subject{
		FacilityID: "kaifu", Modalities: []string{"CT", "SR"}, BodyParts: []string{"HEAD"},
		Texts:     []string{"突然の右片麻痺。脳卒中疑い ＣＴ依頼", "Head routine, Stroke?", "ｱﾀﾏ tanjun active"},
		BirthDate: "19580402", Sex: "M", Date: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
	}
	for _, c := range []struct {
		when string
		want bool
		why  string // in the English reason
	}{
		{`{}`, true, "no condition"},
		{`{"modality":["CT","MR"]}`, true, "modality is CT"},
		{`{"modality":["ct"]}`, true, ""},
		{`{"modality":["MR"]}`, false, "modality is CT, SR, not MR"},
		{`{"body_part":["BRAIN","head"]}`, true, ""},
		{`{"facility":["minami"]}`, false, "hospital is kaifu"},
		{`{"words":["脳卒中"]}`, true, `"脳卒中"`},
		{`{"words":["心筋梗塞"]}`, false, "none of the words"},
		{`{"words":["stroke"]}`, true, ""},
		{`{"words":["ＳＴＲＯＫＥ"]}`, true, ""},
		{`{"words":["strok"]}`, false, ""},
		{`{"words":["strok*"]}`, true, ""},
		{`{"words":["ct"]}`, true, "in full width in the text"},
		{`{"words":["tive"]}`, false, "inside a word"},
		{`{"words":["アタマ"]}`, true, "half-width in the text"},
		{`{"words":["右 片麻痺"]}`, false, "a space counts"},
		{`{"words":["head   ROUTINE"]}`, true, "runs of space do not"},
		{`{"age":{"min":67}}`, true, "age 67"},
		{`{"age":{"min":68}}`, false, "birthday is tomorrow"},
		{`{"age":{"max":67,"min":67}}`, true, ""},
		{`{"age":{"max":66}}`, false, "outside"},
		{`{"sex":["M"]}`, true, ""},
		{`{"sex":["F","O"]}`, false, ""},
		{`{"priority":["ROUTINE"]}`, true, ""},
		{`{"priority":["STAT"]}`, false, ""},
		{`{"modality":["CT"],"words":["麻痺"],"age":{"min":18},"sex":["M"]}`, true, "modality is CT; "},
		{`{"modality":["CT"],"words":["麻痺"],"age":{"min":80},"sex":["M"]}`, false, "age 67"},
	} {
		var when rule.Condition
		if err := json.Unmarshal([]byte(c.when), &when); err != nil {
			t.Fatal(err)
		}
		set := rule.Set{Rules: []rule.Rule{{Name: "r", When: when, PanelID: "a"}}, Fallback: rule.BuiltIn().Fallback}
		d := set.Evaluate(study)
		got := d.Reasons[0]
		if got.Matched != c.want || got.Chosen != c.want {
			t.Errorf("%s: matched %v (%s), want %v", c.when, got.Matched, got.Text["en"], c.want)
		}
		if got.Text["ja"] == "" || got.Text["en"] == "" {
			t.Errorf("%s: a reason is missing in one language: %v", c.when, got.Text)
		}
		if strings.ContainsAny(c.why, `";0123456789`) && !strings.Contains(got.Text["en"], c.why) {
			t.Errorf("%s: reason %q, want %q in it", c.when, got.Text["en"], c.why)
		}
	}
}

func TestUnknownIsNoMatch(t *testing.T) {
	t.Parallel()
	for _, when := range []rule.Condition{
		{Modality: []string{"CT"}}, {BodyPart: []string{"HEAD"}}, {Words: []string{"麻痺"}}, {Age: &rule.AgeRange{Min: p(0)}}, {Sex: []string{"M"}},
	} {
		d := rule.Set{Rules: []rule.Rule{{Name: "r", When: when}}}.Evaluate(rule.Subject{})
		if d.Reasons[0].Matched {
			t.Errorf("%+v matched a study that says nothing: %s", when, d.Reasons[0].Text["en"])
		}
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		birth, age string
		want       int // -1: unknown
	}{
		{"20000301", "", 26},
		{"20000302", "", 25},
		{"20260228", "", 0},
		{"20240229", "", 2},
		{"", "067Y", 67},
		{"", "023M", 1},
		{"", "104W", 2},
		{"", "400D", 1},
		{"bad", "030Y", 30},
		{"20270101", "", -1},
		{"", "67Y", -1},
		{"", "0x7Y", -1},
		{"", "", -1},
		{"", "-12Y", -1},
	} {
		at := func(n int) bool {
			s := rule.Subject{BirthDate: c.birth, Age: c.age, Date: day}
			return rule.Set{Rules: []rule.Rule{{Name: "r", When: rule.Condition{Age: &rule.AgeRange{Min: p(n), Max: p(n)}}}}}.Evaluate(s).Reasons[0].Matched
		}
		for n := range 100 {
			if at(n) != (n == c.want) {
				t.Errorf("birth %q, age %q: %d years: %v", c.birth, c.age, n, at(n))
			}
		}
	}
}

// TestRequestedPriority: which urgency the words of a request ask for.
func TestRequestedPriority(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value, text string
		want        worklist.Priority
	}{
		{"", "至急お願いします", worklist.STAT},
		{"", "【大至急】頭部CT", worklist.STAT},
		{"", "緊急検査", worklist.STAT},
		{"", "ＳＴＡＴ", worklist.STAT},
		{"", "stat.", worklist.STAT},
		{"", "status post resection", worklist.Routine},
		{"", "緊急性は低い", worklist.Routine},
		{"", "急ぎではない", worklist.Routine},
		{"", "non-urgent follow up", worklist.Routine},
		{"", "準緊急", worklist.Urgent},
		{"", "お急ぎでお願いします", worklist.Urgent},
		{"", "Urgent", worklist.Urgent},
		{"", "insurgent", worklist.Routine},
		{"", "経過観察", worklist.Routine},
		{"", "", worklist.Routine},
		{"STAT", "急ぎではない", worklist.STAT},
		{"HIGH", "", worklist.Urgent},
		{"ROUTINE", "至急", worklist.Routine},
		{"LOW", "", worklist.Routine},
		{"至急", "", worklist.STAT},
	} {
		d := rule.BuiltIn().Evaluate(rule.Subject{Priority: c.value, Texts: []string{c.text}})
		if d.Priority != c.want {
			t.Errorf("%q, %q: %s, want %s", c.value, c.text, d.Priority, c.want)
		}
	}
}

func TestFirstMatchWins(t *testing.T) {
	t.Parallel()
	set := rule.Set{
		Rules: []rule.Rule{
			{Name: "mr", When: rule.Condition{Modality: []string{"MR"}}, PanelID: "a", Priority: worklist.STAT},
			{Name: "ct", When: rule.Condition{Modality: []string{"CT"}}, PanelID: "b"},
			{Name: "all", PanelID: "c", Priority: worklist.Routine},
		},
		Fallback: rule.Rule{PanelID: "z"},
	}
	d := set.Evaluate(rule.Subject{Modalities: []string{"CT"}, Texts: []string{"至急"}})
	if d.Rule.Name != "ct" || d.Priority != worklist.STAT {
		t.Errorf("chose %+v with priority %s", d.Rule, d.Priority)
	}
	var said []string
	for _, r := range d.Reasons {
		s := r.Rule + " no"
		if r.Matched {
			s = r.Rule + " yes"
		}
		if r.Chosen {
			s += " chosen"
		}
		said = append(said, s)
	}
	if want := "mr no, ct yes chosen, all yes, fallback yes"; strings.Join(said, ", ") != want {
		t.Errorf("reasons: %s; want %s", strings.Join(said, ", "), want)
	}
}

// TestAlwaysCaught: whatever the rules and the study, one rule is chosen, it is
// the first that matched, and the same question has the same answer.
func TestAlwaysCaught(t *testing.T) {
	t.Parallel()
	words := rapid.SampledFrom([]string{"CT", "MR", "HEAD", "麻痺", "ｶﾅ", "至急", "*", "", "stroke", "\xff", "a b"})
	rapid.Check(t, func(t *rapid.T) {
		list := func(name string) []string { return rapid.SliceOfN(words, 0, 3).Draw(t, name) }
		var set rule.Set
		for i := range rapid.IntRange(0, 5).Draw(t, "rules") {
			when := rule.Condition{Modality: list("modality"), BodyPart: list("part"), Words: list("words"), Sex: list("sex")}
			if rapid.Bool().Draw(t, "aged") {
				when.Age = &rule.AgeRange{Min: p(rapid.IntRange(0, 100).Draw(t, "min"))}
			}
			set.Rules = append(set.Rules, rule.Rule{Name: string(rune('a' + i)), When: when, PanelID: string(rune('A' + i))})
		}
		set.Fallback = rule.Rule{Name: rule.FallbackName, PanelID: "fallback"}
		s := rule.Subject{Modalities: list("m"), BodyParts: list("b"), Texts: list("t"), Age: rapid.SampledFrom([]string{"", "050Y"}).Draw(t, "age")}
		d := set.Evaluate(s)
		if len(d.Reasons) != len(set.Rules)+1 || !d.Priority.Valid() || d.Rule.PanelID == "" {
			t.Fatalf("decision %+v", d)
		}
		chosen, first := -1, -1
		for i, r := range d.Reasons {
			if r.Chosen && chosen >= 0 {
				t.Fatal("two rules chosen")
			}
			if r.Chosen {
				chosen = i
			}
			if r.Matched && first < 0 {
				first = i
			}
		}
		if chosen < 0 || chosen != first || d.Reasons[chosen].Rule != d.Rule.Name {
			t.Fatalf("chosen %d, first match %d, rule %q", chosen, first, d.Rule.Name)
		}
		if again := set.Evaluate(s); !reflect.DeepEqual(again, d) {
			t.Fatal("the same question had another answer")
		}
	})
}

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	worklisttest.Panel(t, d, "npo")
	ctx := t.Context()
	load := func() rule.Set {
		t.Helper()
		set, err := rule.Load(ctx, d.Read(ctx))
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	save := func(set rule.Set) {
		t.Helper()
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error { return rule.Save(ctx, tx, set, "test") })
	}
	if got := load(); got.Fallback.PanelID != worklist.PanelUnassigned || len(got.Rules) != 0 {
		t.Errorf("a new database: %+v", got)
	}
	set := rule.Set{
		Rules: []rule.Rule{
			{Name: "b", When: rule.Condition{Words: []string{"脳卒中"}, Age: &rule.AgeRange{Max: p(15)}}, PanelID: "npo", Priority: worklist.STAT, Within: 30 * time.Minute},
			{Name: "a", PanelID: "npo", Within: time.Hour},
		},
		Fallback: rule.Rule{PanelID: "npo", Within: 24 * time.Hour},
	}
	save(set)
	first := load()
	if len(first.Rules) != 2 || first.Rules[0].Name != "b" || !reflect.DeepEqual(first.Rules[0].When, set.Rules[0].When) ||
		first.Rules[0].Within != 30*time.Minute || first.Fallback.Name != rule.FallbackName {
		t.Errorf("loaded %+v", first)
	}
	save(rule.Set{Rules: []rule.Rule{set.Rules[1], set.Rules[0]}, Fallback: set.Fallback})
	second := load()
	if second.Rules[1].ID != first.Rules[0].ID || second.Rules[0].Name != "a" || second.Fallback.ID != first.Fallback.ID {
		t.Errorf("a rule lost its ID when the order changed: %+v", second)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	c := rule.Condition{Modality: []string{"CT", "MR"}, Words: []string{"麻痺"}, Age: &rule.AgeRange{Min: p(18)}}
	if got := strings.Join(c.Describe("ja"), " / "); got != "モダリティ: CT, MR / 語: 麻痺 / 年齢: 18-" {
		t.Error(got)
	}
	if got := strings.Join(c.Describe("en"), " / "); got != "modality: CT, MR / words: 麻痺 / age: 18-" {
		t.Error(got)
	}
	if got := (rule.Condition{}).Describe("en"); len(got) != 1 || got[0] != "every study" {
		t.Error(got)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	var set rule.Set
	for range 20 {
		set.Rules = append(set.Rules, rule.Rule{When: rule.Condition{Modality: []string{"CT"}, Words: []string{"脳卒中", "麻痺", "stroke", "trauma"}}})
	}
	s := rule.Subject{Modalities: []string{"CT"}, Texts: []string{strings.Repeat("経過観察のため単純CTをお願いします。", 10), "Chest routine"}}
	b.ReportAllocs()
	for b.Loop() {
		set.Evaluate(s)
	}
}
