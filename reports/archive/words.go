package archive

import (
	"slices"
	"strings"
	"unicode"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/storage/catalog"
)

const (
	maxWord  = 32   // characters of a word that are kept
	maxWords = 4000 // of one report
	maxAsked = 24   // of one search
)

// words are what a text is found by: in order, each once.
func words(text string) []string {
	var out []string
	each(catalog.Fold(text), func(run []rune, dense bool) {
		if !dense {
			out = append(out, string(run[:min(len(run), maxWord)]))
			return
		}
		if len(run) == 1 {
			out = append(out, string(run))
			return
		}
		for i := range len(run) - 1 {
			out = append(out, string(run[i:i+2]))
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// each calls fn for the runs of a folded text: of kanji and kana, and of other
// letters and digits.
func each(folded string, fn func(run []rune, dense bool)) {
	var run []rune
	was := 0
	for _, r := range folded + " " {
		now := 0
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana), r == 'ー', r == '々':
			now = 1
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			now = 2
		}
		if now != was && len(run) > 0 {
			fn(run, was == 1)
			run = run[:0]
		}
		if was = now; now != 0 {
			run = append(run, r)
		}
	}
}

// textOf is the text of a report that is searched.
func textOf(r *reports.Report) string {
	parts := make([]string, 0, len(r.Sections)+8)
	for _, s := range r.Sections {
		parts = append(parts, s.Text)
	}
	for _, m := range r.Marks.Measurements {
		parts = append(parts, m.Name)
	}
	if c := r.Marks.Critical; c != nil {
		parts = append(parts, c.Finding)
	}
	return strings.Join(parts, "\n")
}

// codesOf are the words of codes of a report.
func codesOf(r *reports.Report) []string {
	out := []string{"code=" + strings.ToLower(r.Title.Code), "kind=" + string(r.Kind), "language=" + r.Language}
	for _, m := range r.Study.Modalities {
		out = append(out, "modality="+strings.ToLower(m))
	}
	for _, m := range r.Marks.Measurements {
		if m.Code != "" {
			out = append(out, "code="+strings.ToLower(m.Code))
		}
	}
	for _, c := range r.Codes() {
		out = append(out, "code="+strings.ToLower(c.Finding.Value))
		for _, m := range c.Modifiers {
			out = append(out, "code="+strings.ToLower(m.Value.Value))
		}
	}
	if r.Marks.Critical != nil {
		out = append(out, "critical="+r.Marks.Critical.Level)
	}
	if r.Marks.Teaching {
		out = append(out, "teaching=yes")
	}
	return out
}

// indexed are all words of a report.
func indexed(r *reports.Report) []string {
	all := words(textOf(r))
	all = append(all[:min(len(all), maxWords)], codesOf(r)...)
	slices.Sort(all)
	return slices.Compact(all)
}

// phrases are the parts of a search that have to stand in the text as they are.
func phrases(q string) []string { return strings.Fields(catalog.Fold(q)) }

// holds says that a text has every phrase in it.
func holds(text string, list []string) bool {
	folded := catalog.Fold(text)
	return !slices.ContainsFunc(list, func(p string) bool { return !strings.Contains(folded, p) })
}
