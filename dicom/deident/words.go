package deident

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Mark stands where a word was taken out of a text.
const Mark = "***"

// Words are what names a patient or a person around one, to be taken out of free
// text. The zero Words finds addresses of mail and telephones only.
type Words struct {
	known  map[string]bool      // each once
	begins map[[2]rune][][]rune // by their first two characters: a house has thousands
}

// honorifics behind a family name of one character: without one, 原 of 原発 would be
// taken for a name.
var honorifics = []string{"様", "さん", "氏", "殿", "君", "くん", "ちゃん", "先生"}

// maxParts of a component group are known side by side too. It has five (PS3.5
// §6.2.1.1) and each a few words; of what has more each word is known by itself.
const maxParts = 16

// AddName adds a person name (PS3.5 §6.2.1.2): of each component group its parts, and
// two that follow each other as people write them.
func (w *Words) AddName(pn string) {
	for group := range strings.SplitSeq(pn, "=") {
		parts := strings.FieldsFunc(group, func(r rune) bool { return r == '^' || unicode.IsSpace(r) })
		for i, part := range parts {
			if i+1 < len(parts) && len(parts) <= maxParts {
				for _, between := range []string{"", " ", "^", ",", ", "} {
					w.add(part + between + parts[i+1])
					w.add(parts[i+1] + between + part)
				}
			}
			if utf8.RuneCountInString(part) > 1 {
				w.add(part)
				continue
			}
			for _, h := range honorifics {
				w.add(part + h)
			}
		}
	}
}

// AddID adds an identifier.
func (w *Words) AddID(id string) {
	if id = strings.TrimSpace(id); utf8.RuneCountInString(id) > 2 {
		w.add(id)
	}
}

// AddDate adds a date (DA) in the forms people write.
func (w *Words) AddDate(da string) {
	if len(da) != 8 || strings.Trim(da, "0123456789") != "" {
		return
	}
	y, m, d := da[:4], da[4:6], da[6:]
	month, day := strings.TrimPrefix(m, "0"), strings.TrimPrefix(d, "0")
	w.add(da)
	for _, sep := range []string{"-", "/", "."} {
		w.add(y + sep + m + sep + d)
		w.add(y + sep + month + sep + day)
		w.add(d + sep + m + sep + y)
		w.add(m + sep + d + sep + y)
	}
	w.add(y + "年" + month + "月" + day + "日")
	w.add(y + "年" + m + "月" + d + "日")
	for _, form := range eras(y) {
		w.add(form + "年" + month + "月" + day + "日")
		w.add(form + "." + month + "." + day)
		w.add(form + "/" + month + "/" + day)
	}
}

// eras are a year of the calendar as 昭和23 and S23, in each era it may belong to.
func eras(year string) (forms []string) {
	y := 0
	for _, c := range year {
		y = 10*y + int(c-'0')
	}
	for _, e := range []struct {
		name, letter string
		first, last  int
	}{{"明治", "M", 1868, 1912}, {"大正", "T", 1912, 1926}, {"昭和", "S", 1926, 1989}, {"平成", "H", 1989, 2019}, {"令和", "R", 2019, 9999}} {
		if y >= e.first && y <= e.last {
			n := itoa(y - e.first + 1)
			forms = append(forms, e.name+n, e.letter+n)
			if y == e.first {
				forms = append(forms, e.name+"元")
			}
		}
	}
	return forms
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func (w *Words) add(word string) {
	f, _ := fold(word)
	if len(f) < 2 || w.known[string(f)] {
		return
	}
	if w.known == nil {
		w.known, w.begins = map[string]bool{}, map[[2]rune][][]rune{}
	}
	at := [2]rune{f[0], f[1]}
	w.known[string(f)], w.begins[at] = true, append(w.begins[at], f)
}

// contacts are addresses of mail and numbers of telephones of any person.
var contacts = regexp.MustCompile(`[\pL\pN._%+-]+@[\pL\pN-]+(\.[\pL\pN-]+)+|\+?\b0?\d{1,4}[-–‐]\d{2,4}[-–‐]\d{4}\b`)

// Clean puts Mark where one of the words stands in text, whatever its case, width and
// kana.
func (w *Words) Clean(text string) string {
	if text == "" {
		return text
	}
	f, at := fold(text)
	var spans [][2]int
	for from := range max(len(f)-1, 0) {
		for _, word := range w.begins[[2]rune{f[from], f[from+1]}] {
			if to := from + len(word); to <= len(f) && slices.Equal(f[from:to], word) && stands(f, from, to) {
				spans = append(spans, [2]int{at[from][0], at[to-1][1]})
			}
		}
	}
	for _, span := range contacts.FindAllStringIndex(text, -1) {
		spans = append(spans, [2]int{span[0], span[1]})
	}
	if len(spans) == 0 {
		return text
	}
	slices.SortFunc(spans, func(a, b [2]int) int { return a[0] - b[0] })
	var out strings.Builder
	end := 0
	for _, s := range spans {
		if s[1] <= end {
			continue
		}
		if s[0] > end || out.Len() == 0 {
			out.WriteString(text[end:max(s[0], end)])
			out.WriteString(Mark)
		}
		end = s[1]
	}
	out.WriteString(text[end:])
	return out.String()
}

// stands reports whether what is between from and to is no part of a longer word of
// letters or digits; scripts without spaces have no such border.
func stands(f []rune, from, to int) bool {
	return (from == 0 || !joined(f[from-1], f[from])) && (to == len(f) || !joined(f[to-1], f[to]))
}

func joined(a, b rune) bool {
	spaced := func(r rune) bool {
		return unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
	}
	return spaced(a) && spaced(b) || unicode.IsDigit(a) && unicode.IsDigit(b)
}

// fold writes text in one case, width and kana, and says for each rune from which
// bytes of text it came.
func fold(text string) (runes []rune, at [][2]int) {
	var it norm.Iter
	it.InitString(norm.NFKC, text)
	for !it.Done() {
		from := it.Pos()
		segment := it.Next()
		for _, r := range string(segment) {
			if r >= 'ァ' && r <= 'ヶ' {
				r -= 'ァ' - 'ぁ'
			}
			runes = append(runes, unicode.ToLower(r))
			at = append(at, [2]int{from, it.Pos()})
		}
	}
	return runes, at
}
