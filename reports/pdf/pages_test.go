package pdf

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/pdf/document"
	"github.com/dokuei/dokuei/reports/reportstest"
)

// However many versions there were and however much is written with a figure, all of it
// is on the pages, above their feet.
func TestNothingRunsOffThePage(t *testing.T) {
	t.Parallel()
	r := reportstest.Amended()
	first := r.Earlier[0]
	for n := 2; n <= 40; n++ {
		next := first
		next.Version, next.Kind, next.SignedAt = n, reports.Addendum, first.SignedAt.Add(time.Duration(n)*time.Hour)
		next.Author.Name = fmt.Sprintf("第%d回追記者", n)
		r.Earlier = append(r.Earlier, next)
	}
	r.Version = 41
	list := figures(t, 3)
	list[1].Text = strings.Repeat("右被殻の血腫、前回より増大。", 130) + "終わり"
	b, err := Render(r, org, list...)
	if err != nil {
		t.Fatal(err)
	}
	words := tool(t, b, "pdftotext", "-bbox", "FILE", "-")
	if words == "" {
		return
	}
	all, pages := "", strings.Split(words, "<page ")[1:]
	for n, page := range pages {
		for _, m := range regexp.MustCompile(`<word xMin="([^"]*)" yMin="[^"]*" xMax="([^"]*)" yMax="([^"]*)">(.*)</word>`).FindAllStringSubmatch(page, -1) {
			var at [3]float64
			for i := range at {
				if at[i], err = strconv.ParseFloat(m[1+i], 64); err != nil {
					t.Fatal(err)
				}
			}
			foot := strings.Contains(m[4], r.ID) || at[2] > document.A4Height-32
			if at[0] < left-1 || at[1] > right+6 || at[2] > bottom+4 && !foot || at[2] > document.A4Height-24 {
				t.Errorf("%q of page %d ends at %v", m[4], n+1, at)
			}
			all += m[4]
		}
	}
	if len(pages) < 4 {
		t.Errorf("%d pages", len(pages))
	}
	for n := 2; n <= 40; n++ {
		if !strings.Contains(all, fmt.Sprintf("第%d回追記者", n)) {
			t.Errorf("version %d is not named", n)
		}
	}
	if !strings.Contains(all, "終わり") || !strings.Contains(all, r.ContentHash) {
		t.Error("the end of the caption, or the hash, is not there")
	}
	f := readFile(t, b)
	f.pages()
	f.structure()
}
