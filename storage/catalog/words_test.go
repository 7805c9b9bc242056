package catalog

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestWordsOf(t *testing.T) {
	t.Parallel()
	for search, want := range map[string][]string{
		"":              {},
		"Yamada Taro":   {"taro", "yamada"},
		"KF-000123":     {"000123", "123", "kf"},
		"頭部単純CT":        {"ct", "単純", "純", "部単純", "頭部単純"},
		"0":             {"0"},
		"ﾔﾏﾀﾞ ヤマダ":      {"だ", "まだ", "やまだ"},
		"<b>'; -- \x1b": {"b"},
	} {
		if got := wordsOf(Fold(search)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", search, got, want)
		}
	}
}

// Whatever a study is called, it is found by each of its own words, and what is
// kept of it is bounded.
func TestWordsProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		search := Fold(rapid.String().Draw(rt, "search"))
		words := wordsOf(search)
		for _, asked := range pieces(search) {
			found := slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, asked) })
			if !found && len(words) < wordsMax {
				rt.Fatalf("%q is not found by %q", search, asked)
			}
		}
		for _, w := range words {
			if !utf8.ValidString(w) || utf8.RuneCountInString(w) > wordMax {
				rt.Fatalf("%q", w)
			}
		}
	})
}

func TestWordsBounded(t *testing.T) {
	t.Parallel()
	if n := len(wordsOf(Fold(strings.Repeat("読影依頼の長い文章です。", 5000)))); n > wordsMax {
		t.Errorf("%d words", n)
	}
}
