package reports

import (
	"context"

	"github.com/sergi/go-diff/diffmatchpatch"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Edit is one run of characters that two versions share, or that one has.
type Edit struct {
	Op   string `json:"op"` // "equal", "insert", "delete"
	Text string `json:"text"`
}

// SectionDiff is what became of one section.
type SectionDiff struct {
	Code    string `json:"code"`
	Heading string `json:"heading"`
	Edits   []Edit `json:"edits"`
}

// Diff tells how b came out of a, section by section, in characters: the
// sections of b in its order, then those it no longer has. A section that
// stayed is one equal run.
func Diff(a, b *Report) []SectionDiff {
	left := map[string][]string{}
	for _, s := range a.Sections {
		left[s.Code] = append(left[s.Code], s.Text)
	}
	var out []SectionDiff
	for _, s := range b.Sections {
		before := ""
		if texts := left[s.Code]; len(texts) > 0 {
			before, left[s.Code] = texts[0], texts[1:]
		}
		out = append(out, SectionDiff{s.Code, s.Heading, edits(before, s.Text)})
	}
	for _, s := range a.Sections {
		for _, text := range left[s.Code] {
			out = append(out, SectionDiff{s.Code, s.Heading, edits(text, "")})
		}
		delete(left, s.Code)
	}
	return out
}

var ops = map[diffmatchpatch.Operation]string{
	diffmatchpatch.DiffEqual: "equal", diffmatchpatch.DiffInsert: "insert", diffmatchpatch.DiffDelete: "delete",
}

func edits(a, b string) []Edit {
	m := diffmatchpatch.New() // gives up on the shortest difference after a second
	out := []Edit{}
	for _, d := range m.DiffCleanupSemantic(m.DiffMainRunes([]rune(a), []rune(b), false)) {
		if d.Text != "" {
			out = append(out, Edit{ops[d.Type], d.Text})
		}
	}
	return out
}

// Compare reads a version and the one before it within scope and tells how one
// came out of the other. A first version came out of nothing: no
// sections.
func Compare(ctx context.Context, tx db.Tx, scope identity.Scope, id string) ([]SectionDiff, error) {
	b, err := ByID(ctx, tx, scope, id)
	if err != nil {
		return nil, err
	}
	if b.PredecessorID == "" {
		return []SectionDiff{}, nil
	}
	a, err := ByID(ctx, tx, scope, b.PredecessorID)
	if err != nil {
		return nil, err
	}
	return Diff(a, b), nil
}
