package reports

import (
	"strings"

	"github.com/dokuei/dokuei/reports/template"
)

// compose makes the sections of a new version from what the reader wrote, or
// says what is missing. previous is nil for the first version.
func compose(draft Draft, previous *Report) ([]Section, error) {
	text := draft.Sections
	var refusal IncompleteError
	text.each(func(name, _ string, s *string) {
		*s = CleanText(*s)
		if template.Blanks(*s) {
			refusal.Blanks = append(refusal.Blanks, name)
		}
	})
	var sections []Section
	if previous == nil {
		if strings.TrimSpace(text.Findings) == "" {
			refusal.Missing = append(refusal.Missing, "findings")
		}
		if strings.TrimSpace(text.Impression) == "" {
			refusal.Missing = append(refusal.Missing, "impression")
		}
		sections = written(text, draft.Language)
	} else {
		added := addendum(text, draft.Language)
		if added == "" {
			refusal.Missing = append(refusal.Missing, "addendum")
		}
		// The earlier text stays as it was signed (PS3.3 C.17.2: the content of a
		// predecessor is included in the new document).
		sections = append(sections, previous.Sections...)
		sections = append(sections, Section{CodeAddendum, Heading(CodeAddendum, draft.Language, ""), added})
	}
	if len(refusal.Missing)+len(refusal.Blanks) > 0 {
		return nil, &refusal
	}
	return sections, nil
}

// written lists the sections that have a text.
func written(text Sections, language string) []Section {
	var out []Section
	text.each(func(_, code string, s *string) {
		if strings.TrimSpace(*s) != "" {
			out = append(out, Section{code, Heading(code, language, ""), *s})
		}
	})
	return out
}

// addendum is the one text of an addendum: what stands under "addendum", then
// the other sections that were written, each under its heading.
func addendum(text Sections, language string) string {
	parts := []string{}
	for _, s := range written(Sections{Addendum: text.Addendum}, language) {
		parts = append(parts, s.Text)
	}
	text.Addendum = ""
	for _, s := range written(text, language) {
		parts = append(parts, s.Heading+": "+s.Text)
	}
	return strings.Join(parts, "\n")
}
