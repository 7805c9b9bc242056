package plain_test

import (
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/plain"
	"github.com/dokuei/dokuei/reports/reportstest"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	gone := reportstest.Sample()
	gone.Kind = reports.Retraction
	for _, r := range []*reports.Report{reportstest.Sample(), reportstest.English(), reportstest.Amended(), gone} {
		text := plain.Write(r)
		sections, hash := plain.Parse(text)
		if hash != r.ContentHash || len(sections) != len(r.Sections) {
			t.Fatalf("read back %d sections, hash %q of\n%s", len(sections), hash, text)
		}
		for i, s := range sections {
			if s.Heading != r.Sections[i].Heading || s.Text != r.Sections[i].Text {
				t.Errorf("section %q, want %q", s, r.Sections[i])
			}
		}
		if r.Kind == reports.Retraction != strings.Contains(text, "撤回") {
			t.Errorf("a %s report prints as\n%s", r.Kind, text)
		}
	}
}
