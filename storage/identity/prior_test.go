package identity_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
)

// What a reader may see of another hospital, hospital × consent × linkage × role ×
// policy × state of the work: the decision and the condition of every query agree,
// and without linkage and consent nothing is ever seen.
func TestPriorsDecisionIsTheFilter(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) { testPriors(t, houseOn(t, open(t))) })
}

func testPriors(t *testing.T, h *house) {
	facilities := []string{"f1", "f2", "f3"}
	h.write(func(ctx context.Context, tx db.Tx) error {
		for _, id := range facilities {
			if _, err := tx.ExecContext(ctx, `INSERT INTO facilities (id, name, created_at, updated_at) VALUES ($1, $1, 0, 0)`, id); err != nil {
				return err
			}
		}
		return nil
	})
	now := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	n, seen := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		w := drawWorld(rt, n, now)
		h.write(func(ctx context.Context, tx db.Tx) error { return w.put(ctx, tx) })
		for _, a := range []identity.Action{identity.ViewStudy, identity.ViewImages, identity.ViewReport} {
			d := identity.Decide(w.p, a, w.r)
			found := w.finds(t, h.db, a, now)
			if may := identity.Decide(w.p, a, identity.Resource{}).Allowed; d.Allowed != (may && found) {
				rt.Fatalf("%s: %+v\non %+v\ndecision %+v, the filter finds %v", a, w.p, w.r, d, found)
			}
			if d.Allowed && w.p.Role.Reads() {
				seen++
				if !w.linked || !w.r.Consent.Given {
					rt.Fatalf("%s is seen without linkage or consent: %+v", a, w)
				}
			}
		}
		if cond, args := w.p.Scope().WithPriors(now).StudyFilter(2); !w.p.Scope().All && w.p.Role.Reads() && count(t, h.db, "studies", cond, w.prior, args) > 0 {
			rt.Fatal("a prior stands among the studies of the scope")
		}
	})
	// The door opens at all: chance may draw none that does.
	open := world{prior: "prior", current: "current", linked: true, state: "SCHEDULED", p: identity.Principal{Role: identity.Reader, UserID: "u1"}}
	open.history = []identity.Consent{{Given: true, Everywhere: true, Images: true, Reports: true}}
	open.r = identity.Resource{
		FacilityID: "f1", Patient: open.prior, At: now, Consent: open.history[0],
		Currents: []identity.Current{{FacilityID: "f2", SeesOthers: true, Users: []string{"u1"}, Linked: true, Open: true}},
	}
	h.write(func(ctx context.Context, tx db.Tx) error { return open.put(ctx, tx) })
	for _, a := range []identity.Action{identity.ViewStudy, identity.ViewImages, identity.ViewReport} {
		if !identity.Decide(open.p, a, open.r).Allowed || !open.finds(t, h.db, a, now) {
			t.Errorf("%s: a prior with linkage and consent is not seen", a)
		}
	}
	t.Logf("%d worlds, priors seen %d times", n, seen)
}

// world is a prior at one hospital and a study being read at another.
type world struct {
	p              identity.Principal
	r              identity.Resource
	prior, current string
	linked         bool
	state          string
	history        []identity.Consent
}

func drawWorld(rt *rapid.T, n int, now time.Time) world {
	facilities, users, panels := []string{"f1", "f2", "f3"}, []string{"u1", "u2"}, []string{"p1", "p2"}
	some := func(of []string, label string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, len(of), rapid.ID).Draw(rt, label)
	}
	// Mostly what opens the door, so that each single reason that shuts it is met alone.
	yes := func(label string) bool {
		return rapid.SampledFrom([]bool{true, true, true, true, true, false}).Draw(rt, label)
	}
	w := world{prior: fmt.Sprint("prior", n), current: fmt.Sprint("current", n), linked: yes("linked")}
	w.p = identity.Principal{
		Role:   rapid.SampledFrom(append(identity.Roles(), readers...)).Draw(rt, "role"),
		UserID: rapid.SampledFrom(users).Draw(rt, "user"), PanelIDs: some(panels, "panels of the user"),
	}
	if w.p.Role.AtFacility() {
		w.p.FacilityID = rapid.SampledFrom(facilities).Draw(rt, "facility of the user")
	}
	for range rapid.SampledFrom([]int{0, 1, 1, 1, 2, 2}).Draw(rt, "entries") {
		c := identity.Consent{Given: yes("given")}
		if c.Given {
			c.Everywhere, c.Images, c.Reports = yes("everywhere"), yes("images"), yes("reports")
			if !c.Everywhere {
				c.Facilities = some(facilities, "to")
			}
			c.Until = rapid.SampledFrom([]time.Time{{}, {}, {}, {}, now.Add(-time.Second), now, now.Add(time.Hour)}).Draw(rt, "until")
		}
		w.history = append(w.history, c)
	}
	w.state = rapid.SampledFrom([]string{"SCHEDULED", "IN PROGRESS", "SCHEDULED", "IN PROGRESS", "COMPLETED", "CANCELED", ""}).Draw(rt, "state")
	w.r = identity.Resource{
		FacilityID: rapid.SampledFrom([]string{"f1", "f1", "f1", "f3"}).Draw(rt, "facility of the prior"), Patient: w.prior, At: now,
		Currents: []identity.Current{{
			FacilityID: rapid.SampledFrom([]string{"f2", "f2", "f3", "f1"}).Draw(rt, "facility"), SeesOthers: yes("sees others"),
			Users: rapid.SampledFrom([][]string{users, users, {"u2"}, nil}).Draw(rt, "users"), Panels: some(panels, "panels"), Linked: w.linked,
			Open: w.state == "SCHEDULED" || w.state == "IN PROGRESS",
		}},
	}
	if k := len(w.history); k > 0 {
		w.r.Consent = w.history[k-1]
	}
	return w
}

