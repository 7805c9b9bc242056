package typeset

import "unicode"

// notAtStart are the characters that may not begin a line (JIS X 4051 §8.1,
// classes 2 to 11: closing brackets, punctuation, small kana, iteration and
// prolonged sound marks), full and half width.
var notAtStart = set("、。，．・：；？！゛゜´｀¨ヽヾゝゞ々ー—‐’”）〕］｝〉》」』】〙〗｠»°′″℃％‰" +
	"ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ" +
	"｡｣､･ｧｨｩｪｫｬｭｮｯｰﾞﾟ" +
	",.:;?!)]}%")

// notAtEnd are the characters that may not end a line: opening brackets, and
// signs that stand before a number.
var notAtEnd = set("‘“（〔［｛〈《「『【〘〖｟«￥＄＃№｢([{¥$#")

// pairs are characters never torn from themselves: leaders and dashes in twos.
var pairs = set("…‥—―")

func set(s string) map[rune]bool {
	m := make(map[rune]bool)
	for _, r := range s {
		m[r] = true
	}
	return m
}

// wide reports characters that may be broken on either side: ideographs, kana,
// hangul and full-width forms.
func wide(r rune) bool {
	switch {
	case r < 0x2E80:
		return r >= 0x2460 && r <= 0x24FF || r >= 0x25A0 && r <= 0x26FF || r == '※' || r == '→'
	case r <= 0x9FFF, r >= 0xAC00 && r <= 0xD7AF, r >= 0xF900 && r <= 0xFAFF:
		return true
	case r >= 0xFE30 && r <= 0xFE4F, r >= 0xFF01 && r <= 0xFFDC:
		return true
	}
	return r >= 0x1F000
}

// joined reports marks that belong to the character before them: combining
// marks and variation selectors.
func joined(r rune) bool {
	return unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) ||
		r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF || r == 0x200D
}

// canBreak reports whether a line may end after a and the next begin with b.
func canBreak(a, b rune) bool {
	switch {
	case joined(b), notAtStart[b], notAtEnd[a], b == ' ', a == b && pairs[a]:
		return false
	case a == ' ', a == '\t':
		return true
	case a == '\u00A0', b == '\u00A0':
		return false
	case a == '-' || a == '/':
		return unicode.IsLetter(b) // "well-known", not "1-2" or "2026/11/22"
	}
	return wide(a) || wide(b)
}

// units stay on the line of their number even across a space.
var units = map[string]bool{
	"mm": true, "cm": true, "m": true, "mL": true, "ml": true, "dL": true, "L": true, "cc": true, "HU": true,
	"mg": true, "g": true, "kg": true, "Gy": true, "mGy": true, "ms": true, "s": true, "min": true, "x": true, "×": true,
}

// measured reports whether p[i] begins the unit of a number before it: "12 mm".
func measured(p []rune, i int) bool {
	if i < 2 || p[i-1] != ' ' || !unicode.IsDigit(p[i-2]) {
		return false
	}
	end := i
	for end < len(p) && end-i < 4 && (unicode.IsLetter(p[end]) && p[end] < 0x80 || p[end] == '×') {
		end++
	}
	return units[string(p[i:end])]
}
