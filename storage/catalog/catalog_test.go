package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
)

// TestCatalog is the contract of the catalog on every engine.
func TestCatalog(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		t.Run("scopes", func(t *testing.T) { scopes(t, open(t)) })
		t.Run("paging", func(t *testing.T) { paging(t, open(t)) })
		t.Run("search", func(t *testing.T) { search(t, open(t)) })
		t.Run("acknowledge", func(t *testing.T) { acknowledge(t, open(t)) })
		t.Run("order by patient", func(t *testing.T) { orderByPatient(t, open(t)) })
		t.Run("complete is conditional", func(t *testing.T) { completeIsConditional(t, open(t)) })
	})
}

var day = time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)

// arrival is the nth study of a facility, with one image.
func arrival(facility string, n int) catalog.Arrival {
	uid := fmt.Sprintf("1.2.%d", n)
	return catalog.Arrival{
		Study: catalog.Study{
			FacilityID: facility, StudyInstanceUID: uid, AccessionNumber: fmt.Sprintf("ACC%04d", n), Description: "頭部単純CT",
			StudyDate: day.AddDate(0, 0, n%10).Format("20060102"),
			Patient:   catalog.Patient{FacilityID: facility, PatientID: fmt.Sprintf("P%d", n%7), Name: "Takahashi^Jiro=髙橋^次郎=タカハシ^ジロウ"},
		},
		Series: catalog.Series{SeriesInstanceUID: uid + ".1", Modality: []string{"CT", "MR"}[n%2], Origin: catalog.Received},
		Instance: catalog.Instance{
			FacilityID: facility, SOPClassUID: "1.2.840.10008.5.1.4.1.1.2", SOPInstanceUID: uid + ".1.1", ObjectKey: fmt.Sprintf("%s/aa/bb/%d.dcm", facility, n),
			SHA256: fmt.Sprintf("%064d", n), Origin: catalog.Received, ReceivedAt: day,
		},
		Quiet: time.Minute,
		Now:   day.Add(time.Duration(n/3) * time.Second), // some share a moment
	}
}

