// Package shareddata finds the optional folder of real DICOM files that some
// tests compare against. A checkout without it passes every test: callers get
// an empty string and the test log names what was not compared.
package shareddata

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the folder shared/data beside the checkout, or "" when there is
// none. The search walks up from the test's working directory.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		candidate := filepath.Join(dir, "shared", "data")
		if st, err := os.Stat(filepath.Join(candidate, "MANIFEST.tsv")); err == nil && st.Mode().IsRegular() {
			return candidate
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Logf("no shared/data beside this checkout: the comparison with real files is left out")
			return ""
		}
		dir = parent
	}
}
