package deident_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/deident"
)

func TestWords(t *testing.T) {
	t.Parallel()
	var w deident.Words
	w.AddName("YAMADA^TARO=山田^太郎=やまだ^たろう")
	w.AddName("Hara^Jiro=原^次郎=はら^じろう")
	w.AddID("00123456")
	w.AddDate("19480305")
	for text, want := range map[string]string{
		"":                     "",
		"右片麻痺 至急":              "右片麻痺 至急",
		"山田太郎様の頭部":             "***様の頭部",
		"山田　太郎、78歳":            "***、78歳",
		"ﾔﾏﾀﾞ ﾀﾛｳ":             "***",
		"Ｙａｍａｄａ":               "***",
		"Mr. yamada, TARO has": "Mr. *** has",
		"Yamadaville":          "Yamadaville",
		"原発巣は不明":               "原発巣は不明",
		"原さん":                  "***",
		"ID 00123456.":         "ID ***.",
		"100123456":            "100123456",
		"昭和23年3月5日生":           "***生",
		"S23.3.5":              "***",
		"b. 1948/3/5":          "b. ***",
		"1948-03-05":           "***",
		"taro@example.jp まで":   "*** まで",
		"tel 0884-77-1234":     "tel ***",
		"L1-2, 12-13-14":       "L1-2, 12-13-14",
		"山田山田":                 "***",
	} {
		if got := w.Clean(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// Thousands of people are no more work than one, nor is a name that goes on and on.
func TestManyWords(t *testing.T) {
	t.Parallel()
	var w deident.Words
	var long strings.Builder
	for n := range 5_000 {
		w.AddName(fmt.Sprintf("Family%d^Given%d", n, n))
		fmt.Fprintf(&long, "part%d^", n)
	}
	w.AddName(long.String())
	text := strings.Repeat("nothing to see here, ", 2000)
	if got := w.Clean(text + "Given777, FAMILY4999 and part1234"); got != text+"***, *** and ***" {
		t.Errorf("%q", got[max(0, len(got)-60):])
	}
}
