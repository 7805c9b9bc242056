package ingest

import (
	"strings"
	"unicode/utf8"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

const (
	identifierMax = 1 << 10 // bytes of a Patient ID as it came; 64 characters are legal (LO, PS3.5 table 6.2-1)
	textMax       = 1 << 10 // bytes of any other text kept in a column
	requestMax    = 16 << 10
)

// text is the first value of an element as a column can hold it.
func text(d *dataset.Dataset, t tag.Tag) string { return clean(d.String(t), textMax) }

// clean drops what no database takes as text (NUL, broken UTF-8) and cuts what is
// longer than limit bytes between two characters.
func clean(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\x00", "")
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
