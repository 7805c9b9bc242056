package peer

import (
	"fmt"
	"testing"
)

// The lot draws about as many as a rule asks for, and the same report always alike.
func TestDraw(t *testing.T) {
	t.Parallel()
	const n = 20_000
	hit := map[int]int{}
	for i := range n {
		id := fmt.Sprintf("report-%d", i)
		drawn := draw(id)
		if drawn < 0 || drawn > 99 || drawn != draw(id) {
			t.Fatalf("%s draws %d", id, drawn)
		}
		for _, percent := range []int{1, 5, 50} {
			if drawn < percent {
				hit[percent]++
			}
		}
	}
	for percent, got := range hit {
		if want := n * percent / 100; got < want*8/10 || got > want*12/10 {
			t.Errorf("%d of a hundred: %d of %d, want about %d", percent, got, n, want)
		}
	}
}

// What a rule fits: panel, modality and one of its words, letters of either case.
func TestRuleFits(t *testing.T) {
	t.Parallel()
	s := Signed{PanelID: "npo", Modalities: []string{"CT", "SR"}, Impression: "右被殻出血 (Hematoma)。"}
	for _, c := range []struct {
		rule Rule
		want bool
	}{
		{Rule{}, true},
		{Rule{PanelID: "npo"}, true},
		{Rule{PanelID: "univ"}, false},
		{Rule{Modality: "CT"}, true},
		{Rule{Modality: "MR"}, false},
		{Rule{Words: []string{"骨折", "hematoma"}}, true},
		{Rule{Words: []string{"骨折"}}, false},
		{Rule{PanelID: "npo", Modality: "CT", Words: []string{"出血"}}, true},
		{Rule{PanelID: "npo", Modality: "MR", Words: []string{"出血"}}, false},
	} {
		if got := c.rule.fits(s); got != c.want {
			t.Errorf("%+v fits: %v", c.rule, got)
		}
	}
}
