package reports_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/pdf"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

var text = reports.Sections{Findings: "右被殻に高吸収域を認めます。𠮷", Impression: "右被殻出血。", Recommendation: " "}

// The life of a report on every database.
func TestLife(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		t.Helper()
		h := reportstest.NewHouseOn(t, open(t))
		for name, test := range map[string]func(*testing.T, *reportstest.House){
			"sign": testSign, "addendum": testAddendum, "compare and set": testDraftCompareAndSet, "race": testSignRace,
			"verification": testVerification, "double reading": testDoubleReading, "correction": testCorrection, "unseen": testUnseen,
			"shown": testShown, "shown while writing": testShownWhileWriting, "shown race": testShownRace,
		} {
			t.Run(name, func(t *testing.T) { test(t, h) })
		}
	})
}

func desk(h *reportstest.House) *reports.Desk {
	return reports.NewDesk(reports.Deps{
		DB: h.DB, Objects: h.Objects, Ingest: h.Ingest,
		Writers:      []reports.Writer{sr.Writer{}, pdf.Writer{}},
		Organization: reports.Organization{Name: "遠隔読影ネット"},
	})
}

// object reads one of a report's objects back from the store.
func object(t *testing.T, h *reportstest.House, instanceID string) *dataset.Dataset {
	t.Helper()
	i, err := catalog.InstanceByID(t.Context(), h.DB.Read(t.Context()), identity.Everything(), instanceID)
	if err != nil {
		t.Fatal(err)
	}
	o, err := h.Objects.Open(t.Context(), i.ObjectKey)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	_, d, _, err := dataset.ReadFile(io.NewSectionReader(o, 0, o.Size()), stream.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func testSign(t *testing.T, h *reportstest.House) {
	t.Helper()
	s := h.SendStudy(t, "kaifu", "KF-1", 3)
	reader := h.Principal(t, "sato")
	h.Claim(t, s.WorkitemID, reader)
	draft := h.Draft(t, s.WorkitemID, reader, text)
	if draft.Template != "" {
		t.Errorf("the draft began from template %q, which nobody chose", draft.Template)
	}
	r, err := desk(h).Sign(t.Context(), reader, s.WorkitemID, draft.Revision)
	if err != nil {
		t.Fatal(err)
	}
	ctx, tx := t.Context(), h.DB.Read(t.Context())

	// The row is what was returned.
	got, err := reports.ByID(ctx, tx, reader.Scope(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.ContentHash != r.ContentHash || got.Version != 1 || got.Kind != reports.Final || len(got.Documents) != 2 {
		t.Errorf("stored report %+v", got)
	}
	if got.Author.License != "123456" || got.Patient.Name != "YAMADA^TARO=山田^太郎=やまだ^たろう" || got.Title.Code != "24725-4" {
		t.Errorf("author %+v patient %+v title %+v", got.Author, got.Patient, got.Title)
	}
	if len(got.Sections) != 2 {
		t.Errorf("an empty section was kept: %+v", got.Sections)
	}

	// The objects are instances of the study, valid, and carry the same hash.
	for _, d := range got.Documents {
		o := object(t, h, d.InstanceID)
		reportstest.Validate(t, reportstest.File(t, o))
		if o.String(tag.StudyInstanceUID) != s.StudyInstanceUID || o.String(tag.PatientID) != "KF-1" || o.String(tag.PatientAge) != "078Y" {
			t.Errorf("%s does not belong to the study", d.Object)
		}
		if d.Object == "sr" {
			back, err := sr.Parse(o)
			if err != nil || back.ContentHash != r.ContentHash || !slices.Equal(back.Sections, got.Sections) {
				t.Errorf("SR reads as %+v, %v", back, err)
			}
		}
	}
	st, err := catalog.StudyByID(ctx, tx, identity.Everything(), s.StudyID)
	if err != nil || st.Own != 2 || st.Instances != 3 || st.State != catalog.Complete {
		t.Errorf("study %+v, %v", st, err)
	}

	// The rest of the one transaction.
	item, err := worklist.Get(ctx, tx, identity.Everything(), s.WorkitemID)
	if err != nil || item.State != worklist.Completed {
		t.Errorf("workitem %v, %v", item.State, err)
	}
	sent, err := deliver.OfStudy(ctx, tx, identity.Everything(), s.StudyID)
	if err != nil || len(sent) != 2 || sent[0].Object != "sr" || sent[1].Object != "pdf" {
		t.Errorf("deliveries %+v, %v", sent, err)
	}
	events, err := catalog.EventsAfter(ctx, tx, 0, 1000)
	if err != nil || !slices.ContainsFunc(events, func(e catalog.Event) bool { return e.Kind == reports.EventSigned && e.Ref == r.ID }) {
		t.Errorf("no event of the signature, %v", err)
	}
	if _, err := audit.Verify(ctx, tx); err != nil {
		t.Error(err)
	}
	if written, err := reports.HasDraft(ctx, tx, s.WorkitemID); err != nil || written[s.WorkitemID] {
		t.Error("the draft outlived the signature")
	}

	// Signed once is signed.
	if _, err := desk(h).Sign(ctx, reader, s.WorkitemID, draft.Revision); !errors.Is(err, worklist.ErrFinal) {
		t.Errorf("a second signature: %v", err)
	}
}

func TestScope(t *testing.T) {
	t.Parallel()
	h := reportstest.NewHouse(t)
	s, reader := h.Claimed(t, "kaifu", "KF-1", "sato")
	r, err := desk(h).Sign(t.Context(), reader, s.WorkitemID, h.Draft(t, s.WorkitemID, reader, text).Revision)
	if err != nil {
		t.Fatal(err)
	}
	for login, sees := range map[string]bool{
		"sato": true, "suzuki": true, "kaifu": true, "coord": true, "admin": true, "mima": false, "kondo": false,
	} {
		scope := h.Principal(t, login).Scope()
		_, err := reports.ByID(t.Context(), h.DB.Read(t.Context()), scope, r.ID)
		if sees != (err == nil) || !sees && !errors.Is(err, reports.ErrNotFound) {
			t.Errorf("%s: %v, want to see: %v", login, err, sees)
		}
		versions, err := reports.Versions(t.Context(), h.DB.Read(t.Context()), scope, s.StudyID)
		if err != nil || (len(versions) == 1) != sees {
			t.Errorf("%s sees %d versions, %v", login, len(versions), err)
		}
	}
	if _, err := reports.ByID(t.Context(), h.DB.Read(t.Context()), identity.Scope{}, r.ID); !errors.Is(err, reports.ErrNotFound) {
		t.Errorf("the empty scope: %v", err)
	}
}

func testDraftCompareAndSet(t *testing.T, h *reportstest.House) {
	t.Helper()
	s := h.SendStudy(t, "kaifu", "KF-1", 1)
	reader := h.Principal(t, "sato")
	if _, err := reports.OpenDraft(t.Context(), h.DB, reader, s.WorkitemID); !errors.Is(err, worklist.ErrNotInProgress) {
		t.Errorf("draft of an unclaimed item: %v", err)
	}
	h.Claim(t, s.WorkitemID, reader)
	if _, err := reports.OpenDraft(t.Context(), h.DB, h.Principal(t, "suzuki"), s.WorkitemID); !errors.Is(err, worklist.ErrNotHolder) {
		t.Errorf("draft of another reader: %v", err)
	}
	if _, err := reports.OpenDraft(t.Context(), h.DB, h.Principal(t, "kondo"), s.WorkitemID); !errors.Is(err, worklist.ErrNotFound) {
		t.Errorf("draft out of scope: %v", err)
	}

	// Of many windows that save one revision, one wins; the others keep theirs.
	d := h.Draft(t, s.WorkitemID, reader, text)
	const windows = 8
	var wg sync.WaitGroup
	results := make([]error, windows)
	for i := range windows {
		wg.Go(func() {
			mine := d
			mine.Sections.Findings = fmt.Sprint("window ", i)
			_, results[i] = reports.SaveDraft(t.Context(), h.DB, reader, mine)
		})
	}
	wg.Wait()
	won := 0
	for _, err := range results {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, reports.ErrStale):
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d saves of one revision succeeded", won)
	}
	if _, err := desk(h).Sign(t.Context(), reader, s.WorkitemID, d.Revision); !errors.Is(err, reports.ErrStale) {
		t.Errorf("signing an older revision: %v", err)
	}
	for name, draft := range map[string]reports.Draft{
		"language": {WorkitemID: s.WorkitemID, Language: "xx"},
		"length":   {WorkitemID: s.WorkitemID, Sections: reports.Sections{Findings: strings.Repeat("a", reports.MaxText+1)}},
	} {
		if _, err := reports.SaveDraft(t.Context(), h.DB, reader, draft); err == nil {
			t.Errorf("%s: a bad draft was saved", name)
		}
	}
}

func TestSignRefusesIncomplete(t *testing.T) {
	t.Parallel()
	h := reportstest.NewHouse(t)
	s, reader := h.Claimed(t, "kaifu", "KF-1", "sato")
	if _, err := desk(h).Sign(t.Context(), reader, s.WorkitemID, 0); !errors.Is(err, reports.ErrStale) {
		t.Errorf("signing what was never saved: %v", err)
	}
	d := h.Draft(t, s.WorkitemID, reader, reports.Sections{Findings: "結節 ＿＿mm", Impression: "\u200e \n"})
	_, err := desk(h).Sign(t.Context(), reader, s.WorkitemID, d.Revision)
	var refusal *reports.IncompleteError
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v", err)
	}
	if !slices.Equal(refusal.Missing, []string{"impression"}) || !slices.Equal(refusal.Blanks, []string{"findings"}) {
		t.Errorf("refused for %+v", refusal)
	}
	if _, err := desk(h).Sign(t.Context(), h.Principal(t, "suzuki"), s.WorkitemID, d.Revision); !errors.Is(err, worklist.ErrNotHolder) {
		t.Errorf("another reader signs: %v", err)
	}
}

// Late images raise an addendum; its version repeats the first, refers to it,
// and continues the chain of hashes.
func testAddendum(t *testing.T, h *reportstest.House) {
	t.Helper()
	s := h.SendStudy(t, "kaifu", "KF-1", 2)
	reader := h.Principal(t, "sato")
	h.Claim(t, s.WorkitemID, reader)
	first, err := desk(h).Sign(t.Context(), reader, s.WorkitemID, h.Draft(t, s.WorkitemID, reader, text).Revision)
	if err != nil {
		t.Fatal(err)
	}
	h.SendSlice(t, "kaifu", "KF-1", &s, 3)
	item := h.Release(t, s.StudyID)
	if item == s.WorkitemID {
		t.Fatal("the late image raised no task")
	}
	h.Claim(t, item, reader)
	d := h.Draft(t, item, reader, reports.Sections{Addendum: "追加画像で変化を認めません。", Impression: "変更なし。"})
	if d.Template != "" {
		t.Error("an addendum began from a template")
	}
	second, err := desk(h).Sign(t.Context(), reader, item, d.Revision)
	if err != nil {
		t.Fatal(err)
	}
	if second.Version != 2 || second.Kind != reports.Addendum || second.PredecessorID != first.ID {
		t.Errorf("second version %+v", second)
	}
	last := second.Sections[len(second.Sections)-1]
	if len(second.Sections) != 3 || last.Code != reports.CodeAddendum || last.Text != "追加画像で変化を認めません。\n診断: 変更なし。" {
		t.Errorf("sections %+v", second.Sections)
	}
	doc, _ := second.Document("sr")
	o := object(t, h, doc.InstanceID)
	back, err := sr.Parse(o)
	if err != nil {
		t.Fatal(err)
	}
	firstSR, _ := first.Document("sr")
	if len(back.Predecessors) != 1 || back.Predecessors[0].SOPInstanceUID != firstSR.SOPInstanceUID {
		t.Errorf("predecessors %+v", back.Predecessors)
	}
	reportstest.Validate(t, reportstest.File(t, o))
	versions, err := reports.Versions(t.Context(), h.DB.Read(t.Context()), identity.Everything(), s.StudyID)
	if err != nil || len(versions) != 2 || versions[0].ID != first.ID {
		t.Errorf("versions %+v, %v", versions, err)
	}
	if n, err := reports.Verify(t.Context(), h.DB.Read(t.Context()), func(id string, err error) { t.Error(id, err) }); n < 2 || err != nil {
		t.Errorf("verified %d, %v", n, err)
	}
}

// Many signatures at once: one report.
func testSignRace(t *testing.T, h *reportstest.House) {
	t.Helper()
	s, reader := h.Claimed(t, "kaifu", "KF-1", "sato")
	revision := h.Draft(t, s.WorkitemID, reader, text).Revision
	var wg sync.WaitGroup
	results := make([]error, 6)
	for i := range results {
		wg.Go(func() { _, results[i] = desk(h).Sign(t.Context(), reader, s.WorkitemID, revision) })
	}
	wg.Wait()
	won := 0
	for _, err := range results {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, worklist.ErrFinal):
			t.Error(err)
		}
	}
	versions, err := reports.Versions(t.Context(), h.DB.Read(t.Context()), identity.Everything(), s.StudyID)
	if err != nil || won != 1 || len(versions) != 1 {
		t.Errorf("%d signatures won, %d versions, %v", won, len(versions), err)
	}
	st, err := catalog.StudyByID(t.Context(), h.DB.Read(t.Context()), identity.Everything(), s.StudyID)
	if err != nil || st.Own != 2 {
		t.Errorf("%d documents of ours, %v", st.Own, err)
	}
}

