package reports_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/archive"
	"github.com/dokuei/dokuei/reports/fhir"
	"github.com/dokuei/dokuei/reports/pdf"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// What was answered in the fields of a template is signed in codes with the lines that
// stand, is in the SR and the FHIR bundle and is found by its codes; a line that its
// reader wrote otherwise, or a correction takes out, takes its code along.
func TestSignedInCodes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		t.Helper()
		testSignedInCodes(t, reportstest.NewHouseOn(t, open(t)))
	})
}

// The pieces of a text are its text again, and say which line a code is of.
func TestParts(t *testing.T) {
	t.Parallel()
	r := reportstest.Coded()
	var codes []reports.Coded
	for n, s := range r.Sections {
		var texts []string
		for _, p := range r.Parts(n) {
			texts = append(texts, p.Text)
			for _, c := range p.Coded {
				if c.Line != strings.Trim(p.Text, "\n") || c.Section != s.Code {
					t.Errorf("%q says %+v", p.Text, c)
				}
			}
			codes = append(codes, p.Coded...)
			if strings.Trim(p.Text, "\n") == "" {
				t.Errorf("%s has an empty piece", s.Heading)
			}
		}
		if strings.Join(texts, "\n") != s.Text {
			t.Errorf("%q", texts)
		}
	}
	if !reflect.DeepEqual(codes, r.Marks.Coded) || !reflect.DeepEqual(r.Codes(), codes) {
		t.Errorf("%+v", codes)
	}
	r.Marks.Coded[0].Line = "書かれていない。"
	if got := r.Codes(); len(got) != len(codes)-1 {
		t.Errorf("of a line that does not stand: %+v", got)
	}
	// A line of several is one piece, with what is said within it.
	r.Sections = []reports.Section{{Code: reports.CodeFindings, Text: "一\n二\n三\n四"}}
	r.Marks.Coded = []reports.Coded{{Section: reports.CodeFindings, Line: "二\n三"}, {Section: reports.CodeFindings, Line: "三"}}
	if p := r.Parts(0); len(p) != 3 || p[1].Text != "二\n三" || len(p[1].Coded) != 2 || p[2].Text != "四" {
		t.Errorf("%+v", p)
	}
}

func testSignedInCodes(t *testing.T, h *reportstest.House) {
	t.Helper()
	s, reader := h.Claimed(t, "kaifu", "P1", "sato")
	k := reports.NewDesk(reports.Deps{DB: h.DB, Objects: h.Objects, Ingest: h.Ingest, Also: archive.Index, Writers: []reports.Writer{sr.Writer{}, pdf.Writer{}}})
	sign := func(item string, sections reports.Sections, answers reports.Answers) *reports.Report {
		t.Helper()
		d, err := reports.OpenDraft(t.Context(), h.DB, reader, item)
		if err != nil {
			t.Fatal(err)
		}
		d.Sections, d.Answers, d.Template = sections, answers, "head-ct"
		d.Marks.Critical = &reports.Critical{Level: reports.CriticalRed, Finding: "左被殻出血"}
		d.Marks.Coded = []reports.Coded{{Section: reports.CodeFindings, Line: "発明。", Finding: reports.Concept{Value: "1", Scheme: "SCT", Meaning: "x"}}} // a client's word is none
		if d, err = reports.SaveDraft(t.Context(), h.DB, reader, d); err != nil {
			t.Fatal(err)
		}
		r, err := k.Sign(t.Context(), reader, item, d.Revision)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	next := func(n worklist.New) string {
		t.Helper()
		var id string
		err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			n.StudyID, n.FacilityID, n.PanelID, n.Deadline = s.StudyID, "kaifu", reader.PanelIDs[0], db.Now()
			made, err := worklist.Create(ctx, tx, n)
			if err == nil {
				id = made.ID
				_, err = worklist.Claim(ctx, tx, id, reader.UserID)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	found := func(r *reports.Report) (out []string) {
		for _, c := range r.Marks.Coded {
			out = append(out, c.Finding.Value)
		}
		return out
	}
	search := func(code string) int {
		t.Helper()
		list, _, err := archive.Search(t.Context(), h.DB.Read(t.Context()), identity.Everything(), archive.Query{Code: code})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	const bleed, hydro = "左被殻に 32x24 mm の高吸収域を認め、脳内出血と考えます。脳室内への穿破を認めません。", "脳室の拡大を認め、水頭症と考えます。"
	answers := reports.Answers{"bleed": {"ich"}, "side": {"l"}, "site": {"putamen"}, "size": {"32x24"}, "ivh": {"no"}, "ventricle": {"hydro"}}
	text := reports.Sections{Findings: bleed + "\n脳室はやや大きいのみです。", Impression: "左被殻の脳内出血。"}
	first := sign(s.WorkitemID, text, answers) // the second line is the reader's own
	if got := found(first); !slices.Equal(got, []string{"274100004"}) || first.Marks.Coded[0].Line != bleed {
		t.Fatalf("signed with %+v, the template writes %q", first.Marks.Coded, hydro)
	}
	tx := h.DB.Read(t.Context())
	again, err := reports.ByID(t.Context(), tx, identity.Everything(), first.ID)
	if err != nil || !reflect.DeepEqual(again.Marks.Coded, first.Marks.Coded) {
		t.Errorf("read again: %+v, %v", again.Marks.Coded, err)
	}
	ref, _ := first.Document(sr.Object)
	parsed, err := sr.Parse(object(t, h, ref.InstanceID))
	if err != nil || !reflect.DeepEqual(parsed.Marks.Coded, first.Marks.Coded) {
		t.Errorf("the SR has %+v, %v", parsed.Marks.Coded, err)
	}
	raw, err := fhir.Build(again, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	if back, _, err := fhir.Parse(raw); err != nil || !reflect.DeepEqual(back.Codes(), first.Marks.Coded) {
		t.Errorf("the bundle has %+v, %v", back.Codes(), err)
	}
	for code, want := range map[string]int{"274100004": 1, "89278009": 1, "7771000": 1, "24028007": 0, "230745008": 0} {
		if got := search(code); got != want {
			t.Errorf("%d reports with %s, want %d", got, code, want)
		}
	}
	added := sign(next(worklist.New{Kind: worklist.Addendum}), reports.Sections{Addendum: "追記。"}, nil)
	if got := found(added); !slices.Equal(got, []string{"274100004"}) {
		t.Errorf("an addendum has %v", got)
	}
	other := sign(next(worklist.New{Purpose: worklist.Correction}), reports.Sections{Reason: "左右の誤り。", Findings: "右被殻に出血。左ではありません。", Impression: "右被殻出血。"}, nil)
	if got := found(other); len(got) != 0 || search("274100004") != 0 {
		t.Errorf("a correction without the line has %v", got)
	}
}
