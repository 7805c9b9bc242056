package reports_test

import (
	"errors"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// writerFunc is a Writer made of a function.
type writerFunc func(*reports.Report, reports.Context) (reports.Document, error)

func (f writerFunc) Write(r *reports.Report, c reports.Context) (reports.Document, error) {
	return f(r, c)
}

// A signature that fails after its first document leaves no trace but the draft.
func TestSignIsAllOrNothing(t *testing.T) {
	t.Parallel()
	h := reportstest.NewHouse(t)
	s, reader := h.Claimed(t, "kaifu", "KF-1", "sato")
	revision := h.Draft(t, s.WorkitemID, reader, text).Revision
	broken := errors.New("out of ink")
	fails := map[string]reports.Writer{
		"the writer fails": writerFunc(func(*reports.Report, reports.Context) (reports.Document, error) { return reports.Document{}, broken }),
		// A document that names another study is stored, then refused in the transaction.
		"filed elsewhere": writerFunc(func(r *reports.Report, c reports.Context) (reports.Document, error) {
			d, err := sr.Writer{}.Write(r, c)
			d.Object = "pdf"
			d.SOPInstanceUID = "2.25.424242"
			d.Dataset.SetString(tag.SOPInstanceUID, "UI", d.SOPInstanceUID)
			d.Dataset.SetString(tag.StudyInstanceUID, "UI", "2.25.99999")
			return d, err
		}),
	}
	for name, w := range fails {
		k := reports.NewDesk(reports.Deps{DB: h.DB, Objects: h.Objects, Ingest: h.Ingest, Writers: []reports.Writer{sr.Writer{}, w}})
		if _, err := k.Sign(t.Context(), reader, s.WorkitemID, revision); err == nil {
			t.Fatalf("%s: signed", name)
		}
		ctx, tx := t.Context(), h.DB.Read(t.Context())
		st, err := catalog.StudyByID(ctx, tx, identity.Everything(), s.StudyID)
		if err != nil || st.Own != 0 {
			t.Errorf("%s: %d documents left, %v", name, st.Own, err)
		}
		item, err := worklist.Get(ctx, tx, identity.Everything(), s.WorkitemID)
		if err != nil || item.State != worklist.InProgress {
			t.Errorf("%s: workitem %s, %v", name, item.State, err)
		}
		if v, err := reports.Versions(ctx, tx, identity.Everything(), s.StudyID); err != nil || len(v) != 0 {
			t.Errorf("%s: %d versions, %v", name, len(v), err)
		}
		if sent, err := deliver.OfStudy(ctx, tx, identity.Everything(), s.StudyID); err != nil || len(sent) != 0 {
			t.Errorf("%s: %d deliveries, %v", name, len(sent), err)
		}
		if d, err := reports.OpenDraft(ctx, h.DB, reader, s.WorkitemID); err != nil || d.Revision != revision {
			t.Errorf("%s: draft at %d, %v", name, d.Revision, err)
		}
	}
	// And the same draft can then be signed.
	if _, err := desk(h).Sign(t.Context(), reader, s.WorkitemID, revision); err != nil {
		t.Error(err)
	}
}

// Images that arrive while the documents are being written are in their
// evidence: the signature starts again.
func TestSignSeesLateImages(t *testing.T) {
	t.Parallel()
	h := reportstest.NewHouse(t)
	s := h.SendStudy(t, "kaifu", "KF-1", 2)
	reader := h.Principal(t, "sato")
	h.Claim(t, s.WorkitemID, reader)
	revision := h.Draft(t, s.WorkitemID, reader, text).Revision
	var evidence []int
	slow := writerFunc(func(r *reports.Report, c reports.Context) (reports.Document, error) {
		evidence = append(evidence, len(c.Evidence))
		if len(evidence) == 1 {
			h.SendSlice(t, "kaifu", "KF-1", &s, 3)
		}
		return sr.Writer{}.Write(r, c)
	})
	k := reports.NewDesk(reports.Deps{DB: h.DB, Objects: h.Objects, Ingest: h.Ingest, Writers: []reports.Writer{slow}})
	r, err := k.Sign(t.Context(), reader, s.WorkitemID, revision)
	if err != nil {
		t.Fatal(err)
	}
	if len(evidence) != 2 || evidence[0] != 2 || evidence[1] != 3 {
		t.Errorf("evidence of the tries %v, want [2 3]", evidence)
	}
	if r.Version != 1 {
		t.Errorf("version %d", r.Version)
	}
	st, err := catalog.StudyByID(t.Context(), h.DB.Read(t.Context()), identity.Everything(), s.StudyID)
	if err != nil || st.Own != 1 {
		t.Errorf("%d documents, %v: the first try left one", st.Own, err)
	}
}
