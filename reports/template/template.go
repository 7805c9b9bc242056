// Package template holds what a report starts from: built-in templates by
// modality and region in Japanese and English, templates and short texts of
// readers, and templates of other makers (IHE MRRT).
//
// A template is a list of [Item]s. Each is a question with ready answers, and
// the answer is text: choosing one writes its line into a section of the report,
// which the reader goes on to write as any text. There is no second truth beside
// the text: what was chosen is kept with the draft and is not signed. Codes of
// answers ([Coded]) are signed with the lines they stand for, as long as these stand.
//
// Built-in templates are data (data/*.yaml, embedded), one file a template,
// read once and immutable. A place that was not filled in reads ＿＿ or ___, and
// [Blanks] finds it before signing. Nothing is normal until the reader says so:
// texts of normal findings ([Template.Normal]) are written on request only.
//
// [ParseMRRT] and [WriteMRRT] are the HTML5 form of the IHE Radiology profile
// "Management of Radiology Report Templates". Of a file only text and structure
// are taken over, within [Limits]: no markup, script or link of it is kept.
package template

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed data
var data embed.FS

// Sections are the texts of a template, by the headings of a report.
type Sections struct {
	History        string `yaml:"history,omitempty" json:"history,omitempty"`
	Technique      string `yaml:"technique,omitempty" json:"technique,omitempty"`
	Comparison     string `yaml:"comparison,omitempty" json:"comparison,omitempty"`
	Findings       string `yaml:"findings" json:"findings"`
	Impression     string `yaml:"impression" json:"impression"`
	Recommendation string `yaml:"recommendation" json:"recommendation"`
}

// of is the text of a section by its name; nil when there is none of that name.
func (s *Sections) of(name string) *string {
	switch name {
	case "history":
		return &s.History
	case "technique":
		return &s.Technique
	case "comparison":
		return &s.Comparison
	case "findings":
		return &s.Findings
	case "impression":
		return &s.Impression
	case "recommendation":
		return &s.Recommendation
	}
	return nil
}

// Template is what one kind of report starts from.
type Template struct {
	ID       string   `yaml:"id" json:"id"`
	Language string   `yaml:"language" json:"language"`
	Name     string   `yaml:"name" json:"name"`
	Modality string   `yaml:"modality" json:"modality"` // "" fits every modality
	BodyPart []string `yaml:"body_part" json:"bodyPart"`
	Order    int      `yaml:"order" json:"order"`
	Items    []Item   `yaml:"items" json:"items"`
	// Sections stand beside the items: what is written when every item is at its
	// normal answer.
	Sections Sections `yaml:"sections" json:"sections"`
}

var all = sync.OnceValues(func() ([]Template, error) { return load(data) })

// load reads every template of a folder; a mistake in one is an error of all.
func load(fsys fs.FS) ([]Template, error) {
	names, err := fs.Glob(fsys, "data/*.yaml")
	if err != nil {
		return nil, err
	}
	var out []Template
	for _, name := range names {
		if name == "data/codes.yaml" {
			continue
		}
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		d := yaml.NewDecoder(bytes.NewReader(b))
		d.KnownFields(true)
		var t Template
		if err := d.Decode(&t); err != nil {
			return nil, fmt.Errorf("template: %s: %w", name, err)
		}
		if want := strings.TrimSuffix(path.Base(name), ".yaml"); t.ID+"."+t.Language != want {
			return nil, fmt.Errorf("template: %s holds %s.%s", name, t.ID, t.Language)
		}
		if err := t.Check(); err != nil {
			return nil, fmt.Errorf("template: %s: %w", name, err)
		}
		if n := t.Normal(); n.Findings == "" || n.Impression == "" {
			return nil, fmt.Errorf("template: %s: findings and impression are needed", name)
		}
		out = append(out, t)
	}
	if err := encode(fsys, out); err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b Template) int {
		if a.Order != b.Order {
			return a.Order - b.Order
		}
		return strings.Compare(a.ID+a.Language, b.ID+b.Language)
	})
	return out, nil
}

// All returns the templates of a language in their order; of every language
// for "".
func All(language string) ([]Template, error) {
	ts, err := all()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(ts), func(t Template) bool {
		return language != "" && t.Language != language
	}), nil
}

// Normal is the text of the template when every item has its normal answer.
func (t *Template) Normal() Sections {
	out := t.Sections
	for _, i := range t.Items {
		line := i.normalText()
		s := out.of(i.section())
		if line == "" || s == nil {
			continue
		}
		if *s != "" {
			line = *s + "\n" + line
		}
		*s = line
	}
	return out
}

// Blanks reports whether a text still has a blank of a template in it.
func Blanks(text string) bool {
	return strings.Contains(text, "___") || strings.Contains(text, "＿＿")
}
