package typeset

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// em counts a wide character as 2 and a narrow one as 1.
func em(r rune) int {
	if wide(r) || notAtStart[r] && r > 0xFF || notAtEnd[r] && r > 0xFF {
		return 2
	}
	return 1
}

func TestLines(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, text string
		limit      int
		want       string
	}{
		{"one line", "脳出血", 10, "脳出血"},
		{"anywhere between ideographs", "右被殻出血あり", 8, "右被殻出|血あり"},
		{"full stop goes with the character before it", "右被殻出血。終", 10, "右被殻出|血。終"},
		{"closing bracket", "図（図２）参照", 8, "図（図|２）参照"},
		{"opening bracket is not left behind", "所見は「出血」です", 8, "所見は|「出血」|です"},
		{"small kana", "シャントチューブ", 10, "シャント|チューブ"},
		{"prolonged sound mark", "ああああカーテン", 10, "ああああ|カーテン"},
		{"words stay whole", "CT and MRI were compared", 10, "CT and MRI|were|compared"},
		{"numbers and units stay whole", "大きさ 12.5mm 程度", 12, "大きさ|12.5mm 程度"},
		{"a word too long is cut", "abcdefghij", 4, "abcd|efgh|ij"},
		{"own line ends", "一\n\n二", 10, "一||二"},
		{"leaders stay together", "ああああ……い", 9, "ああああ|……い"},
		{"names beyond the BMP", "𠮷田𠮷田𠮷田", 8, "𠮷田𠮷田|𠮷田"},
		{"dates stay whole", "前回2026/11/22と比較", 12, "前回|2026/11/22と|比較"},
		{"a unit stays with its number", "Midline shift 3 mm.", 16, "Midline shift|3 mm."},
		{"empty", "", 10, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(Lines(tc.text, tc.limit, em), "|")
			if got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// Nothing is lost, nothing is added, and no line breaks the rules unless the
// line has no other place to break.
func TestLinesProperties(t *testing.T) {
	t.Parallel()
	alphabet := []rune("あ漢𠮷、。」）「（ーッaB3 .-/\n①﨑")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom(alphabet), 0, 80, -1).Draw(t, "text")
		limit := rapid.IntRange(2, 24).Draw(t, "limit")
		lines := Lines(text, limit, em)
		if got, want := squash(strings.Join(lines, "")), squash(text); got != want {
			t.Fatalf("text changed: %q from %q", got, want)
		}
		for _, l := range lines {
			w := 0
			for _, r := range l {
				w += em(r)
			}
			if w > limit && utf8.RuneCountInString(strings.TrimLeft(l, " ")) > 1 {
				t.Fatalf("line %q is %d wide, limit %d", l, w, limit)
			}
		}
	})
}

func squash(s string) string {
	return strings.NewReplacer(" ", "", "\n", "").Replace(s)
}

func BenchmarkLines(b *testing.B) {
	text := strings.Repeat("右被殻に約 3.2cm の高吸収域を認め、周囲に浮腫を伴います（図２）。", 50)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Lines(text, 80, em)
	}
}
