package identity_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

var update = flag.Bool("update", false, "write docs/RIGHTS.md again")

// The matrix that people read is the one in force.
func TestMatrixIsPrinted(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "RIGHTS.md")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- matrix -->\n", "<!-- end of the matrix -->"
	head, rest, ok1 := strings.Cut(string(raw), begin)
	printed, tail, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has lost the marks of the matrix", path)
	}
	if printed == matrix() {
		return
	}
	if !*update {
		t.Fatalf("%s is not the policy in force; go test ./storage/identity -run TestMatrixIsPrinted -update writes it:\n%s", path, matrix())
	}
	if err := os.WriteFile(path, []byte(head+begin+matrix()+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

// matrix asks Decide for every role and action.
func matrix() string {
	var b strings.Builder
	b.WriteString("| |")
	for _, r := range identity.Roles() {
		fmt.Fprintf(&b, " %s |", r)
	}
	b.WriteString("\n|---|" + strings.Repeat(":-:|", len(identity.Roles())) + "\n")
	for _, a := range identity.Actions() {
		fmt.Fprintf(&b, "| `%s` |", a)
		for _, r := range identity.Roles() {
			mark := "   "
			if identity.Decide(identity.Principal{Role: r, FacilityID: "kaifu"}, a, identity.Resource{}).Allowed {
				mark = " ● "
			}
			b.WriteString(mark + "|")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestNobodyAndHalfOfSomebody(t *testing.T) {
	t.Parallel()
	for _, a := range identity.Actions() {
		for name, p := range map[string]identity.Principal{
			"nobody":              {},
			"no facility":         {Role: identity.Hospital},
			"second factor owing": {Role: identity.Reader, Needs: []identity.Need{identity.NeedFactor}},
			"unknown role":        {Role: "owner"},
		} {
			if d := identity.Decide(p, a, identity.Resource{}); d.Allowed || d.Reason == "" {
				t.Errorf("%s may %s: %+v", name, a, d)
			}
		}
	}
	if identity.Decide(identity.Principal{Role: identity.Admin}, "made.up", identity.Resource{}).Allowed {
		t.Error("an action nobody declared is allowed")
	}
}

func TestAccountsOfOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		asks identity.Role
		on   identity.Resource
		want bool
	}{
		{identity.Coordinator, identity.Resource{Account: identity.Reader}, true},
		{identity.Coordinator, identity.Resource{Account: identity.Admin}, false},
		{identity.Coordinator, identity.Resource{Account: identity.Auditor}, false},
		{identity.Coordinator, identity.Resource{Account: identity.Coordinator, Self: true}, false},
		{identity.Admin, identity.Resource{Account: identity.Admin}, true},
		{identity.Admin, identity.Resource{Account: identity.Admin, Self: true}, false},
		{identity.Reader, identity.Resource{Account: identity.Reader}, false},
	} {
		if d := identity.Decide(identity.Principal{Role: c.asks}, identity.ManageUsers, c.on); d.Allowed != c.want {
			t.Errorf("%s on %+v: %+v", c.asks, c.on, d)
		}
	}
}

// The decision about one study and the condition that every query carries are
// two forms of one rule: whatever the study and whoever asks, they agree.
func TestDecisionIsTheFilter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	facilities, users, panels := []string{"f1", "f2"}, []string{"u1", "u2"}, []string{"p1", "p2", "p3"}
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		some := func(of []string, label string) []string {
			return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 0, len(of), rapid.ID).Draw(rt, label)
		}
		p := identity.Principal{
			Role: rapid.SampledFrom(identity.Roles()).Draw(rt, "role"), UserID: rapid.SampledFrom(users).Draw(rt, "user"),
			PanelIDs: some(panels, "panels of the user"),
		}
		if p.Role.AtFacility() {
			p.FacilityID = rapid.SampledFrom(facilities).Draw(rt, "facility of the user")
		}
		r := identity.Resource{
			FacilityID: rapid.SampledFrom(facilities).Draw(rt, "facility"), Users: some(users, "users"), Panels: some(panels, "panels"),
		}
		n++
		study, patient := fmt.Sprint("s", n), fmt.Sprint("pat", n)
		r.Patient = patient
		if rapid.Bool().Draw(rt, "emergency") {
			p.Emergencies = []string{patient}
		}
		h.write(func(ctx context.Context, tx db.Tx) error { return putStudy(ctx, tx, study, patient, r) })
		cond, args := p.Scope().StudyFilter(2)
		var found int
		err := h.db.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM studies WHERE id = $1 AND `+cond, append([]any{study}, args...)...).Scan(&found)
		if err != nil {
			rt.Fatal(err)
		}
		d := identity.Decide(p, identity.ViewStudy, r)
		may := slices.Contains(identity.RightsOf(p.Role), identity.ViewStudy)
		if d.Allowed != (may && found == 1) {
			rt.Fatalf("%+v on %+v: decision %+v, the filter finds %d", p, r, d, found)
		}
	})
}

// putStudy writes as much of a study as the filter looks at.
func putStudy(ctx context.Context, tx db.Tx, study, patient string, r identity.Resource) error {
	steps := []struct {
		q    string
		args []any
	}{
		{`INSERT INTO patients (id, facility_id, patient_id, issuer, study_key, name, birth_date, sex, created_at, updated_at)
			VALUES ($1, $2, $1, '', '', '', '', '', 0, 0)`, []any{patient, r.FacilityID}},
		{
			`INSERT INTO studies (id, facility_id, patient_ref, study_instance_uid, patient_id, patient_name, patient_birth_date, patient_sex, patient_age,
			accession_number, study_id, description, study_date, study_time, modalities, body_part, referring_physician, institution, request_text, search,
			state, release_at, first_arrival, last_arrival, completed_at, declared_instances, instance_count, series_count, own_count, reopened, conflicts,
			received_at, received_by)
			VALUES ($1, $2, $3, $1, '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', 'complete', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '')`,
			[]any{study, r.FacilityID, patient},
		},
	}
	for _, g := range []struct {
		kind string
		to   []string
	}{{"user", r.Users}, {"panel", r.Panels}} {
		for _, id := range g.to {
			steps = append(steps, struct {
				q    string
				args []any
			}{`INSERT INTO study_grants (study_id, grantee_kind, grantee, granted_at) VALUES ($1, $2, $3, 0)`, []any{study, g.kind, id}})
		}
	}
	for _, s := range steps {
		if _, err := tx.ExecContext(ctx, s.q, s.args...); err != nil {
			return err
		}
	}
	return nil
}
