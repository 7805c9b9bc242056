package pdf

import (
	"regexp"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
)

// What has the report read out finds its parts in their order over all pages, and none
// of what stands on every page.
func TestTagged(t *testing.T) {
	t.Parallel()
	r := reportstest.Long()
	list := figures(t, 2)
	b, err := Render(r, reports.Organization{Name: "遠隔読影ネット"}, list...)
	if err != nil {
		t.Fatal(err)
	}
	if info := tool(t, b, "pdfinfo", "FILE"); info != "" && !regexp.MustCompile(`Tagged: +yes`).MatchString(info) {
		t.Errorf("pdfinfo says\n%s", info)
	}
	tree := tool(t, b, "pdfinfo", "-struct-text", "FILE")
	if tree == "" {
		return // the tool is not installed
	}
	at := 0
	for _, want := range []string{"Document", "P (block)", "遠隔読影ネット", "H1 (block)", r.Title.In("ja"), "患者氏名", "H2 (block)", "所見", "P (block)", "右上葉に径12mm", "診断", "推奨", "Figure", "Caption", r.Author.Name, r.ContentHash[:16]} {
		n := strings.Index(tree[at:], want)
		if n < 0 {
			t.Fatalf("%q does not come after %d characters of\n%s", want, at, tree)
		}
		at += n
	}
	if n := strings.Count(tree, "H1 (block)"); n != 1 {
		t.Errorf("%d titles", n)
	}
	if n := strings.Count(tree, "Figure"); n != len(list) {
		t.Errorf("%d figures of %d", n, len(list))
	}
	// One paragraph of a section, however many pages it goes over; heads and feet are not in it.
	if n := strings.Count(tree, "H2 (block)"); n != len(r.Sections)+1 {
		t.Errorf("%d headings of %d sections and the figures", n, len(r.Sections))
	}
	for _, repeated := range []string{r.ID, "1 / "} {
		if strings.Contains(tree, repeated) {
			t.Errorf("%q is read out", repeated)
		}
	}
}
