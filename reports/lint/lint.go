package lint

import (
	"slices"
	"strings"
)

// Names of the sections, those of a draft.
const (
	Findings       = "findings"
	Impression     = "impression"
	Recommendation = "recommendation"
	Comparison     = "comparison"
	Addendum       = "addendum"
)

// Report is what the rules look at.
type Report struct {
	Sections map[string]string // by name
	Whole    bool              // a whole report, not an addendum to one

	Request    string
	Modalities []string
	BodyPart   string // (0018,0015)
	Laterality string // R, L, or nothing
	Sex        string // M, F, O, or nothing
	Priors     int    // earlier examinations of the patient
	Figures    []int  // the figures there are
	Critical   bool   // somebody is to be told
}

// Finding is one thing a rule asks about.
type Finding struct {
	Rule    string            `json:"rule"`
	Section string            `json:"section"` // "" : the whole report
	Quote   string            `json:"quote"`   // the words it is about, "" when it is about their absence
	Text    map[string]string `json:"text"`    // by language: ja, en
	// Fixes are what can stand in place of Quote, by language, where that is a matter
	// of spelling: several where it can be read in several ways.
	Fixes []map[string]string `json:"fixes,omitempty"`
}

// Rule is a named check.
type Rule struct {
	Name  string
	Check func(Report) []Finding
}

// Rules are all rules, in the order in which their findings are shown.
func Rules() []Rule {
	return []Rule{
		{"side", side},
		{"sex", sex},
		{"critical", critical},
		{"question", question},
		{"region", region},
		{"lesion-size", lesionSize},
		{"lesion-site", lesionSite},
		{"figure", figure},
		{"comparison", comparison},
		{"abbreviation", abbreviation},
	}
}

// Check asks every rule. One rule says one thing about one quote once, however it is
// capitalized.
func Check(r Report) []Finding {
	var out []Finding
	for _, rule := range Rules() {
		for _, f := range rule.Check(r) {
			f.Rule = rule.Name
			same := func(g Finding) bool { return g.Rule == f.Rule && strings.EqualFold(g.Quote, f.Quote) }
			if !slices.ContainsFunc(out, same) {
				out = append(out, f)
			}
		}
	}
	return out
}

// order is that in which sections are read.
var order = []string{Comparison, Findings, Impression, Recommendation, Addendum}

// text is everything the reader wrote.
func (r Report) text() string {
	var parts []string
	for _, name := range order {
		parts = append(parts, r.Sections[name])
	}
	return strings.Join(parts, "\n")
}

// each calls fn for every sentence of every section.
func (r Report) each(fn func(section, sentence, next string)) {
	for _, name := range order {
		list := sentences(r.Sections[name])
		for i, s := range list {
			next := ""
			if i+1 < len(list) {
				next = list[i+1]
			}
			fn(name, s, next)
		}
	}
}

// sentences parts a text at line ends, 。and full stops before a space.
func sentences(text string) []string {
	var out []string
	text = strings.ReplaceAll(text, "。", "。\n")
	text = strings.ReplaceAll(text, ". ", ".\n")
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func finding(section, quote, ja, en string) Finding {
	return Finding{Section: section, Quote: quote, Text: map[string]string{"ja": ja, "en": en}}
}
