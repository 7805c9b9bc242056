package assign_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, calendar.Tokyo)

func TestConstraints(t *testing.T) {
	t.Parallel()
	fit := assign.Reader{ID: "a", Login: "a", Duty: worklist.Reading}
	study := assign.Case{FacilityID: "kaifu", Modalities: []string{"CT"}, Panel: "npo", Priority: worklist.Routine, At: noon}
	for name, c := range map[string]struct {
		change func(*assign.Reader, *assign.Case)
		fit    bool
	}{
		"fit":                        {func(*assign.Reader, *assign.Case) {}, true},
		"licence on its last day":    {func(r *assign.Reader, _ *assign.Case) { r.LicenseExpires = "2026-11-25" }, true},
		"licence expired":            {func(r *assign.Reader, _ *assign.Case) { r.LicenseExpires = "2026-11-24" }, false},
		"reads the modality":         {func(r *assign.Reader, _ *assign.Case) { r.Modalities = []string{"MR", "CT"} }, true},
		"does not read the modality": {func(r *assign.Reader, _ *assign.Case) { r.Modalities = []string{"MR"} }, false},
		"own hospital":               {func(r *assign.Reader, _ *assign.Case) { r.Home = "kaifu" }, false},
		"conflict":                   {func(r *assign.Reader, _ *assign.Case) { r.Conflicts = []string{"x", "kaifu"} }, false},
		"language":                   {func(_ *assign.Reader, s *assign.Case) { s.Language = "en" }, false},
		"writes the language":        {func(r *assign.Reader, s *assign.Case) { s.Language, r.Languages = "en", []string{"ja", "en"} }, true},
		"subspecialties": {func(r *assign.Reader, s *assign.Case) {
			s.Requires, r.Subspecialties = []string{"neuro", "child"}, []string{"child", "neuro"}
		}, true},
		"one subspecialty of two": {func(r *assign.Reader, s *assign.Case) {
			s.Requires, r.Subspecialties = []string{"neuro", "child"}, []string{"child"}
		}, false},
		"no subspecialty, STAT":  {func(_ *assign.Reader, s *assign.Case) { s.Requires, s.Priority = []string{"neuro"}, worklist.STAT }, false},
		"off duty":               {func(r *assign.Reader, _ *assign.Case) { r.Duty = worklist.OffDuty }, false},
		"absent for STAT too":    {func(r *assign.Reader, s *assign.Case) { r.Duty, s.Priority = worklist.Absent, worklist.STAT }, false},
		"on call, routine":       {func(r *assign.Reader, _ *assign.Case) { r.Duty = worklist.OnCall }, false},
		"on call, STAT":          {func(r *assign.Reader, s *assign.Case) { r.Duty, s.Priority = worklist.OnCall, worklist.STAT }, true},
		"full":                   {func(r *assign.Reader, _ *assign.Case) { r.LastHour, r.Open = 3, 1 }, false},
		"full, STAT":             {func(r *assign.Reader, s *assign.Case) { r.LastHour, s.Priority = 9, worklist.STAT }, true},
		"full by an own measure": {func(r *assign.Reader, _ *assign.Case) { r.Capacity, r.Open = 2, 2 }, false},
	} {
		r, s := fit, study
		c.change(&r, &s)
		got := assign.Choose(s, []assign.Reader{r})[0]
		if got.Fit() != c.fit {
			t.Errorf("%s: fit %v, %v", name, got.Fit(), got.Reason)
		}
		if !c.fit && (got.Reason["ja"] == "" || got.Reason["en"] == "") {
			t.Errorf("%s: no reason in both languages", name)
		}
	}
}

