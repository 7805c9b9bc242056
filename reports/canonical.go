package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// canonicalVersion is raised when the form below changes, so that a hash always
// says which form it is of.
const canonicalVersion = "dokuei-report-1"

// canonical is the form of a report that is hashed: what the signature stands
// for, in a fixed order, and nothing that depends on where it is stored.
// encoding/json writes struct fields in their order and escapes deterministically.
type canonical struct {
	Format      string    `json:"format"`
	ID          string    `json:"id"`
	Version     int       `json:"version"`
	Kind        Kind      `json:"kind"`
	Language    string    `json:"language"`
	TitleCode   string    `json:"titleCode"`
	Facility    Facility  `json:"facility"`
	Patient     Patient   `json:"patient"`
	Study       Study     `json:"study"`
	Sections    []Section `json:"sections"`
	Marks       *Marks    `json:"marks,omitempty"` // left out when there are none
	Author      Author    `json:"author"`
	SignedAt    string    `json:"signedAt"`
	Predecessor string    `json:"predecessor"` // content hash of the version before
}

// seal writes r's canonical form and sets ContentHash to its SHA-256. The hash
// of the predecessor is part of it: the versions of a report form a chain.
func seal(r *Report, predecessorHash string) ([]byte, error) {
	var marks *Marks
	if !r.Marks.zero() {
		marks = &r.Marks
	}
	body, err := json.Marshal(canonical{
		Marks:  marks,
		Format: canonicalVersion, ID: r.ID, Version: r.Version, Kind: r.Kind,
		Language: r.Language, TitleCode: r.Title.Code, Facility: r.Facility,
		Patient: r.Patient, Study: r.Study, Sections: r.Sections, Author: r.Author,
		SignedAt: r.SignedAt.UTC().Format(time.RFC3339Nano), Predecessor: predecessorHash,
	})
	if err != nil {
		return nil, fmt.Errorf("reports: canonical form: %w", err)
	}
	sum := sha256.Sum256(body)
	r.ContentHash = hex.EncodeToString(sum[:])
	return body, nil
}

// CleanText makes text fit to be signed: Unicode NFC, line ends as LF, no
// control characters but tab and line end, no invisible direction marks (text
// that reads differently from how it is stored must not be signed), no spaces
// at line ends, no empty lines at either end. NFC keeps 﨑 (U+FA11) and 髙
// (U+9AD9): they have no decomposition. Compatibility ideographs that NFC would
// replace by another glyph (U+F900..U+FAFF with a singleton decomposition, such
// as 神 U+FA19) are kept as typed: in a name they are a different character.
func CleanText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n").Replace(s)
	var b strings.Builder
	start := 0
	flush := func(end int) { b.WriteString(norm.NFC.String(s[start:end])) }
	for i, r := range s {
		size := len(string(r))
		switch {
		case r >= 0xF900 && r <= 0xFAFF, r >= 0x2F800 && r <= 0x2FA1F:
			flush(i)
			b.WriteRune(r)
			start = i + size
		case r != '\n' && r != '\t' && unicode.IsControl(r), isDirectionMark(r):
			flush(i)
			start = i + size
		}
	}
	flush(len(s))
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\u3000")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// isDirectionMark reports the bidirectional controls of UAX #9 §2 and the byte
// order mark.
func isDirectionMark(r rune) bool {
	switch {
	case r == 0x200E, r == 0x200F, r == 0x061C, r == 0xFEFF:
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}
