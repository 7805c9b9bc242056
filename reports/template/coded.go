package template

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Concept is a coded concept, PS3.3 §8.
type Concept struct {
	Value   string `json:"value"`
	Scheme  string `json:"scheme"` // coding scheme designator, PS3.16 §8: SCT, DCM, LN, RADLEX
	Meaning string `json:"meaning"`
}

// UnmarshalYAML reads "SCT 50960005 Hemorrhage".
func (c *Concept) UnmarshalYAML(node *yaml.Node) error {
	parts := strings.SplitN(node.Value, " ", 3)
	if len(parts) != 3 {
		return errors.New("a code is scheme, value and meaning")
	}
	*c = Concept{Scheme: parts[0], Value: parts[1], Meaning: parts[2]}
	return c.check()
}

// check bounds a code by the basic coded entry attributes, PS3.3 Table 8.8-1.
func (c *Concept) check() error {
	for _, one := range []struct {
		text string
		most int
	}{{c.Value, 16}, {c.Scheme, 16}, {c.Meaning, 64}} {
		if n := utf8.RuneCountInString(one.text); n == 0 || n > one.most || strings.TrimSpace(one.text) != one.text || strings.ContainsAny(one.text, "\\\r\n\t") {
			return errors.New("a code has a value and a scheme of at most 16 characters and a meaning of at most 64")
		}
	}
	return nil
}

// Modifier says more about a finding: where it is, on which side.
type Modifier struct {
	Name  Concept `json:"name"`
	Value Concept `json:"value"`
}

// Coded is what a line of a report says, in codes. It holds as long as the line
// stands in its section as it was written.
type Coded struct {
	Section   string     `json:"section"`
	Line      string     `json:"line"`
	Finding   Concept    `json:"finding"`
	Modifiers []Modifier `json:"modifiers,omitempty"`
}

// Coded are the findings of answers that have codes. What is normal or only
// suspected has none: a report must not be found by what it does not say.
func (t *Template) Coded(answers map[string][]string) []Coded {
	a := answering{t, answers}
	var out []Coded
	for n := range t.Items {
		i := &t.Items[n]
		if i.Inline || !a.asked(i) {
			continue
		}
		text, chosen := i.Text, a.chosen(i)
		if i.Kind == Choice {
			if len(chosen) == 0 {
				continue
			}
			text = chosen[0].Text
		}
		line := a.filled(i, text)
		if line == "" {
			continue
		}
		var findings []Concept
		var modifiers []Modifier
		for _, o := range chosen {
			if o.Code != nil {
				findings = append(findings, *o.Code)
			}
		}
		for _, m := range place.FindAllStringSubmatch(text, -1) {
			other := a.item(m[1])
			if other == nil {
				continue
			}
			for _, o := range a.chosen(other) {
				switch {
				case o.Code == nil:
				case other.Code != nil:
					modifiers = append(modifiers, Modifier{*other.Code, *o.Code})
				default:
					findings = append(findings, *o.Code)
				}
			}
		}
		// A side is said after its site.
		slices.SortStableFunc(modifiers, func(a, b Modifier) int { return isSide(a) - isSide(b) })
		for _, f := range findings {
			out = append(out, Coded{Section: i.section(), Line: line, Finding: f, Modifiers: slices.Clone(modifiers)})
		}
	}
	return out
}

func isSide(m Modifier) int {
	if m.Name.Value == "272741003" { // SCT, Laterality
		return 1
	}
	return 0
}

// answering are a template's answers, and what its texts are with them, as the
// pages write them (viewer/web/src/reading/answers.ts).
type answering struct {
	t       *Template
	answers map[string][]string
}

func (a answering) item(id string) *Item {
	for n := range a.t.Items {
		if a.t.Items[n].ID == id {
			return &a.t.Items[n]
		}
	}
	return nil
}

// asked reports whether the answers before it ask for an item.
func (a answering) asked(i *Item) bool {
	for i.When != "" { // names items before it only: it ends
		id, wanted, _ := strings.Cut(i.When, "=")
		other := a.item(id)
		if other == nil || !slices.ContainsFunc(strings.Split(wanted, "|"), func(w string) bool { return slices.Contains(a.answers[id], w) }) {
			return false
		}
		i = other
	}
	return true
}

func (a answering) chosen(i *Item) []Option {
	var out []Option
	for _, o := range i.Options {
		if slices.Contains(a.answers[i.ID], o.ID) {
			out = append(out, o)
		}
	}
	return out
}

// value is what stands where an item is named.
func (a answering) value(i *Item) string {
	blank, join := "＿＿", "、"
	if a.t.Language == "en" {
		blank, join = "___", ", "
	}
	var words []string
	if i.Kind == Choice || i.Kind == Many {
		for _, o := range a.chosen(i) {
			if i.Inline && o.Text != "" {
				words = append(words, o.Text)
			} else {
				words = append(words, o.Label)
			}
		}
	} else if given := a.answers[i.ID]; len(given) > 0 {
		words = append(words, strings.TrimSpace(given[0]))
	}
	if s := strings.Join(words, join); s != "" {
		return s
	}
	return blank
}

func (a answering) filled(i *Item, text string) string {
	return place.ReplaceAllStringFunc(text, func(whole string) string {
		switch name := whole[1 : len(whole)-1]; name {
		case "value":
			return a.value(i)
		case "score":
			return strconv.Itoa(i.From - len(a.chosen(i)))
		default:
			if other := a.item(name); other != nil {
				return a.value(other)
			}
			return whole
		}
	})
}

// encode gives the built-in templates their codes, which are one list for every
// language: "item" and "item.option" of each template. A name that no template has
// is an error.
func encode(fsys fs.FS, all []Template) error {
	b, err := fs.ReadFile(fsys, "data/codes.yaml")
	if err != nil {
		return err
	}
	var codes map[string]map[string]*Concept
	if err := yaml.Unmarshal(b, &codes); err != nil {
		return fmt.Errorf("template: codes: %w", err)
	}
	for id, list := range codes {
		for at, code := range list {
			item, option, _ := strings.Cut(at, ".")
			put := 0
			for n := range all {
				if all[n].ID != id {
					continue
				}
				i := answering{t: &all[n]}.item(item)
				switch {
				case i == nil:
				case option == "":
					i.Code = code
					put++
				default:
					for m := range i.Options {
						if i.Options[m].ID == option {
							i.Options[m].Code = code
							put++
						}
					}
				}
			}
			if put != len(languages) {
				return fmt.Errorf("template: codes: %s has %s in %d of %d languages", id, at, put, len(languages))
			}
		}
	}
	return nil
}

// languages that every built-in template is in.
var languages = []string{"ja", "en"}
