package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDivergencesAreThere: every row of docs/DIVERGENCES.md names the place in the
// code, and the place is there.
func TestDivergencesAreThere(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/DIVERGENCES.md")
	if err != nil {
		t.Fatal(err)
	}
	place := regexp.MustCompile("`([a-z0-9/]+/[A-Za-z0-9_]+\\.(?:go|md))` `([^`]+)`")
	rows := 0
	for line := range strings.Lines(string(doc)) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| What |") {
			continue
		}
		rows++
		if n := strings.Count(line, "|"); n != 5 {
			t.Errorf("%d columns: %s", n-1, line)
		}
		found := place.FindAllStringSubmatch(line, -1)
		if len(found) == 0 {
			t.Errorf("no place: %s", line)
		}
		for _, f := range found {
			code, err := os.ReadFile(filepath.Join("../..", filepath.FromSlash(f[1])))
			if err != nil {
				t.Error(err)
			} else if !strings.Contains(string(code), f[2]) {
				t.Errorf("%s holds no %q", f[1], f[2])
			}
		}
	}
	if rows < 40 {
		t.Errorf("only %d rows were read", rows)
	}
}