func arrive(tb testing.TB, d *db.DB, list ...catalog.Arrival) (done []catalog.Arrived) {
	tb.Helper()
	err := d.Write(tb.Context(), func(ctx context.Context, tx db.Tx) error {
		done = nil
		for _, a := range list {
			r, err := catalog.Arrive(ctx, tx, a)
			if err != nil {
				return err
			}
			err = catalog.AppendEvent(ctx, tx, catalog.Event{Kind: catalog.EventInstanceStored, FacilityID: a.Study.FacilityID, StudyID: r.StudyID, Ref: r.InstanceID})
			if err != nil {
				return err
			}
			done = append(done, r)
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return done
}

// Each way to reach a row, by each kind of scope.
func scopes(t *testing.T, d *db.DB) {
	done := arrive(t, d, arrival("kaifu", 1), arrival("mima", 2), arrival("mima", 3))
	ctx, tx := t.Context(), d.Read(t.Context())
	if err := d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return errors.Join(
			catalog.Grant(ctx, tx, done[1].StudyID, catalog.GranteePanel, "npo"),
			catalog.Grant(ctx, tx, done[1].StudyID, catalog.GranteePanel, "npo"),
			catalog.Grant(ctx, tx, done[2].StudyID, catalog.GranteeUser, "sato"))
	}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		scope identity.Scope
		sees  [3]bool
	}{
		{"nobody", identity.Scope{}, [3]bool{}},
		{"hospital", identity.Scope{FacilityID: "kaifu", UserID: "u"}, [3]bool{true, false, false}},
		{"panel", identity.Scope{UserID: "suzuki", PanelIDs: []string{"other", "npo"}}, [3]bool{false, true, false}},
		{"user", identity.Scope{UserID: "sato"}, [3]bool{false, false, true}},
		{"both", identity.Scope{UserID: "sato", PanelIDs: []string{"npo"}}, [3]bool{false, true, true}},
		{"a name in the wrong place", identity.Scope{UserID: "npo", PanelIDs: []string{"sato", "kaifu"}}, [3]bool{}},
		{"injection", identity.Scope{FacilityID: "x' OR '1'='1", PanelIDs: []string{"') OR (1=1"}}, [3]bool{}},
		{"coordinator", identity.Everything(), [3]bool{true, true, true}},
	} {
		page, _, err := catalog.Studies(ctx, tx, c.scope, catalog.StudyQuery{})
		if err != nil {
			t.Fatal(err)
		}
		events, next, err := catalog.VisibleEventsAfter(ctx, tx, c.scope, 0, 10)
		if err != nil || next != 3 {
			t.Fatal(next, err)
		}
		list, err := catalog.InstancesAfter(ctx, tx, c.scope, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for k, want := range c.sees {
			if want {
				n++
			}
			r := done[k]
			_, err1 := catalog.StudyByID(ctx, tx, c.scope, r.StudyID)
			_, err2 := catalog.SeriesByID(ctx, tx, c.scope, r.SeriesID)
			_, err3 := catalog.InstanceByID(ctx, tx, c.scope, r.InstanceID)
			_, err4 := catalog.Versions(ctx, tx, c.scope, r.InstanceID)
			for _, err := range []error{err1, err2, err3, err4} {
				if (err == nil) != want || (err != nil && !errors.Is(err, catalog.ErrNotFound)) {
					t.Errorf("%s, study %d: %v", c.name, k, err)
				}
			}
			seen, err := catalog.Visible(ctx, tx, c.scope, r.StudyID)
			series, err5 := catalog.SeriesOf(ctx, tx, c.scope, r.StudyID)
			if err != nil || err5 != nil || seen != want || (len(series) == 1) != want {
				t.Errorf("%s, study %d: visible %v, %d series, %v %v", c.name, k, seen, len(series), err, err5)
			}
		}
		if len(page) != n || len(events) != n || len(list) != n {
			t.Errorf("%s: %d studies, %d events, %d instances, want %d", c.name, len(page), len(events), len(list), n)
		}
	}
	if err := d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return catalog.Revoke(ctx, tx, done[2].StudyID, catalog.GranteeUser, "sato")
	}); err != nil {
		t.Fatal(err)
	}
	if seen, err := catalog.Visible(ctx, tx, identity.Scope{UserID: "sato"}, done[2].StudyID); seen || err != nil {
		t.Error("a revoked grant still holds")
	}
}

// Pages of any size give every study once, in order.
func paging(t *testing.T, d *db.DB) {
	var list []catalog.Arrival
	for n := range 40 {
		list = append(list, arrival("kaifu", n))
	}
	arrive(t, d, list...)
	rapid.Check(t, func(rt *rapid.T) {
		q := catalog.StudyQuery{
			Limit:    rapid.IntRange(1, 45).Draw(rt, "limit"),
			Modality: rapid.SampledFrom([]string{"", "CT", "MR"}).Draw(rt, "modality"),
			From:     rapid.SampledFrom([]string{"", "20260404"}).Draw(rt, "from"),
			To:       rapid.SampledFrom([]string{"", "20260406"}).Draw(rt, "to"),
		}
		want := 0
		for _, a := range list {
			if (q.Modality == "" || a.Series.Modality == q.Modality) && a.Study.StudyDate >= q.From && (q.To == "" || a.Study.StudyDate <= q.To) {
				want++
			}
		}
		var got []string
		var last catalog.Study
		for {
			page, next, err := catalog.Studies(t.Context(), d.Read(t.Context()), identity.Everything(), q)
			if err != nil || len(page) > q.Limit {
				rt.Fatal(len(page), err)
			}
			for _, s := range page {
				if last.ID != "" && (s.FirstArrival.After(last.FirstArrival) || s.FirstArrival.Equal(last.FirstArrival) && s.ID >= last.ID) {
					rt.Fatal("out of order")
				}
				last = s
				got = append(got, s.ID)
			}
			if next == "" {
				break
			}
			q.Cursor = next
		}
		slices.Sort(got)
		if n := len(slices.Compact(got)); n != want {
			rt.Fatalf("%d studies, want %d", n, want)
		}
	})
	for _, c := range []string{"x", "AAAA", catalog.Cursor(1, "1"), catalog.Cursor(1, "' OR 1=1"), strings.Repeat("A", 500)} {
		if _, _, err := catalog.Studies(t.Context(), d.Read(t.Context()), identity.Everything(), catalog.StudyQuery{Cursor: c}); !errors.Is(err, catalog.ErrCursor) {
			t.Errorf("%q: %v", c, err)
		}
	}
}

