package reports_test

import (
	"testing"

	"github.com/dokuei/dokuei/reports"
)

func TestCleanText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a\r\nb\rc":                "a\nb\nc",
		"  ja  \u3000\n\n\n":       "  ja",
		"か\u3099":                  "が",              // NFC
		"\uFA19\uFA11髙𠮷":           "\uFA19\uFA11髙𠮷", // a name keeps its characters
		"右\u202e左\u202c":           "右左",             // what is read is what is signed
		"a\x00b\x1b[31mc\ttab\x7f": "ab[31mc\ttab",
		"\xff":                     "\uFFFD",
	} {
		if got := reports.CleanText(in); got != want {
			t.Errorf("CleanText(%q) = %q, want %q", in, got, want)
		}
		if again := reports.CleanText(want); again != want {
			t.Errorf("CleanText is not stable on %q: %q", want, again)
		}
	}
}

func TestTitleFor(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		modalities []string
		part, want string
	}{
		{[]string{"CT"}, "HEAD", "24725-4"},
		{[]string{"CT", "SR"}, "CHEST", "24627-2"},
		{[]string{"CT"}, "CHEST_ABDOMEN", "25045-6"},
		{[]string{"CT"}, "HEADNECK", "25045-6"},
		{[]string{"CT"}, "ABDOMENPELVIS", "25045-6"},
		{[]string{"CT"}, "", "25045-6"},
		{[]string{"MR"}, "BRAIN", "24590-2"},
		{[]string{"MR"}, "KNEE", "25056-3"},
		{[]string{"CT", "PT"}, "HEAD", "18748-4"},
		{[]string{"US"}, "ABDOMEN", "18748-4"},
		{nil, "", "18748-4"},
	} {
		if got := reports.TitleFor(tc.modalities, tc.part).Code; got != tc.want {
			t.Errorf("TitleFor(%v, %q) = %s, want %s", tc.modalities, tc.part, got, tc.want)
		}
	}
}

func TestPersonName(t *testing.T) {
	t.Parallel()
	n := reports.ParsePersonName("YAMADA^TARO=山田^太郎=やまだ^たろう")
	if n.In("ja") != "山田 太郎" || n.In("en") != "YAMADA TARO" || n.Phonetic != "やまだ たろう" {
		t.Errorf("%+v", n)
	}
	if got := reports.ParsePersonName("SMITH^JOHN").In("ja"); got != "SMITH JOHN" {
		t.Errorf("a name without kanji prints as %q", got)
	}
	if got := reports.ParsePersonName("=山田").In("en"); got != "山田" {
		t.Errorf("a name without romaji prints as %q", got)
	}
}

func TestAge(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		birth, day string
		want       int
		ok         bool
	}{
		{"19480305", "20261122", 78, true},
		{"19480305", "20260304", 77, true},
		{"20240229", "20250228", 0, true},
		{"2024", "20250228", 0, false},
		{"20260101", "20250228", 0, false},
	} {
		if got, ok := reports.Age(tc.birth, tc.day); got != tc.want || ok != tc.ok {
			t.Errorf("Age(%s, %s) = %d, %v", tc.birth, tc.day, got, ok)
		}
	}
}
