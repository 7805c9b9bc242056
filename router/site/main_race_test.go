//go:build race

package site_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
)

// TestMain draws fewer files: the race detector makes SQLite, which is Go here,
// ten times slower.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "20"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	os.Exit(m.Run())
}