func search(t *testing.T, d *db.DB) {
	arrive(t, d, arrival("kaifu", 1), arrival("kaifu", 12))
	for text, want := range map[string]int{
		"":               2,
		"takahashi":      2,
		"ＴＡＫＡＨＡＳＨＩ jiro": 2,
		"髙橋":             2,
		"高橋":             0, // another character: shown as found, never guessed
		"たかはし":           2,
		"ﾀｶﾊｼ":           2,
		"acc0012":        1,
		"ACC0012 髙橋":     1,
		"acc":            2,
		"cc0012":         0, // inside a word
		"0012":           0,
		"acc_012":        0,
		"橋":              2,
		"単純ct":           2,
		"' OR 1=1 --":    0,
		"!":              0,
	} {
		page, _, err := catalog.Studies(t.Context(), d.Read(t.Context()), identity.Everything(), catalog.StudyQuery{Text: text})
		if err != nil || len(page) != want {
			t.Errorf("%q: %d studies, want %d (%v)", text, len(page), want, err)
		}
	}
}

// The items of a study whose name comes with a later image have the order of that name.
func orderByPatient(t *testing.T, d *db.DB) {
	nameless, named := arrival("kaifu", 1), arrival("kaifu", 1)
	nameless.Study.Patient.Name = ""
	named.Instance.SOPInstanceUID, named.Instance.ObjectKey = "1.2.1.1.2", "kaifu/aa/bb/2.dcm"
	study := arrive(t, d, nameless)[0].StudyID
	keys := func() (ofStudy, ofItem string) {
		t.Helper()
		ctx, tx := t.Context(), d.Read(t.Context())
		ofStudy, err := catalog.PatientKey(ctx, tx, study)
		if err == nil {
			err = tx.QueryRowContext(ctx, `SELECT patient_key FROM workitems WHERE study_id = $1`, study).Scan(&ofItem)
		}
		if err != nil {
			t.Fatal(err)
		}
		return ofStudy, ofItem
	}
	err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO workitems (id, study_id, facility_id, sop_instance_uid, state, kind, panel_id, priority, priority_rank, deadline, readiness, created_at)
			VALUES ('w', $1, 'kaifu', '1.2.3', 'SCHEDULED', 'interpretation', 'npo', 'STAT', 0, 0, 'INCOMPLETE', 0)`, study)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if s, i := keys(); s != "" || i != "" {
		t.Errorf("without a name the keys are %q and %q", s, i)
	}
	arrive(t, d, named)
	if s, i := keys(); s != "takahashi jiro" || i != s {
		t.Errorf("with the name the keys are %q and %q", s, i)
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Yamada^Tarou=山田^太郎=ヤマダ^タロウ": "yamada tarou 山田 太郎 やまだ たろう",
		"ﾔﾏﾀﾞ":        "やまだ",
		"  Ａ１ \t b\n": "a1 b",
		"𠮷田":          "𠮷田",
		"":            "",
		"\x1b[31m":    "[31m",
	} {
		if got := catalog.Fold(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.String().Draw(rt, "s")
		if once := catalog.Fold(s); catalog.Fold(once) != once {
			rt.Fatalf("%q folds to %q and then %q", s, once, catalog.Fold(once))
		}
	})
}

func slice(n int, z float64, acquisition int) catalog.Instance {
	return catalog.Instance{
		ID: fmt.Sprint(n), InstanceNumber: n,
		Header: catalog.Header{Position: []float64{0, 0, z}, Orientation: []float64{1, 0, 0, 0, 1, 0}, AcquisitionNumber: &acquisition},
	}
}

func TestOrderOfInstances(t *testing.T) {
	t.Parallel()
	noPlace := slice(2, 0, 1)
	noPlace.Header.Position = nil
	tilted := slice(2, 5, 1)
	tilted.Header.Orientation = []float64{1, 0, 0, 0, 0, -1}
	for _, c := range []struct {
		name string
		list []catalog.Instance
		want string
	}{
		{"by place, numbers with it", []catalog.Instance{slice(3, 10, 1), slice(1, 0, 1), slice(2, 20, 1)}, "132"},
		{"by place, numbers against it", []catalog.Instance{slice(1, 100, 1), slice(2, 50, 1), slice(3, 0, 1)}, "123"},
		{"two phases", []catalog.Instance{slice(4, 0, 2), slice(1, 0, 1), slice(3, 5, 2), slice(2, 5, 1)}, "1234"},
		{"one without place", []catalog.Instance{slice(3, 10, 1), noPlace, slice(1, 20, 1)}, "123"},
		{"localiser in two planes", []catalog.Instance{slice(3, 10, 1), tilted, slice(1, 20, 1)}, "123"},
		{"one", []catalog.Instance{slice(1, 0, 1)}, "1"},
		{"none", nil, ""},
	} {
		catalog.SortInstances(c.list)
		got := ""
		for _, i := range c.list {
			got += i.ID
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func acknowledge(t *testing.T, d *db.DB) {
	id := arrive(t, d, arrival("kaifu", 1))[0].StudyID
	confirm := func(scope identity.Scope) (s catalog.Study, err error) {
		err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) (err error) {
			s, err = catalog.Acknowledge(ctx, tx, scope, id)
			return err
		})
		return s, err
	}
	if _, err := confirm(identity.Scope{FacilityID: "mima"}); !errors.Is(err, catalog.ErrNotFound) {
		t.Error(err)
	}
	first, err := confirm(identity.Scope{FacilityID: "kaifu", UserID: "a"})
	second, err2 := confirm(identity.Scope{FacilityID: "kaifu", UserID: "b"})
	if err != nil || err2 != nil || first.ReceivedBy != "a" || second.ReceivedBy != "a" || !second.ReceivedAt.Equal(first.ReceivedAt) {
		t.Errorf("%v %v, %q then %q", err, err2, first.ReceivedBy, second.ReceivedBy)
	}
}

// CompleteStudy and an instance that arrives at the same moment: one of the two
// comes first, and the study never rests as complete with an instance unseen.
func completeIsConditional(t *testing.T, d *db.DB) {
	a := arrival("kaifu", 1)
	id := arrive(t, d, a)[0].StudyID
	late := a
	late.Instance.SOPInstanceUID, late.Instance.SHA256 = "1.2.1.1.2", strings.Repeat("f", 64)
	late.Now = a.Now.Add(a.Quiet)
	arrive(t, d, late)
	err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		s, ok, err := catalog.CompleteStudy(ctx, tx, id, a.Now.Add(a.Quiet))
		if ok || s.State != catalog.Receiving {
			t.Error("completed although an instance had just come")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []bool{true, false} {
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, ok, err := catalog.CompleteStudy(ctx, tx, id, late.Now.Add(a.Quiet))
			if ok != want {
				t.Errorf("try %d: %v", n, ok)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