func TestScore(t *testing.T) {
	t.Parallel()
	study := assign.Case{FacilityID: "kaifu", Panel: "neuro", Priority: worklist.Routine, Prefers: []string{"pref"}, Earlier: "earlier", At: noon}
	reader := func(id string, change func(*assign.Reader)) assign.Reader {
		r := assign.Reader{ID: id, Login: id, Duty: worklist.Reading}
		if change != nil {
			change(&r)
		}
		return r
	}
	for name, c := range map[string]struct {
		readers []assign.Reader
		first   string
	}{
		"preferred":                  {[]assign.Reader{reader("a", nil), reader("pref", nil)}, "pref"},
		"subspecialty":               {[]assign.Reader{reader("a", nil), reader("b", func(r *assign.Reader) { r.Subspecialties = []string{"neuro"} })}, "b"},
		"continuity":                 {[]assign.Reader{reader("a", nil), reader("earlier", nil)}, "earlier"},
		"load":                       {[]assign.Reader{reader("a", func(r *assign.Reader) { r.Open = 1 }), reader("b", nil)}, "b"},
		"load beats preference":      {[]assign.Reader{reader("a", nil), reader("pref", func(r *assign.Reader) { r.Open = 3 })}, "a"},
		"fairness over the month":    {[]assign.Reader{reader("a", func(r *assign.Reader) { r.Month = 30 }), reader("b", func(r *assign.Reader) { r.Month = 10 })}, "b"},
		"a tie is broken by the ID":  {[]assign.Reader{reader("b", nil), reader("a", nil)}, "a"},
		"the unfit stand at the end": {[]assign.Reader{reader("a", func(r *assign.Reader) { r.Duty = worklist.Absent }), reader("b", func(r *assign.Reader) { r.Open = 2 })}, "b"},
	} {
		if got := assign.Choose(study, c.readers)[0].Reader; got != c.first {
			t.Errorf("%s: %s first", name, got)
		}
	}
	chosen := assign.Pick(worklist.Deputy, study, []assign.Reader{reader("a", nil), reader("b", nil), reader("c", func(r *assign.Reader) { r.Duty = worklist.Absent })})
	if chosen.Main != "a" || chosen.Deputy != "b" || len(chosen.Candidates) != 3 {
		t.Errorf("%+v", chosen)
	}
	if none := assign.Pick(worklist.Direct, study, nil); none.Mode != worklist.Offer || none.Main != "" {
		t.Errorf("nobody there: %+v", none)
	}
}

// No choice breaks a hard constraint, and the same desks give the same choice
// whatever their order.
func TestChoiceHoldsWhatItMust(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		some := func(name string, words ...string) []string {
			return rapid.SliceOfN(rapid.SampledFrom(words), 0, 2).Draw(t, name)
		}
		var readers []assign.Reader
		for i := range rapid.IntRange(0, 6).Draw(t, "readers") {
			r := assign.Reader{ID: string(rune('a' + i)), Login: string(rune('a' + i))}
			r.Modalities, r.Conflicts = some("modalities", "CT", "MR"), some("conflicts", "kaifu", "minami")
			r.Home = rapid.SampledFrom([]string{"", "kaifu", "minami"}).Draw(t, "home")
			r.LicenseExpires = rapid.SampledFrom([]string{"", "2020-01-01", "2026-11-24", "2026-11-25", "2030-01-01"}).Draw(t, "licence")
			r.Languages = some("languages", "ja", "en")
			r.Capacity = rapid.IntRange(0, 6).Draw(t, "capacity")
			r.Duty = rapid.SampledFrom([]worklist.Duty{worklist.Reading, worklist.OnCall, worklist.OffDuty, worklist.Absent}).Draw(t, "duty")
			r.LastHour, r.Open, r.Month = rapid.IntRange(0, 5).Draw(t, "hour"), rapid.IntRange(0, 5).Draw(t, "open"), rapid.IntRange(0, 99).Draw(t, "month")
			readers = append(readers, r)
		}
		c := assign.Case{
			FacilityID: "kaifu", Modalities: some("study", "CT", "MR"), Priority: rapid.SampledFrom([]worklist.Priority{worklist.STAT, worklist.Routine}).Draw(t, "priority"),
			Language: rapid.SampledFrom([]string{"", "ja", "en"}).Draw(t, "language"), Prefers: some("prefers", "a", "b"), At: noon,
		}
		chosen := assign.Pick(worklist.Deputy, c, readers)
		if again := assign.Pick(worklist.Deputy, c, rapid.Permutation(readers).Draw(t, "order")); again.Main != chosen.Main || again.Deputy != chosen.Deputy {
			t.Fatal("another order, another reader")
		}
		fit := 0
		for _, candidate := range chosen.Candidates {
			for _, r := range readers {
				if r.ID != candidate.Reader {
					continue
				}
				why := speaksAgainst(c, r)
				if candidate.Fit() != (why == "") || why != "" && (r.ID == chosen.Main || r.ID == chosen.Deputy) {
					t.Fatalf("fit %v, and one of whom %q: %+v for %+v", candidate.Fit(), why, r, c)
				}
				if why == "" {
					fit++
				}
			}
		}
		if (chosen.Main != "") != (fit > 0) || (chosen.Deputy != "") != (fit > 1) || chosen.Main != "" && chosen.Main == chosen.Deputy {
			t.Fatalf("%d are fit, chosen are %q and %q", fit, chosen.Main, chosen.Deputy)
		}
	})
}

