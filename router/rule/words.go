package rule

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/dokuei/dokuei/worklist"
)

// fold makes writings of one word equal: NFKC joins full and half width forms,
// case folding joins cases, and runs of white space become one space.
func fold(s string) string {
	return strings.Join(strings.Fields(cases.Fold().String(norm.NFKC.String(s))), " ")
}

// anyWord holds when one of the words occurs in one of the folded texts.
func anyWord(texts, words []string) (bool, sentence) {
	for _, w := range words {
		for _, t := range texts {
			if contains(t, w) {
				return true, sayWord(w)
			}
		}
	}
	if len(texts) == 0 {
		return false, sayNoText
	}
	return false, sayNoWord(strings.Join(words, ", "))
}

// contains looks for a word in a folded text. A word that begins or ends with
// a letter or digit of a script with spaces must begin or end there in the
// text too ("CT" is not in "active"); a star at its end allows any ending.
// Japanese is written without spaces, so its words match anywhere.
func contains(text, word string) bool {
	w := fold(word)
	open := strings.HasSuffix(w, "*")
	w = strings.TrimRight(w, "* ")
	if w == "" {
		return false
	}
	first, _ := utf8.DecodeRuneInString(w)
	last, _ := utf8.DecodeLastRuneInString(w)
	for from := 0; ; {
		i := strings.Index(text[from:], w)
		if i < 0 {
			return false
		}
		i += from
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(w):])
		if (i == 0 || !spaced(first) || !spaced(before)) &&
			(open || i+len(w) == len(text) || !spaced(last) || !spaced(after)) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		from = i + size
	}
}

// spaced reports whether r belongs to a script that puts spaces between words.
func spaced(r rune) bool {
	if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai) || r == 'ー' {
		return false
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// Words by which a request says how soon, tried in this order; denials are
// taken out first, for a request that is "not urgent" says urgent too.
var (
	denials = []string{
		"緊急ではない", "緊急ではありません", "緊急でない", "緊急性なし", "緊急性は低い", "緊急性はない", "緊急性に乏しい", "非緊急",
		"至急ではない", "至急でない", "急ぎません", "急ぎではない", "急がない", "not urgent", "non-urgent", "nonurgent", "non urgent",
		"not stat", "non-emergency", "not an emergency", "no emergency",
	}
	statWords   = []string{"至急", "大至急", "緊急", "超緊急", "stat", "emergency", "emergent", "immediately"}
	urgentWords = []string{"準緊急", "準至急", "お急ぎ", "急ぎ", "早めに", "早急", "当日中", "本日中", "urgent", "asap", "same day"}
)

// requested finds the priority a study asks for: the value of Requested
// Procedure Priority (0040,1003) when it is one of its enumerated values
// (PS3.3 Table C.4-11), else the words of the texts, else ROUTINE.
func requested(value string, texts []string) worklist.Priority {
	switch fold(value) {
	case "stat":
		return worklist.STAT
	case "high", "urgent":
		return worklist.Urgent
	case "routine", "medium", "low":
		return worklist.Routine
	}
	found := worklist.Routine
	for _, t := range append([]string{fold(value)}, texts...) {
		for _, d := range denials {
			t = strings.ReplaceAll(t, fold(d), " ")
		}
		for _, w := range urgentWords {
			if contains(t, w) {
				found = worklist.Urgent
				t = strings.ReplaceAll(t, fold(w), " ") // 準緊急 holds 緊急
			}
		}
		for _, w := range statWords {
			if contains(t, w) {
				return worklist.STAT
			}
		}
	}
	return found
}
