package reports_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// trainee makes a reader of a panel one, or no longer.
func panel(t *testing.T, h *reportstest.House, id string, readings int, trainees ...string) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE panels SET readings = $1 WHERE id = $2`, readings, id); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE panel_members SET trainee = 0 WHERE panel_id = $1`, id); err != nil {
			return err
		}
		for _, who := range trainees {
			if _, err := tx.ExecContext(ctx, `UPDATE panel_members SET trainee = 1 WHERE panel_id = $1 AND user_id = $2`, id, who); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// openItem is the one open item of a study.
func openItem(t *testing.T, h *reportstest.House, studyID string) worklist.Workitem {
	t.Helper()
	w, err := worklist.OpenOfStudy(t.Context(), h.DB.Read(t.Context()), studyID)
	if err != nil || w == nil {
		t.Fatalf("open item %v, %v", w, err)
	}
	return *w
}

func claimError(t *testing.T, h *reportstest.House, id string, p identity.Principal) error {
	t.Helper()
	return h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := worklist.Claim(ctx, tx, id, p.UserID)
		return err
	})
}

// A trainee's report is preliminary; another reader verifies it, and it is final: of one
// who is a trainee on the panel, and of one who is by the role.
func testVerification(t *testing.T, h *reportstest.House) {
	t.Helper()
	panel(t, h, "npo", 1, h.Principal(t, "suzuki").UserID)
	verification(t, h, "KF-T")
	panel(t, h, "npo", 1)
	role := func(r identity.Role) {
		if err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE users SET role = $1 WHERE login = 'suzuki'`, string(r))
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	role(identity.Trainee)
	defer role(identity.Reader)
	verification(t, h, "KF-TR")
}

func verification(t *testing.T, h *reportstest.House, patient string) {
	t.Helper()
	s := h.SendStudy(t, "kaifu", patient, 2)
	trainee, supervisor := h.Principal(t, "suzuki"), h.Principal(t, "sato")
	h.Claim(t, s.WorkitemID, trainee)
	d := h.Draft(t, s.WorkitemID, trainee, text)
	first, err := desk(h).Sign(t.Context(), trainee, s.WorkitemID, d.Revision)
	if err != nil {
		t.Fatal(err)
	}
	if first.Kind != reports.Preliminary {
		t.Fatalf("a trainee signed a %s report", first.Kind)
	}
	o := object(t, h, first.Documents[0].InstanceID)
	reportstest.Validate(t, reportstest.File(t, o))
	if o.String(tag.VerificationFlag) != "UNVERIFIED" || o.String(tag.PreliminaryFlag) != "PRELIMINARY" || len(o.Items(tag.VerifyingObserverSequence)) != 0 {
		t.Error("the SR of a preliminary report says that it is verified")
	}
	if back, err := sr.Parse(o); err != nil || back.Kind != reports.Preliminary || back.Author.Name != first.Author.Name || !back.SignedAt.Equal(first.SignedAt) {
		t.Errorf("SR reads as %+v, %v", back, err)
	}

	task := openItem(t, h, s.StudyID)
	if task.Purpose != worklist.Verification || task.Code() != "110007" {
		t.Fatalf("task %+v", task)
	}
	if err := claimError(t, h, task.ID, trainee); !errors.Is(err, worklist.ErrOwnReading) {
		t.Errorf("a trainee verifies their own report: %v", err)
	}
	h.Claim(t, task.ID, supervisor)
	d, err = reports.OpenDraft(t.Context(), h.DB, supervisor, task.ID)
	if err != nil || d.Revision != 1 || d.Sections.Findings != text.Findings {
		t.Fatalf("draft %+v, %v", d, err)
	}
	d.Sections.Impression = "右被殻出血。脳室穿破なし。"
	if d, err = reports.SaveDraft(t.Context(), h.DB, supervisor, d); err != nil {
		t.Fatal(err)
	}
	final, err := desk(h).Sign(t.Context(), supervisor, task.ID, d.Revision)
	if err != nil {
		t.Fatal(err)
	}
	if who, ok := final.FirstReader(); final.Kind != reports.Final || final.Version != 2 || !ok || who.UserID != trainee.UserID {
		t.Errorf("final %+v, first reader %+v", final, who)
	}
	if final.SectionAuthor(0) != final.Author {
		t.Error("a verified text is not its verifier's")
	}
	o = object(t, h, final.Documents[0].InstanceID)
	reportstest.Validate(t, reportstest.File(t, o))
	if o.String(tag.VerificationFlag) != "VERIFIED" || len(o.Items(tag.AuthorObserverSequence)) != 2 {
		t.Error("the SR of the verified report does not name both")
	}
	changes, err := reports.Compare(t.Context(), h.DB.Read(t.Context()), supervisor.Scope(), final.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := []reports.Edit{{Op: "equal", Text: "右被殻出血。"}, {Op: "insert", Text: "脳室穿破なし。"}}
	if len(changes) != 2 || !slices.Equal(changes[1].Edits, want) || len(changes[0].Edits) != 1 {
		t.Errorf("changes %+v", changes)
	}
}

// Two independent readings end in a report both can stand behind: where the panel reads
// twice, and where a rule says so of the study.
func testDoubleReading(t *testing.T, h *reportstest.House) {
	t.Helper()
	panel(t, h, "npo", 2)
	doubleReading(t, h, h.SendStudy(t, "kaifu", "KF-D", 2))
	panel(t, h, "npo", 1)
	s := h.SendStudy(t, "kaifu", "KF-DR", 2)
	if err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE workitems SET task = $1 WHERE id = $2`, worklist.Double, s.WorkitemID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	doubleReading(t, h, s)
}

func doubleReading(t *testing.T, h *reportstest.House, s reportstest.Sent) {
	t.Helper()
	one, two := h.Principal(t, "suzuki"), h.Principal(t, "sato")
	sign := func(id string, p identity.Principal, s reports.Sections) *reports.Report {
		t.Helper()
		h.Claim(t, id, p)
		d, err := reports.OpenDraft(t.Context(), h.DB, p, id)
		if err != nil {
			t.Fatal(err)
		}
		d.Sections = s
		d.Marks.Critical = &reports.Critical{Level: reports.CriticalRed, Finding: "右被殻出血"}
		if d, err = reports.SaveDraft(t.Context(), h.DB, p, d); err != nil {
			t.Fatal(err)
		}
		r, err := desk(h).Sign(t.Context(), p, id, d.Revision)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := sign(s.WorkitemID, one, text); r.Kind != reports.Preliminary {
		t.Errorf("first reading is %s", r.Kind)
	}
	second := openItem(t, h, s.StudyID)
	if second.Purpose != worklist.SecondReading || second.NotFor != one.UserID {
		t.Fatalf("second reading %+v", second)
	}
	if err := claimError(t, h, second.ID, one); !errors.Is(err, worklist.ErrOwnReading) {
		t.Errorf("one reader reads twice: %v", err)
	}
	h.Claim(t, second.ID, two)
	if d, err := reports.OpenDraft(t.Context(), h.DB, two, second.ID); err != nil || d.Sections.Findings != "" {
		t.Errorf("the second reader begins from the first's text: %+v, %v", d, err)
	}
	if r := sign(second.ID, two, text); r.Kind != reports.Preliminary || r.Version != 2 {
		t.Errorf("second reading is %s %d", r.Kind, r.Version)
	}
	last := openItem(t, h, s.StudyID)
	if last.Purpose != worklist.Consensus {
		t.Fatalf("then %+v", last)
	}
	if r := sign(last.ID, one, text); r.Kind != reports.Final || r.Version != 3 || len(r.Earlier) != 2 {
		t.Errorf("consensus %s %d", r.Kind, r.Version)
	}
	if w, err := worklist.OpenOfStudy(t.Context(), h.DB.Read(t.Context()), s.StudyID); err != nil || w != nil {
		t.Errorf("still open: %+v, %v", w, err)
	}
}

// A correction takes the place of the text and says why; a retraction takes it
// back; both stay in the chain.
func testCorrection(t *testing.T, h *reportstest.House) {
	t.Helper()
	s := h.SendStudy(t, "kaifu", "KF-C", 2)
	reader := h.Principal(t, "sato")
	h.Claim(t, s.WorkitemID, reader)
	d := h.Draft(t, s.WorkitemID, reader, text)
	if _, err := desk(h).Sign(t.Context(), reader, s.WorkitemID, d.Revision); err != nil {
		t.Fatal(err)
	}
	begin := func(p worklist.Purpose) string {
		t.Helper()
		var id string
		err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			w, err := worklist.Create(ctx, tx, worklist.New{
				StudyID: s.StudyID, FacilityID: "kaifu", Kind: worklist.Addendum, Purpose: p, PanelID: "npo", Deadline: db.Now(),
			})
			if err != nil {
				return err
			}
			id = w.ID
			_, err = worklist.Claim(ctx, tx, id, reader.UserID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	id := begin(worklist.Correction)
	d, err := reports.OpenDraft(t.Context(), h.DB, reader, id)
	if err != nil || d.Sections.Findings != text.Findings {
		t.Fatalf("draft %+v, %v", d, err)
	}
	var incomplete *reports.IncompleteError
	if _, err := desk(h).Sign(t.Context(), reader, id, d.Revision); !errors.As(err, &incomplete) || !slices.Equal(incomplete.Missing, []string{"reason"}) {
		t.Fatalf("a correction without a reason: %v", err)
	}
	var asked *reports.LintError
	d.Sections.Reason = "左右の誤記"
	d.Sections.Findings = strings.ReplaceAll(d.Sections.Findings, "右", "左")
	if d, err = reports.SaveDraft(t.Context(), h.DB, reader, d); err != nil {
		t.Fatal(err)
	}
	if _, err := desk(h).Sign(t.Context(), reader, id, d.Revision); !errors.As(err, &asked) || asked.Findings[0].Rule != "side" {
		t.Fatalf("findings left and impression right: %v", err)
	}
	d.Marks.Overrides = []reports.Override{{Rule: "side", Quote: asked.Findings[0].Quote, Reason: "試験"}, {Rule: "figure", Quote: "図9", Reason: "なし"}}
	if d, err = reports.SaveDraft(t.Context(), h.DB, reader, d); err != nil {
		t.Fatal(err)
	}
	corrected, err := desk(h).Sign(t.Context(), reader, id, d.Revision)
	if err != nil {
		t.Fatal(err)
	}
	if corrected.Kind != reports.Correction || corrected.Kind.Status() != "C" || corrected.Sections[0].Code != reports.CodeReason || len(corrected.Marks.Overrides) != 1 || len(corrected.Predecessors) != 2 {
		t.Errorf("correction %+v", corrected)
	}
	o := object(t, h, corrected.Documents[0].InstanceID)
	reportstest.Validate(t, reportstest.File(t, o))
	if back, err := sr.Parse(o); err != nil || back.Kind != reports.Correction || !slices.Equal(back.Sections, corrected.Sections) {
		t.Errorf("SR reads as %+v, %v", back, err)
	}

	id = begin(worklist.Retraction)
	d = h.Draft(t, id, reader, reports.Sections{Reason: "別の患者の画像でした。"})
	gone, err := desk(h).Sign(t.Context(), reader, id, d.Revision)
	if err != nil {
		t.Fatal(err)
	}
	if gone.Kind != reports.Retraction || gone.Kind.Status() != "X" || len(gone.Sections) != 1 {
		t.Errorf("retraction %+v", gone)
	}
	o = object(t, h, gone.Documents[0].InstanceID)
	reportstest.Validate(t, reportstest.File(t, o))
	if back, err := sr.Parse(o); err != nil || back.Kind != reports.Retraction {
		t.Errorf("SR reads as %+v, %v", back, err)
	}
	if n, err := reports.Verify(t.Context(), h.DB.Read(t.Context()), func(id string, err error) { t.Error(id, err) }); err != nil || n == 0 {
		t.Errorf("verify: %d, %v", n, err)
	}
}

// Text of an engine that the reader has not read cannot be signed.
func testUnseen(t *testing.T, h *reportstest.House) {
	t.Helper()
	s := h.SendStudy(t, "kaifu", "KF-U", 1)
	reader := h.Principal(t, "sato")
	h.Claim(t, s.WorkitemID, reader)
	d := h.Draft(t, s.WorkitemID, reader, text)
	d.Marks.Origins = []reports.Origin{{Source: "draft-engine 1.0", Kind: "draft", Text: text.Findings}}
	d, err := reports.SaveDraft(t.Context(), h.DB, reader, d)
	if err != nil {
		t.Fatal(err)
	}
	var incomplete *reports.IncompleteError
	if _, err := desk(h).Sign(t.Context(), reader, s.WorkitemID, d.Revision); !errors.As(err, &incomplete) || len(incomplete.Unseen) != 1 {
		t.Fatalf("unseen text: %v", err)
	}
	d.Marks.Origins[0].Seen = true
	if d, err = reports.SaveDraft(t.Context(), h.DB, reader, d); err != nil {
		t.Fatal(err)
	}
	r, err := desk(h).Sign(t.Context(), reader, s.WorkitemID, d.Revision)
	if err != nil {
		t.Fatal(err)
	}
	got, err := reports.ByID(t.Context(), h.DB.Read(t.Context()), reader.Scope(), r.ID)
	if err != nil || len(got.Marks.Origins) != 1 || got.Marks.Origins[0].Source != "draft-engine 1.0" {
		t.Errorf("provenance is not in what was signed: %+v, %v", got, err)
	}
}
