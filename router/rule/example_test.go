package rule_test

import (
	"fmt"
	"time"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/worklist"
)

// A study is asked about by two rules; the decision says what each answered.
func Example() {
	set := rule.Set{
		Rules: []rule.Rule{
			{Name: "children", When: rule.Condition{Age: &rule.AgeRange{Max: p(15)}}, PanelID: "children", Within: 4 * time.Hour},
			{
				Name: "stroke", When: rule.Condition{Modality: []string{"CT", "MR"}, Words: []string{"麻痺", "stroke"}},
				PanelID: "neuro", Priority: worklist.STAT, Within: 30 * time.Minute,
			},
		},
		Fallback: rule.Rule{Name: rule.FallbackName, PanelID: "npo", Within: 24 * time.Hour},
	}
	d := set.Evaluate(rule.Subject{
		Modalities: []string{"CT"}, Age: "067Y", Texts: []string{"突然の右片麻痺。ＣＴ依頼"},
	})
	fmt.Println(d.Rule.PanelID, d.Priority)
	for _, r := range d.Reasons {
		fmt.Printf("%s: %v: %s\n", r.Rule, r.Matched, r.Text["en"])
	}
	// Output:
	// neuro STAT
	// children: false: age 67 is outside -15
	// stroke: true: modality is CT; the request or description says "麻痺"
	// fallback: true: not needed: a rule above matched
}
