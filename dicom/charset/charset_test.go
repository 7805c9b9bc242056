package charset_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dokuei/dokuei/dicom/charset"
)

func decode(label, vr, raw string) (string, charset.Quality) {
	return charset.NewDecoder(strings.Split(label, `\`)).Decode(vr, []byte(raw))
}

func TestDecode(t *testing.T) {
	t.Parallel()
	const (
		ok  = charset.Exact
		rec = charset.Recovered
		bad = charset.Damaged
	)
	tests := []struct {
		name, label, vr, raw, want string
		q                          charset.Quality
	}{
		{"ascii", "", "LO", "CHEST", "CHEST", ok},
		{"latin 2", "ISO_IR 101", "PN", "Wa\xb3\xeasa", "Wałęsa", ok},
		{"latin 3", "ISO_IR 109", "LO", "\xa6", "Ĥ", ok},
		{"latin 4", "ISO_IR 110", "LO", "\xa2", "ĸ", ok},
		{"latin 5", "ISO_IR 148", "PN", "\xc7avu\xfeo\xf0lu", "Çavuşoğlu", ok},
		{"latin 9", "ISO_IR 203", "LO", "\xa4", "€", ok},
		{"thai", "ISO_IR 166", "PN", "\xca\xc1\xaa\xd2\xc2", "สมชาย", ok},
		{"GBK", "GBK", "PN", "Wang=\xcd\xf5^\xd0\xa1\x96|", "Wang=王^小東", ok},
		{"G1 by escape", `ISO 2022 IR 6\ISO 2022 IR 126\ISO 2022 IR 144`, "LO", "\x1b-F\xc4\xe9\\\x1b-L\xbb", "Δι\\Л", ok},
		{"kanji with delimiter bytes", `\ISO 2022 IR 87`, "LO", "\x1b$B=U\x1b(B\\\x1b$B=c\x1b(B", `春\純`, ok},
		{"backslash in LT", `\ISO 2022 IR 87`, "LT", "a\\\x1b$B=U\x1b(B", `a\春`, ok},
		{"yen in LT of IR 13", "ISO_IR 13", "LT", "\\100~", "¥100‾", ok},
		{"delimiter in LO of IR 13", "ISO_IR 13", "LO", "A\\B", `A\B`, ok},
		{"reset at CR LF", `\ISO 2022 IR 149`, "ST", "\x1b$)C\xb1\xe8\r\n\x1b$)C\xc8\xf1", "김\r\n희", ok},
		{"chinese", `\ISO 2022 IR 58`, "PN", "Zhang=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1", "Zhang=张^小", ok},
		{"single value IR 87", "ISO 2022 IR 87", "PN", "A=\x1b$B;3\x1b(B", "A=山", ok},
		{"label in the wrong form", "ISO IR 192", "PN", "山", "山", ok},
		{"wave dash", `\ISO 2022 IR 87`, "LO", "\x1b$B!A\x1b(B", "〜", ok},
		{"old kanji escape", `\ISO 2022 IR 87`, "LO", "\x1b$@;3\x1b(J", "山", ok},

		{"undeclared kanji", "", "LO", "\x1b$B;3\x1b(B", "山", rec},
		{"undeclared kanji in UTF-8", "ISO_IR 192", "LO", "\x1b$B;3\x1b(B", "山", rec},
		{"kana in IR 87 only", `\ISO 2022 IR 87`, "PN", "\xd4\xcf\xc0\xde", "ﾔﾏﾀﾞ", rec},
		{"G1 forgotten after the delimiter", `\ISO 2022 IR 149`, "PN", "\x1b$)C\xfb\xf3^\xd1\xce", "洪^吉", rec},
		{"no return before a delimiter, ASCII after", `\ISO 2022 IR 87`, "PN", "\x1b$B;3K\\^Taro", "山本^Taro", rec},
		{"space in kanji", `\ISO 2022 IR 87`, "LO", "\x1b$B;3 K\\\x1b(B", "山 本", rec},
		{"Shift-JIS without a label", "", "LO", "\x93\x8c\x8b\x9e", "東京", rec},
		{"Shift-JIS as Latin 1", "ISO_IR 100", "PN", "\x8eR\x93c^\x91\xbe\x98Y", "山田^太郎", rec},
		{"Shift-JIS as UTF-8", "ISO_IR 192", "PN", "\x8eR\x93c", "山田", rec},
		{"UTF-8 without a label", "", "PN", "山田^太郎", "山田^太郎", rec},
		{"UTF-8 as Latin 1", "ISO_IR 100", "PN", "Jérôme", "Jérôme", rec},
		{"Latin 1 without a label", "", "PN", "J\xe9r\xf4me", "Jérôme", rec},
		{"unknown label", "ISO_IR 999", "PN", "Jérôme", "Jérôme", rec},

		{"cut kanji", `\ISO 2022 IR 87`, "LO", "\x1b$B;3K", "山\uFFFD", bad},
		{"unknown escape", `\ISO 2022 IR 87`, "LO", "a\x1b%Gb", "a\uFFFD%Gb", bad},
		{"no character", `\ISO 2022 IR 87`, "LO", "\x1b$B\x7d\x7d\x1b(B", "\uFFFD", bad},
		{"cut UTF-8", "ISO_IR 192", "LO", "山\xe5", "山\uFFFD", bad},
		{"Hebrew letter that is none", "ISO_IR 138", "LO", "\xe0\xff", "א\uFFFD", bad},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, q := decode(tt.label, tt.vr, tt.raw); got != tt.want || q != tt.q {
				t.Errorf("%q %v, want %q %v", got, q, tt.want, tt.q)
			}
		})
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ label, vr, in, want string }{
		{"", "PN", "Doe^John", "Doe^John"},
		{`\ISO 2022 IR 87`, "PN", "Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"},
		{`ISO 2022 IR 13\ISO 2022 IR 87`, "PN", "ﾔﾏﾀﾞ=山田", "\xd4\xcf\xc0\xde=\x1b$B;3ED\x1b(J"},
		{`\ISO 2022 IR 149`, "PN", "Hong^Gildong=洪^吉洞", "Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7"},
		{`\ISO 2022 IR 87`, "LO", "頭部|a", "\x1b$BF,It\x1b(B|a"},
		{"ISO_IR 100", "LO", "Jérôme", "J\xe9r\xf4me"},
		{"ISO_IR 192", "PN", "𠮷田", "𠮷田"},
		{"GB18030", "PN", "王^小东", "\xcd\xf5^\xd0\xa1\xb6\xab"},
	} {
		b, ok := charset.Encode(strings.Split(tt.label, `\`), tt.vr, tt.in)
		if !ok || string(b) != tt.want {
			t.Errorf("%s %q: % x (%q), %v", tt.label, tt.in, b, b, ok)
		}
	}
	for _, tt := range []struct{ label, in, want string }{
		{"", "山田 A", "?? A"},
		{"ISO_IR 100", "é山", "\xe9?"},
		{`\ISO 2022 IR 87`, "山𠮷田", "\x1b$B;3\".ED\x1b(B"},
		{"GBK", "王\U0001F600", "\xcd\xf5?"},
		{"", "a\x1b$B", "a?$B"},
	} {
		b, ok := charset.Encode(strings.Split(tt.label, `\`), "LO", tt.in)
		if ok || string(b) != tt.want {
			t.Errorf("%s %q: %q, %v", tt.label, tt.in, b, ok)
		}
	}
}

// TestRoundTrip writes and reads text drawn from what each label can hold.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for label, letters := range map[string]string{
		`\ISO 2022 IR 87`:                 "ABc 12^=山田太郎春純潤本々〆ヶやまだたろうアイウ。、",
		`ISO 2022 IR 13\ISO 2022 IR 87`:   "AB 1^=ﾔﾏﾀﾞﾀﾛｳ山田太郎春純潤",
		`\ISO 2022 IR 87\ISO 2022 IR 159`: "AB^=山田鄧棈丂侘",
		`\ISO 2022 IR 149`:                "AB^=김희중洪吉洞",
		`\ISO 2022 IR 58`:                 "AB^=张小东",
		"ISO_IR 144":                      "AB^Люкceмбypг",
		"ISO_IR 192":                      "AB^=山𠮷髙﨑é",
		"GB18030":                         "AB^=王小东𠮷",
		`ISO 2022 IR 100\ISO 2022 IR 126`: "AB^éôΔι",
		`ISO 2022 IR 6\ISO 2022 IR 13`:    "AB^ﾔﾏ",
	} {
		rapid.Check(t, func(t *rapid.T) {
			s := rapid.StringOf(rapid.SampledFrom([]rune(letters))).Draw(t, "s")
			s = strings.TrimRight(s, "= ")
			sets := strings.Split(label, `\`)
			b, ok := charset.Encode(sets, "PN", s)
			got, q := charset.NewDecoder(sets).Decode("PN", b)
			if !ok || got != s || q != charset.Exact {
				t.Fatalf("%s: %q as % x came back %q, %v", label, s, b, got, q)
			}
		})
	}
}

func TestSplitPN(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][3]string{
		"Yamada^Tarou=山田^太郎=やまだ^たろう": {"Yamada^Tarou", "山田^太郎", "やまだ^たろう"},
		"Doe^John ": {"Doe^John", "", ""},
		"=山田":       {"", "山田", ""},
		"":          {"", "", ""},
		"a=b=c=d":   {"a", "b", "c"},
	} {
		a, i, p := charset.SplitPN(in)
		if [3]string{a, i, p} != want {
			t.Errorf("%q: %q %q %q", in, a, i, p)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, in := range map[string]struct{ label, raw string }{
		"ascii": {`\ISO 2022 IR 87`, "Yamada^Tarou"},
		"kanji": {`\ISO 2022 IR 87`, "Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B"},
		"utf8":  {"ISO_IR 192", "Yamada^Tarou=山田^太郎=やまだ^たろう"},
	} {
		b.Run(name, func(b *testing.B) {
			d := charset.NewDecoder(strings.Split(in.label, `\`))
			raw := []byte(in.raw)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = d.Decode("PN", raw)
			}
		})
	}
}

func ExampleDecoder_Decode() {
	d := charset.NewDecoder([]string{"", "ISO 2022 IR 87"})
	name, quality := d.Decode("PN", []byte("Yamamoto=\x1b$B;3K\\\x1b(B"))
	fmt.Println(name, quality)
	// Output: Yamamoto=山本 exact
}
