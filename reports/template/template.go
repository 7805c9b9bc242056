// Package template holds the built-in texts a report starts from: per modality
// and region, in Japanese and English. They are data (data/*.yaml, embedded),
// one file a template, and the text of a normal finding is a sentence the
// reader keeps, changes or deletes; blanks are written as ＿ or ___ so that an
// unfilled one is seen by the reader, and [Blanks] finds it before signing.
//
// Left out: structured fields, macros, import of IHE MRRT.
// The set is read once and immutable; everything is safe for concurrent use.
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
	Findings       string `yaml:"findings" json:"findings"`
	Impression     string `yaml:"impression" json:"impression"`
	Recommendation string `yaml:"recommendation" json:"recommendation"`
}

// Template is one text to start from.
type Template struct {
	ID       string   `yaml:"id"`
	Language string   `yaml:"language"`
	Name     string   `yaml:"name"`
	Modality string   `yaml:"modality"` // "" fits every modality
	BodyPart []string `yaml:"body_part"`
	Order    int      `yaml:"order"`
	Sections Sections `yaml:"sections"`
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
		if t.Name == "" || t.Sections.Findings == "" || t.Sections.Impression == "" {
			return nil, fmt.Errorf("template: %s: name, findings and impression are needed", name)
		}
		out = append(out, t)
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

// Blanks reports whether a text still has a blank of a template in it.
func Blanks(text string) bool {
	return strings.Contains(text, "___") || strings.Contains(text, "＿＿")
}
