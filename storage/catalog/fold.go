package catalog

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Fold is the form in which names and numbers are compared: compatibility
// characters composed (NFKC), full-width Latin and half-width kana to their
// ordinary width, katakana to hiragana, case ignored, separators of a PN (^ =)
// and runs of space to one space.
func Fold(s string) string {
	s = norm.NFKC.String(width.Fold.String(s))
	var b strings.Builder
	b.Grow(len(s))
	space := true
	for _, r := range s {
		switch {
		case r == '^' || r == '=' || r == '\\' || unicode.IsSpace(r) || unicode.IsControl(r):
			if !space {
				b.WriteByte(' ')
				space = true
			}
			continue
		case r >= 'ァ' && r <= 'ヶ':
			r -= 'ァ' - 'ぁ'
		default:
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
		space = false
	}
	return strings.TrimRight(b.String(), " ")
}
