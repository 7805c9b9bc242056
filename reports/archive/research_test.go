package archive_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/archive"
	"github.com/dokuei/dokuei/reports/reportstest"
)

// What stands in free text of whom and when, and what must stay of it.
func TestFreeTextNamesNobody(t *testing.T) {
	t.Parallel()
	h := reportstest.NewHouse(t)
	cleaner, err := archive.NewCleaner(t.Context(), h.DB.Read(t.Context()), []byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]struct{ gone, stays []string }{
		"𠮷田太郎氏。吉野川医師に電話 088-123-4567 で伝えた。": {[]string{"𠮷田", "太郎", "吉野川", "088", "4567"}, []string{"電話", "伝えた"}},
		"2025年11月20日のCT、令和元年5月1日、11月3日と比較。": {[]string{"2025", "11月", "20日", "元年", "3日"}, []string{"CT", "比較"}},
		"２０２５／１１／２０と比較し 3/4 は不変。径 12mm、S8。": {[]string{"２０２５", "２０と"}, []string{"3/4", "12mm", "S8"}},
		"ヨシダさんの家族。山﨑医院より紹介。":                {[]string{"ヨシダ", "山﨑"}, []string{"家族", "紹介"}},
		"佐藤花子が読影。KF-00123、A20261122001。":    {[]string{"佐藤", "花子", "00123", "20261122"}, []string{"読影"}},
		"Dr. Yamamoto, seen on 3 Mar 2024 and March 5, 2024; mail a.b@example.jp, T3N0M0, C5/6.": {
			[]string{"Yamamoto", "2024", "example", "a.b"}, []string{"T3N0M0", "C5/6", "seen"},
		},
		"山田様より。すりガラス様陰影、結節様、索状様の影。":      {[]string{"山田"}, []string{"すりガラス様陰影、結節様、索状様の影。"}},
		"右被殻に約 3.2 × 2.1 cm の高吸収域。L4/5。": {nil, []string{"右被殻に約 3.2 × 2.1 cm の高吸収域。L4/5。"}},
	} {
		r := reportstest.Sample()
		r.Sections = []reports.Section{{Code: reports.CodeFindings, Heading: "所見", Text: text + "\n" + r.Marks.Coded[0].Line}}
		r.Marks.Coded[0].Finding.Meaning = "𠮷田太郎の出血" // of a template somebody has made
		record := cleaner.Clean(r)
		raw, err := json.Marshal(record)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range want.gone {
			if strings.Contains(string(raw), word) {
				t.Errorf("%q is left of %q: %s", word, text, record.Sections[0].Text)
			}
		}
		for _, word := range want.stays {
			if !strings.Contains(record.Sections[0].Text, word) {
				t.Errorf("%q is gone from %q: %s", word, text, record.Sections[0].Text)
			}
		}
		if strings.Contains(string(raw), "𠮷") || !slices.Equal(record.Codes, []string{"SCT 274100004", "SCT 89278009", "SCT 24028007"}) {
			t.Errorf("codes %v in %s", record.Codes, raw)
		}
	}
}