var readers = []identity.Role{
	identity.Reader, identity.Trainee, identity.Reader, identity.Trainee, identity.Reader, identity.Trainee, identity.Reader, identity.Trainee, identity.Reader, identity.Reader,
}

// put writes a world into the database.
func (w world) put(ctx context.Context, tx db.Tx) error {
	c := w.r.Currents[0]
	if err := putStudy(ctx, tx, w.prior, w.prior, identity.Resource{FacilityID: w.r.FacilityID}); err != nil {
		return err
	}
	if err := putStudy(ctx, tx, w.current, w.current, identity.Resource{FacilityID: c.FacilityID, Users: c.Users, Panels: c.Panels}); err != nil {
		return err
	}
	bit := map[bool]int{true: 1}
	run := func(q string, args ...any) (err error) {
		_, err = tx.ExecContext(ctx, q, args...)
		return err
	}
	if err := run(`UPDATE facilities SET sees_others = $1 WHERE id = $2`, bit[c.SeesOthers], c.FacilityID); err != nil {
		return err
	}
	if w.state != "" {
		if err := run(`INSERT INTO workitems (id, study_id, facility_id, sop_instance_uid, state, kind, panel_id, priority, priority_rank, deadline, readiness, claimed_by, transaction_uid, created_at)
			VALUES ($1, $1, $2, $1, $3, 'interpretation', 'p1', 'ROUTINE', 2, 0, 'READY', $4, $5, 0)`, w.current, c.FacilityID, w.state,
			map[bool]any{true: "u1"}[w.state == "IN PROGRESS"], map[bool]any{true: "1.2"}[w.state == "IN PROGRESS"]); err != nil {
			return err
		}
	}
	if w.linked {
		if err := run(`INSERT INTO patient_links (id, patient_a, patient_b, state, reason, proposed_by, proposed_at) VALUES ($1, $1, $2, 'confirmed', '', '', 0)`, w.current, w.prior); err != nil {
			return err
		}
		for _, pair := range [][2]string{{w.current, w.prior}, {w.prior, w.current}} {
			if err := run(`INSERT INTO linked_patients (patient_ref, other_ref, link_id) VALUES ($1, $2, $3)`, pair[0], pair[1], w.current); err != nil {
				return err
			}
		}
	}
	for i, e := range w.history {
		kind, until, id := "withdrawn", int64(0), fmt.Sprint(w.prior, "-", i)
		if e.Given {
			kind = "given"
		}
		if !e.Until.IsZero() {
			until = e.Until.UnixMicro()
		}
		if err := run(`INSERT INTO consents (id, patient_ref, number, kind, everywhere, images, reports, until, document, recorded_by, recorded_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', 0)`, id, w.prior, i+1, kind, bit[e.Everywhere], bit[e.Images], bit[e.Reports], until); err != nil {
			return err
		}
		for _, f := range e.Facilities {
			if err := run(`INSERT INTO consent_facilities (consent_id, facility_id) VALUES ($1, $2)`, id, f); err != nil {
				return err
			}
		}
	}
	for _, modality := range []string{"CT", "SR"} {
		if err := run(`INSERT INTO series (id, study_id, series_instance_uid, number, modality, description, body_part, laterality, protocol, station, origin, instance_count)
			VALUES ($1, $2, $1, 1, $3, '', '', '', '', '', 'received', 0)`, w.prior+modality, w.prior, modality); err != nil {
			return err
		}
	}
	return nil
}

// finds asks the database what Decide is asked for.
func (w world) finds(t *testing.T, d *db.DB, a identity.Action, now time.Time) bool {
	s := w.p.Scope().WithPriors(now)
	switch a {
	case identity.ViewStudy:
		cond, args := s.SharedFilter(identity.SharedStudies, 2)
		return count(t, d, "studies", cond, w.prior, args) == 1
	case identity.ViewReport:
		cond, args := s.SharedFilter(identity.SharedReports, 2)
		return count(t, d, "studies", cond, w.prior, args) == 1
	}
	cond, args := s.SeriesFilter(2)
	return count(t, d, "series JOIN studies ON studies.id = series.study_id", cond+" AND series.modality = 'CT'", w.prior, args) == 1
}

func count(t *testing.T, d *db.DB, from, cond, study string, args []any) (n int) {
	t.Helper()
	if err := d.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+from+` WHERE studies.id = $1 AND `+cond, append([]any{study}, args...)...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
