package rule_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

func headCT() rule.Subject {
	return rule.Subject{
		FacilityID: "kaifu", Modalities: []string{"CT"}, BodyParts: []string{"HEAD"}, Texts: []string{"右片麻痺 ｔ-ＰＡ適応?"},
		Age: "081Y", Sex: "F", Images: 412, Open: false, Procedure: "1080100000000000",
		Series: []rule.Series{{Modality: "CT", Protocol: "Brain Perfusion", Images: 400}, {Modality: "CT", Protocol: "Scout", Images: 2}},
	}
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want bool
		why  string
	}{
		{`true`, true, "holds"},
		{`"CT" in study.modalities and study.age >= 75 and not hospital.open`, true, "holds"},
		{`"CT" in study.modalities && study.age < 75`, false, "does not hold: study.age < 75"},
		{`any(series, .protocol contains "Perfusion")`, true, ""},
		{`all(series, .images > 100)`, false, ""},
		{`count(series, .images > 100) == 1`, true, ""},
		{`says("脳梗塞", "t-PA")`, true, "widths do not count"},
		{`says("骨折")`, false, "says"},
		{`request.jj1017.modality == "1" and request.jj1017.technique == "0801" and request.jj1017.site == "000" and request.jj1017.side == "0"`, true, ""},
		{`request.jj1017.site == "200"`, false, ""},
		{`request.priority == "STAT" or study.images > 400`, true, ""},
		{`hospital.mode == "both" and hospital.id in ["kaifu", "minami"]`, true, ""},
		{`request.procedure startsWith "1080"`, true, ""},
		{`request.text matches "("`, false, "error in running is no match"},
	} {
		set := rule.Set{Rules: []rule.Rule{{Name: "r", If: c.text}}, Fallback: rule.BuiltIn().Fallback}
		if err := rule.CheckExpression(c.text); err != nil {
			if c.text != `request.text matches "("` {
				t.Errorf("%s: %v", c.text, err)
			}
			continue
		}
		d := set.Evaluate(headCT())
		r := d.Reasons[0]
		if r.Matched != c.want || c.want != r.Chosen {
			t.Errorf("%s: matched %v, want %v (%s)", c.text, r.Matched, c.want, r.Text["en"])
		}
		if strings.HasPrefix(c.why, "does") && !strings.Contains(r.Text["en"], c.why) {
			t.Errorf("%s: %q does not say %q", c.text, r.Text["en"], c.why)
		}
		if r.Text["ja"] == "" || r.Text["ja"] == r.Text["en"] {
			t.Errorf("%s: no reason in Japanese", c.text)
		}
	}
}

func TestExpressionsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`study.nothing == 1`, `study.age`, `study.age + `, `patient.name == "x"`,
		`len(1..1000000) > 3`, `any(series, any(series, any(series, true)))`, `2 ** 1000 > 1`, `let x = 1; x > 0`,
		`{"a": 1}.a == 1`, `study.modalities[0:1] == ["CT"]`, `sort(study.modalities) == []`, `now() != nil`, `fromJSON("1") == 1`,
		strings.Repeat(`true and `, 300) + `true`, `"` + strings.Repeat("x", rule.MaxExpression) + `" == ""`,
	} {
		var wrong *rule.ExpressionError
		if err := rule.CheckExpression(text); !errors.As(err, &wrong) {
			t.Errorf("%.60s: %v", text, err)
		}
	}
}

func TestDatesOfEffect(t *testing.T) {
	t.Parallel()
	set := rule.Set{Rules: []rule.Rule{{Name: "new year", From: "2027-01-01", Until: "2027-01-03"}}, Fallback: rule.BuiltIn().Fallback}
	for day, want := range map[string]bool{"2026-12-31T23:59:59": false, "2027-01-01T00:00:00": true, "2027-01-03T23:59:59": true, "2027-01-04T00:00:00": false} {
		s := headCT()
		at, err := time.ParseInLocation("2006-01-02T15:04:05", day, calendar.Tokyo)
		if err != nil {
			t.Fatal(err)
		}
		s.At = at
		if got := set.Evaluate(s).Reasons[0].Matched; got != want {
			t.Errorf("%s: in force %v", day, got)
		}
	}
}

func TestHoldWaitsForTheCoordinator(t *testing.T) {
	t.Parallel()
	set := rule.Set{Rules: []rule.Rule{{Name: "hold", PanelID: "npo", Hold: true}}, Fallback: rule.BuiltIn().Fallback}
	if d := set.Evaluate(headCT()); d.Rule.PanelID != worklist.PanelUnassigned {
		t.Errorf("held on %s", d.Rule.PanelID)
	}
}

// The same study and rules give the same decision, whatever the expressions.
func TestEvaluationIsAFunction(t *testing.T) {
	t.Parallel()
	parts := []string{`"CT" in study.modalities`, `study.age > 60`, `says("麻痺")`, `any(series, .images > 10)`, `hospital.open`, `request.priority == "STAT"`}
	rapid.Check(t, func(t *rapid.T) {
		var set rule.Set
		for range rapid.IntRange(0, 5).Draw(t, "rules") {
			set.Rules = append(set.Rules, rule.Rule{
				Name: rapid.String().Draw(t, "name"), If: strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 3).Draw(t, "if"), " and "), PanelID: "p",
			})
		}
		set.Fallback = rule.BuiltIn().Fallback
		s := headCT()
		s.Open = rapid.Bool().Draw(t, "open")
		compiled := set.Compile()
		a, b := compiled.Evaluate(s), set.Evaluate(s)
		chosen := 0
		for i := range a.Reasons {
			if a.Reasons[i].Matched != b.Reasons[i].Matched || a.Reasons[i].Text["ja"] != b.Reasons[i].Text["ja"] {
				t.Fatal("two answers to one question")
			}
			if a.Reasons[i].Chosen {
				chosen++
			}
		}
		if chosen != 1 {
			t.Fatalf("%d rules chosen", chosen)
		}
	})
}