// speaksAgainst is the hard constraints once more, each by itself and in no order.
func speaksAgainst(c assign.Case, r assign.Reader) string {
	stat := c.Priority == worklist.STAT
	limit := worklist.DefaultCapacity
	if r.Capacity > 0 {
		limit = r.Capacity
	}
	language := "ja"
	if c.Language != "" {
		language = c.Language
	}
	writes := len(r.Languages) == 0 && language == "ja"
	for _, l := range r.Languages {
		writes = writes || l == language
	}
	reads := len(r.Modalities) == 0 || len(c.Modalities) == 0
	for _, m := range c.Modalities {
		reads = reads || slices.Contains(r.Modalities, m)
	}
	for why, is := range map[string]bool{
		"the licence has expired":     r.LicenseExpires != "" && r.LicenseExpires < c.At.Format(time.DateOnly),
		"it is the own hospital":      r.Home == c.FacilityID,
		"a conflict is declared":      slices.Contains(r.Conflicts, c.FacilityID),
		"the modality is not read":    !reads,
		"the language is not written": !writes,
		"nobody is there":             r.Duty == worklist.Absent || r.Duty == worklist.OffDuty,
		"only STAT is taken on call":  r.Duty == worklist.OnCall && !stat,
		"the hour is full":            !stat && r.LastHour+r.Open >= limit,
	} {
		if is {
			return why
		}
	}
	return ""
}

func TestLimits(t *testing.T) {
	t.Parallel()
	p := worklist.FacilityProfile{Hours: []string{"mon-fri 09:00-17:00"}, Contract: map[worklist.Priority]worklist.Terms{
		worklist.STAT: {Claim: 5 * time.Minute, Final: 20 * time.Minute}, worklist.Routine: {Final: 8 * time.Hour, Working: true},
	}}
	// Working time passes over the year's end, the holidays and the closed nights; wall time does not.
	closure, err := calendar.ParseClosure("12-29/01-03")
	if err != nil {
		t.Fatal(err)
	}
	eve := time.Date(2026, 12, 28, 16, 0, 0, 0, calendar.Tokyo) // a Monday
	got, err := assign.LimitsOf(rule.Decision{Priority: worklist.Routine}, p, calendar.Calendar{Closures: []calendar.Closure{closure}}, eve)
	if want := time.Date(2027, 1, 4, 16, 0, 0, 0, calendar.Tokyo); err != nil || !got.Final.Equal(want) {
		t.Errorf("over the year's end: %v, want %v, %v", got.Final, want, err)
	}
	got, err = assign.LimitsOf(rule.Decision{Priority: worklist.Routine}, p, calendar.Calendar{}, time.Date(2026, 11, 20, 16, 0, 0, 0, calendar.Tokyo)) // Monday is a holiday
	if want := time.Date(2026, 11, 24, 16, 0, 0, 0, calendar.Tokyo); err != nil || !got.Final.Equal(want) {
		t.Errorf("over a holiday: %v, want %v, %v", got.Final, want, err)
	}
	friday := time.Date(2026, 11, 27, 16, 0, 0, 0, calendar.Tokyo)
	for priority, want := range map[worklist.Priority]assign.Limits{
		worklist.STAT:    {Claim: friday.Add(5 * time.Minute), Final: friday.Add(20 * time.Minute)},
		worklist.Urgent:  {Claim: friday.Add(time.Hour), Final: friday.Add(3 * time.Hour)}, // not in the contract: the rule
		worklist.Routine: {Final: time.Date(2026, 11, 30, 16, 0, 0, 0, calendar.Tokyo)},
	} {
		got, err := assign.LimitsOf(rule.Decision{Priority: priority, Rule: rule.Rule{Within: 3 * time.Hour}}, p, calendar.Calendar{}, friday)
		if err != nil || !got.Claim.Equal(want.Claim) || !got.Final.Equal(want.Final) {
			t.Errorf("%s: %v, want %v, %v", priority, got, want, err)
		}
	}
}
