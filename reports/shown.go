package reports

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Shown is what a reader has been shown of a report before they sign it: the
// SHA-256 of each part, by its name, and one over all of them. A signature that
// carries it is of this content and no other. The zero value binds to nothing but
// the revision of the draft.
type Shown struct {
	Hash  string            `json:"hash"`
	Parts map[string]string `json:"parts"`
}

// Preview is a report as signing would make it now. Its text is clean as CleanText
// says: the text that is signed, not the one that was typed.
type Preview struct {
	Revision int64
	Kind     Kind
	Language string
	Sections Sections
	Marks    Marks
	// Keys are the key images, Drawn the marks on images that go with the report.
	Keys, Drawn int
	Shown       Shown
}

// ShownError refuses a signature: the report is not what its reader was shown.
type ShownError struct {
	// Changed are the parts: names of sections, "patient", "study", "images", "kind",
	// "language", "codes", "earlier", "annotations" or a member of Marks.
	Changed []string
}

func (e *ShownError) Error() string {
	return "reports: not what was shown: " + strings.Join(e.Changed, " ")
}

// Preview shows the draft of a workitem that the principal holds as it would be
// signed. ErrStale when nothing was ever saved.
func (k *Desk) Preview(ctx context.Context, p identity.Principal, workitemID string) (Preview, error) {
	b, err := k.basis(ctx, p, workitemID)
	if err != nil {
		return Preview{}, err
	}
	if b.draft.Revision == 0 {
		return Preview{}, ErrStale
	}
	shown, err := b.shown()
	if err != nil {
		return Preview{}, err
	}
	text := b.draft.Sections
	text.each(func(_, _ string, s *string) { *s = CleanText(*s) })
	marked := b.marked.on(evidence(b.series))
	return Preview{
		Revision: b.draft.Revision, Kind: b.kind, Language: b.draft.Language, Sections: text, Marks: b.draft.Marks,
		Keys: len(marked.Keys), Drawn: len(marked.Marks), Shown: shown,
	}, nil
}

// agreed makes sure that a signature is of the newest revision and, where the
// reader says what they were shown, of that content.
func (b *basis) agreed(revision int64, shown Shown) error {
	if b.draft.Revision == 0 {
		return ErrStale
	}
	if shown.Hash == "" && len(shown.Parts) == 0 {
		if b.draft.Revision != revision {
			return ErrStale
		}
		return nil
	}
	now, err := b.shown()
	if err != nil {
		return err
	}
	if changed := now.changed(shown); len(changed) > 0 {
		return &ShownError{changed}
	}
	if now.Hash != shown.Hash || b.draft.Revision != revision {
		return ErrStale
	}
	return nil
}

// changed are the names of the parts of s that are not those of the other.
func (s Shown) changed(other Shown) []string {
	var out []string
	for name, sum := range s.Parts {
		if other.Parts[name] != sum {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// shown takes the parts of what is to be signed apart. What a pseudonym hides from
// the reader is not among them: they were not shown it, and a hash would tell it to
// who tries all names.
func (b *basis) shown() (Shown, error) {
	earlier := ""
	if b.previous != nil {
		earlier = b.previous.ContentHash
	}
	var images []string
	for _, i := range b.instances {
		images = append(images, i.SOPInstanceUID)
	}
	slices.Sort(images)
	m := b.draft.Marks
	parts := map[string]any{
		"kind": b.kind, "language": b.draft.Language, "earlier": earlier, "images": images, "codes": b.coded, "annotations": b.marked.Annotations,
		"figures": m.Figures, "measurements": m.Measurements, "critical": m.Critical, "overrides": m.Overrides, "origins": m.Origins, "teaching": m.Teaching,
	}
	b.draft.Sections.each(func(name, _ string, text *string) { parts[name] = CleanText(*text) })
	if _, veiled := b.who.Scope().Veil(b.item.FacilityID); !veiled {
		parts["patient"], parts["study"] = known(b.item)
	}
	s := Shown{Parts: map[string]string{}}
	for name, v := range parts {
		sum, err := digest(v)
		if err != nil {
			return s, err
		}
		s.Parts[name] = sum
	}
	var err error
	s.Hash, err = digest(s.Parts)
	return s, err
}

// known is the patient and study of an item as the report will name them.
func known(w worklist.Entry) (catalog.Patient, [8]string) {
	st := w.Study
	return st.Patient, [8]string{
		st.StudyInstanceUID, st.AccessionNumber, st.StudyDate, st.StudyTime, st.Description, st.BodyPart, st.ReferringPhysician, st.RequestText,
	}
}

// same reports whether two readings of an item name the same patient and study.
func same(a, b worklist.Entry) bool {
	patientA, studyA := known(a)
	patientB, studyB := known(b)
	return patientA == patientB && studyA == studyB
}

// digest is the SHA-256 of the JSON of v; encoding/json writes the members of a map
// in the order of their names.
func digest(v any) (string, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("reports: shown: %w", err)
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

// overtaken tells who signed what they were shown, and comes too late, what is not
// as it was.
func (k *Desk) overtaken(ctx context.Context, p identity.Principal, workitemID string, revision int64, shown Shown, err error) error {
	if !errors.Is(err, ErrStale) || len(shown.Parts) == 0 {
		return err
	}
	b, again := k.basis(ctx, p, workitemID)
	if again != nil {
		return again
	}
	if differs := b.agreed(revision, shown); differs != nil {
		return differs
	}
	return err
}
