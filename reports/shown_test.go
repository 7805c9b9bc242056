package reports_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// preview is what the holder of an item is shown.
func preview(t *testing.T, h *reportstest.House, p identity.Principal, workitemID string) reports.Preview {
	t.Helper()
	v, err := desk(h).Preview(t.Context(), p, workitemID)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A signature is of what its reader was shown: whatever moves between the preview
// and the signature keeps it from being made, and is named.
func testShown(t *testing.T, h *reportstest.House) {
	t.Helper()
	rewrite := func(change func(*reports.Draft)) func(*testing.T, *reportstest.Sent, identity.Principal) {
		return func(t *testing.T, s *reportstest.Sent, p identity.Principal) {
			d, err := reports.OpenDraft(t.Context(), h.DB, p, s.WorkitemID)
			if err != nil {
				t.Fatal(err)
			}
			change(&d)
			if _, err := reports.SaveDraft(t.Context(), h.DB, p, d); err != nil {
				t.Fatal(err)
			}
		}
	}
	cases := map[string]struct {
		change func(t *testing.T, s *reportstest.Sent, p identity.Principal)
		want   []string
	}{
		"text on another page": {rewrite(func(d *reports.Draft) {
			d.Sections.Findings = "右被殻に高吸収域を認めます。脳室穿破はありません。"
		}), []string{"findings"}},
		"no text left": {rewrite(func(d *reports.Draft) { d.Sections.Impression = "" }), []string{"impression"}},
		"two things":   {rewrite(func(d *reports.Draft) { d.Language = "en"; d.Marks.Critical.Level = reports.CriticalYellow }), []string{"critical", "language"}},
		"a late image": {func(t *testing.T, s *reportstest.Sent, _ identity.Principal) {
			h.SendSlice(t, "kaifu", "SHOWN-a-late-image", s, 9)
		}, []string{"images"}},
		"another name": {func(t *testing.T, s *reportstest.Sent, _ identity.Principal) {
			err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := tx.ExecContext(ctx, `UPDATE studies SET patient_name = 'SUZUKI^JIRO' WHERE id = $1`, s.StudyID)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}, []string{"patient"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s, reader := h.Claimed(t, "kaifu", "SHOWN-"+strings.ReplaceAll(name, " ", "-"), "sato")
			h.Draft(t, s.WorkitemID, reader, text)
			was := preview(t, h, reader, s.WorkitemID)
			c.change(t, &s, reader)
			now := preview(t, h, reader, s.WorkitemID)
			for _, revision := range []int64{was.Revision, now.Revision} {
				_, err := desk(h).SignShown(t.Context(), reader, s.WorkitemID, revision, was.Shown)
				var refused *reports.ShownError
				if !errors.As(err, &refused) || !slices.Equal(refused.Changed, c.want) {
					t.Errorf("at revision %d: %v, want %v", revision, err, c.want)
				}
			}
			if name == "no text left" {
				return // not complete: shown, and not to be signed
			}
			if _, err := desk(h).SignShown(t.Context(), reader, s.WorkitemID, now.Revision, now.Shown); err != nil {
				t.Errorf("as it is shown now: %v", err)
			}
		})
	}
}

// What another page saves while the documents are being written is not signed, and
// the reader is told what it was.
func testShownWhileWriting(t *testing.T, h *reportstest.House) {
	t.Helper()
	s, reader := h.Claimed(t, "kaifu", "SHOWN-WRITING", "sato")
	d := h.Draft(t, s.WorkitemID, reader, text)
	was := preview(t, h, reader, s.WorkitemID)
	once := sync.OnceFunc(func() {
		d.Sections.Recommendation = "脳神経外科へ。"
		if _, err := reports.SaveDraft(t.Context(), h.DB, reader, d); err != nil {
			t.Error(err)
		}
	})
	k := reports.NewDesk(reports.Deps{DB: h.DB, Objects: h.Objects, Ingest: h.Ingest, Writers: []reports.Writer{
		writerFunc(func(r *reports.Report, c reports.Context) (reports.Document, error) {
			once()
			return sr.Writer{}.Write(r, c)
		}),
	}})
	_, err := k.SignShown(t.Context(), reader, s.WorkitemID, was.Revision, was.Shown)
	var refused *reports.ShownError
	if !errors.As(err, &refused) || !slices.Equal(refused.Changed, []string{"recommendation"}) {
		t.Fatalf("signed over a page that saved: %v", err)
	}
	if v, err := reports.Versions(t.Context(), h.DB.Read(t.Context()), identity.Everything(), s.StudyID); err != nil || len(v) != 0 {
		t.Errorf("%d versions, %v", len(v), err)
	}
	now := preview(t, h, reader, s.WorkitemID)
	r, err := k.SignShown(t.Context(), reader, s.WorkitemID, now.Revision, now.Shown)
	if err != nil {
		t.Fatal(err)
	}
	if at := r.Sections[len(r.Sections)-1]; at.Text != now.Sections.Recommendation {
		t.Errorf("signed %q, shown %q", at.Text, now.Sections.Recommendation)
	}
	var trail string
	err = h.DB.Read(t.Context()).QueryRowContext(t.Context(), `SELECT detail FROM audit WHERE object = $1 AND action = $2`, r.ID, reports.EventSigned).Scan(&trail)
	if err != nil || !strings.Contains(trail, " shown "+now.Shown.Hash) {
		t.Errorf("what was shown is not on record: %q, %v", trail, err)
	}
}

// Two pages sign what they were shown, both the same or one of them an older text:
// one report, and the other page is told.
func testShownRace(t *testing.T, h *reportstest.House) {
	t.Helper()
	s, reader := h.Claimed(t, "kaifu", "SHOWN-RACE", "sato")
	d := h.Draft(t, s.WorkitemID, reader, text)
	old := preview(t, h, reader, s.WorkitemID)
	d.Sections.Impression = "右被殻出血、脳室穿破なし。"
	if _, err := reports.SaveDraft(t.Context(), h.DB, reader, d); err != nil {
		t.Fatal(err)
	}
	now := preview(t, h, reader, s.WorkitemID)
	pages := []reports.Preview{now, old, now, old}
	signed, told := make([]*reports.Report, len(pages)), make([]error, len(pages))
	var wg sync.WaitGroup
	for i, page := range pages {
		wg.Go(func() {
			signed[i], told[i] = desk(h).SignShown(t.Context(), reader, s.WorkitemID, page.Revision, page.Shown)
		})
	}
	wg.Wait()
	won := 0
	for i, err := range told {
		var refused *reports.ShownError
		switch {
		case err == nil && pages[i].Shown.Hash == now.Shown.Hash:
			won++
		case errors.Is(err, worklist.ErrFinal):
		case errors.As(err, &refused) && pages[i].Shown.Hash == old.Shown.Hash:
		default:
			t.Errorf("page %d: %v, %v", i, signed[i], err)
		}
	}
	if won != 1 {
		t.Errorf("%d signatures won", won)
	}
}
