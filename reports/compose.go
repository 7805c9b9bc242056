package reports

import (
	"slices"
	"strings"

	"github.com/dokuei/dokuei/reports/template"
	"github.com/dokuei/dokuei/worklist"
)

// kindOf is the kind of version that signing an item makes. trainee and readings
// are of the item's panel; previous is nil for the first version.
func kindOf(w worklist.Workitem, previous *Report, trainee bool, readings int) Kind {
	switch w.Purpose {
	case worklist.Retraction:
		return Retraction
	case worklist.Correction:
		return Correction
	case worklist.Verification, worklist.Consensus:
		return Final
	case worklist.SecondReading:
		return Preliminary
	}
	switch {
	case trainee && (previous == nil || previous.Kind == Preliminary):
		return Preliminary
	case previous != nil && previous.Kind == Retraction:
		return Correction // nothing is left that could be added to
	case previous != nil && previous.Kind != Preliminary:
		return Addendum
	case previous == nil && (readings > 1 || w.Purpose == worklist.Double):
		return Preliminary
	}
	return Final
}

// followUp is the item that a signature leaves to do; ok is false when there is
// none.
func followUp(w worklist.Workitem, kind Kind, trainee bool) (p worklist.Purpose, ok bool) {
	switch {
	case kind != Preliminary:
		return "", false
	case w.Purpose == worklist.SecondReading:
		return worklist.Consensus, true
	case trainee:
		return worklist.Verification, true
	}
	return worklist.SecondReading, true
}

// compose makes the sections of a new version from what the reader wrote, or
// says what is missing. unread are engines of whose text the draft has something that
// its reader has not said to have read. previous is nil for the first version.
func compose(draft Draft, kind Kind, previous *Report, unread []string) ([]Section, error) {
	text := draft.Sections
	var refusal IncompleteError
	text.each(func(name, _ string, s *string) {
		*s = CleanText(*s)
		if template.Blanks(*s) {
			refusal.Blanks = append(refusal.Blanks, name)
		}
	})
	need := func(name, s string) {
		if strings.TrimSpace(s) == "" {
			refusal.Missing = append(refusal.Missing, name)
		}
	}
	var sections []Section
	switch kind {
	case Retraction:
		need("reason", text.Reason)
		sections = written(Sections{Reason: text.Reason}, draft.Language)
	case Addendum:
		text.Reason = ""
		added := addendum(text, draft.Language)
		need("addendum", added)
		// The earlier text stays as it was signed (PS3.3 C.17.2: the content of a
		// predecessor is included in the new document).
		sections = append(sections, previous.Sections...)
		sections = append(sections, Section{CodeAddendum, Heading(CodeAddendum, draft.Language, ""), added})
	default:
		need("findings", text.Findings)
		need("impression", text.Impression)
		if kind == Correction {
			need("reason", text.Reason)
		} else {
			text.Reason = ""
		}
		sections = written(text, draft.Language)
	}
	for _, engine := range append(draft.Marks.unseen(), unread...) {
		if !slices.Contains(refusal.Unseen, engine) {
			refusal.Unseen = append(refusal.Unseen, engine)
		}
	}
	if len(refusal.Missing)+len(refusal.Blanks)+len(refusal.Unseen) > 0 {
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
