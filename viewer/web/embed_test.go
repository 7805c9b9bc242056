package web_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/viewer/web"
)

// Whether the pages are built depends on the clone; what FS says about them
// must be true either way.
func TestFSTellsWhetherThePagesAreBuilt(t *testing.T) {
	t.Parallel()
	pages, built := web.FS()
	index, err := fs.ReadFile(pages, "index.html")
	if built != (err == nil) {
		t.Fatalf("built=%v but reading index.html gives %v", built, err)
	}
	if !built {
		t.Log("pages are not built in this clone: their content is not looked at")
		return
	}
	// The content security policy forbids these; a browser would show nothing.
	for _, forbidden := range []string{"<style", " style=", `="javascript:`, `="data:`, "(data:"} {
		if strings.Contains(string(index), forbidden) {
			t.Errorf("index.html contains %q, which the content security policy refuses", forbidden)
		}
	}
	for part := range strings.SplitSeq(string(index), "<script") {
		// Inline scripts are allowed by their hashes where they have no attributes.
		if head, _, ok := strings.Cut(part, ">"); ok && strings.Contains(part, "</script") && head != "" && !strings.Contains(head, "src=") {
			t.Errorf("index.html has an inline script with %q, which the policy does not name", head)
		}
	}
}