// A signed row cannot be changed by SQL, and a change made around the triggers
// is found.
func TestImmutable(t *testing.T) {
	t.Parallel()
	h := reportstest.NewHouse(t)
	s, reader := h.Claimed(t, "kaifu", "KF-1", "sato")
	r, err := desk(h).Sign(t.Context(), reader, s.WorkitemID, h.Draft(t, s.WorkitemID, reader, text).Revision)
	if err != nil {
		t.Fatal(err)
	}
	exec := func(q string) error {
		return h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, q)
			return err
		})
	}
	for _, q := range []string{
		`UPDATE reports SET body = replace(body, '右', '左')`, `DELETE FROM reports`,
		`UPDATE report_documents SET instance_id = ''`, `DELETE FROM report_documents`,
	} {
		if exec(q) == nil {
			t.Errorf("%s was carried out", q)
		}
	}
	if err := exec(`DROP TRIGGER reports_no_update`); err != nil {
		t.Fatal(err)
	}
	if err := exec(`UPDATE reports SET body = replace(body, '右', '左')`); err != nil {
		t.Fatal(err)
	}
	if _, err := reports.ByID(t.Context(), h.DB.Read(t.Context()), identity.Everything(), r.ID); !errors.Is(err, reports.ErrCorrupt) {
		t.Errorf("a changed report reads as %v", err)
	}
	found := 0
	if _, err := reports.Verify(t.Context(), h.DB.Read(t.Context()), func(string, error) { found++ }); err != nil || found != 1 {
		t.Errorf("%d changed reports found, %v", found, err)
	}
	// Text and hash changed together fit each other and not the trail.
	sum := func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }
	var body string
	if err := h.DB.Read(t.Context()).QueryRowContext(t.Context(), `SELECT body FROM reports`).Scan(&body); err != nil {
		t.Fatal(err)
	}
	if err := exec(`UPDATE reports SET content_hash = '` + sum(body) + `'`); err != nil {
		t.Fatal(err)
	}
	found = 0
	if _, err := reports.Verify(t.Context(), h.DB.Read(t.Context()), func(_ string, err error) {
		found++
		if !strings.Contains(err.Error(), "audit trail") {
			t.Error(err)
		}
	}); err != nil || found != 1 {
		t.Errorf("%d reports changed with their hash found, %v", found, err)
	}
}
