package template

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Kind is how an item is answered.
type Kind string

// The kinds.
const (
	Choice Kind = "choice" // one of the options
	Many   Kind = "many"   // any number of them
	Number Kind = "number"
	Text   Kind = "text"
)

// Item is one question of a template.
//
// In its texts {value} is its own answer, {score} what [Item.From] leaves, and
// {other} the answer of the item of that ID.
type Item struct {
	ID    string `yaml:"id" json:"id"`
	Label string `yaml:"label" json:"label"`
	// Code names what the codes of its options are the values of (Finding Site,
	// Laterality); without it they are findings.
	Code    *Concept `yaml:"code,omitempty" json:"code,omitempty"`
	Kind    Kind     `yaml:"kind" json:"kind"`
	Section string   `yaml:"section,omitempty" json:"section,omitempty"` // "": findings
	// When says which answers of an item before it ask for this one:
	// "bleed=ich|sdh". Without it the item is always asked.
	When string `yaml:"when,omitempty" json:"when,omitempty"`
	// Inline items write no line: others name them in theirs.
	Inline  bool     `yaml:"inline,omitempty" json:"inline,omitempty"`
	Options []Option `yaml:"options,omitempty" json:"options,omitempty"`
	Text    string   `yaml:"text,omitempty" json:"text,omitempty"` // the line of a kind that is no choice
	// Normal is the option of a normal finding; None the line of a Many of which
	// nothing is chosen.
	Normal string `yaml:"normal,omitempty" json:"normal,omitempty"`
	None   string `yaml:"none,omitempty" json:"none,omitempty"`
	// From is the score of nothing chosen; each option takes one away (ASPECTS).
	From int      `yaml:"from,omitempty" json:"from,omitempty"`
	Unit string   `yaml:"unit,omitempty" json:"unit,omitempty"`
	Min  *float64 `yaml:"min,omitempty" json:"min,omitempty"`
	Max  *float64 `yaml:"max,omitempty" json:"max,omitempty"`
}

// Option is a ready answer.
type Option struct {
	ID    string   `yaml:"id" json:"id"`
	Label string   `yaml:"label" json:"label"`
	Code  *Concept `yaml:"code,omitempty" json:"code,omitempty"`
	Text  string   `yaml:"text,omitempty" json:"text,omitempty"` // "": Label, where another item names it
	// Impression is what it adds to the impression.
	Impression string `yaml:"impression,omitempty" json:"impression,omitempty"`
}

// Limits of one template.
const (
	MaxItems   = 200
	maxOptions = 60
	maxID      = 64
	maxLabel   = 200      // characters
	maxText    = 4000     // characters of one text
	MaxSection = 64 << 10 // bytes of a whole section
)

// ErrTemplate says that a template breaks a rule of this package.
var ErrTemplate = errors.New("template")

func (i *Item) section() string {
	if i.Section == "" {
		return "findings"
	}
	return i.Section
}

func (i *Item) normalText() string {
	switch {
	case i.Inline || i.When != "":
		return ""
	case i.Kind == Many:
		return i.None
	}
	for _, o := range i.Options {
		if o.ID == i.Normal {
			return o.Text
		}
	}
	return ""
}

var (
	place = regexp.MustCompile(`\{([^{}]*)\}`)
	ident = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
)

// Check says what is wrong with a template: everything names what is there, and
// nothing is beyond its limit.
func (t *Template) Check() error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w: "+format, append([]any{ErrTemplate}, args...)...)
	}
	if strings.TrimSpace(t.Name) == "" || utf8.RuneCountInString(t.Name) > maxLabel {
		return bad("a name of at most %d characters is needed", maxLabel)
	}
	if t.Language != "ja" && t.Language != "en" {
		return bad("the language is ja or en")
	}
	if len(t.Items) > MaxItems || len(t.BodyPart) > 50 || len(t.Modality) > 16 {
		return bad("at most %d items and 50 body parts", MaxItems)
	}
	for _, s := range []string{t.Sections.History, t.Sections.Technique, t.Sections.Comparison, t.Sections.Findings, t.Sections.Impression, t.Sections.Recommendation} {
		if len(s) > MaxSection {
			return bad("a section is longer than %d bytes", MaxSection)
		}
	}
	seen := map[string]*Item{}
	for n := range t.Items {
		i := &t.Items[n]
		if !ident.MatchString(i.ID) || len(i.ID) > maxID || i.ID == "value" || i.ID == "score" || seen[i.ID] != nil {
			return bad("item %d: its ID is taken or is none", n+1)
		}
		if err := i.check(seen); err != nil {
			return bad("item %s: %v", i.ID, err)
		}
		seen[i.ID] = i
	}
	for _, i := range t.Items {
		for _, text := range i.texts() {
			for _, m := range place.FindAllStringSubmatch(text, -1) {
				if m[1] != "value" && m[1] != "score" && seen[m[1]] == nil {
					return bad("item %s names %s, which is not there", i.ID, m[1])
				}
			}
		}
	}
	return nil
}

func (i *Item) texts() []string {
	out := []string{i.Text, i.None}
	for _, o := range i.Options {
		out = append(out, o.Text, o.Impression)
	}
	return out
}

func (i *Item) check(before map[string]*Item) error {
	switch {
	case strings.TrimSpace(i.Label) == "" || utf8.RuneCountInString(i.Label) > maxLabel:
		return errors.New("it has no label, or one too long")
	case !slices.Contains([]Kind{Choice, Many, Number, Text}, i.Kind):
		return errors.New("kind is choice, many, number or text")
	case new(Sections).of(i.section()) == nil:
		return errors.New("there is no such section")
	case (i.Kind == Choice || i.Kind == Many) != (len(i.Options) > 0), len(i.Options) > maxOptions:
		return errors.New("choices have options, others none")
	case i.Min != nil && i.Max != nil && *i.Min > *i.Max:
		return errors.New("min is above max")
	}
	if i.Code != nil {
		if err := i.Code.check(); err != nil {
			return err
		}
	}
	for _, text := range i.texts() {
		if utf8.RuneCountInString(text) > maxText {
			return errors.New("a text is too long")
		}
	}
	ids := map[string]bool{}
	for _, o := range i.Options {
		if !ident.MatchString(o.ID) || len(o.ID) > maxID || ids[o.ID] || strings.TrimSpace(o.Label) == "" || utf8.RuneCountInString(o.Label) > maxLabel {
			return errors.New("an option has no label, or its ID is taken or none")
		}
		ids[o.ID] = true
		if o.Code != nil {
			if err := o.Code.check(); err != nil {
				return err
			}
		}
	}
	if i.Normal != "" && !ids[i.Normal] {
		return errors.New("its normal answer is not there")
	}
	if place.MatchString(i.normalText()) {
		return errors.New("a normal answer has nothing to fill in")
	}
	if i.When == "" {
		return nil
	}
	other, answers, ok := strings.Cut(i.When, "=")
	asked := before[other]
	if !ok || asked == nil {
		return errors.New("when names no item before it")
	}
	for a := range strings.SplitSeq(answers, "|") {
		if !slices.ContainsFunc(asked.Options, func(o Option) bool { return o.ID == a }) {
			return errors.New("when names no answer of " + other)
		}
	}
	return nil
}
