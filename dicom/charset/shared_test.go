package charset_test

import (
	"encoding/csv"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// TestExpectedTexts compares with the person names of real and constructed files.
func TestExpectedTexts(t *testing.T) {
	t.Parallel()
	dir := shareddata.Dir(t)
	if dir == "" {
		return
	}
	f, err := os.Open(filepath.Join(dir, "CHARSET.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		raw, err := hex.DecodeString(row[2])
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) == 0 {
			continue // the text stands in a sequence: see package dataset
		}
		var sets []string
		if row[1] != "" {
			sets = strings.Split(row[1], `\`)
		}
		got, q := charset.NewDecoder(sets).Decode("PN", raw)
		want, bad := row[3], false
		if strings.HasPrefix(want, "(malformed") {
			_, want, _ = strings.Cut(want, ") ")
			bad = true
		}
		got = strings.TrimRight(got, " ")
		if bad && strings.Contains(row[0], "nocharset") {
			_, got, _ = strings.Cut(got, "=")
		}
		if bad && strings.Contains(row[0], "no-reset") {
			_, got, _ = strings.Cut(got, "=")
		}
		if got != want {
			t.Errorf("%s: %q, want %q", row[0], got, want)
		}
		if mark := q == charset.Recovered; mark != bad {
			t.Errorf("%s: quality %v", row[0], q)
		}
	}
}
