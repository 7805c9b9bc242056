package api_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// What a trainee signs is preliminary and raises a task to verify it, which is no
// trainee's: by the role, or by what the panel says of a reader. What others sign
// raises none.
func TestTraineeIsVerified(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	for _, login := range []string{"resident", "second-resident"} {
		err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			known, err := identity.UserByLogin(ctx, tx, "sato")
			if err != nil {
				return err
			}
			id, err := identity.CreateUser(ctx, tx, identity.User{Login: login, Name: login, Role: identity.Trainee, License: "900001", PasswordHash: known.PasswordHash})
			if err != nil {
				return err
			}
			return identity.SetPanels(ctx, tx, id, []string{"npo"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	resident, other, sato, kondo := h.as(t, "resident"), h.as(t, "second-resident"), h.as(t, "sato"), h.as(t, "kondo")
	coord := h.as(t, "coord")
	verification := func(study string) (id string, n int) {
		all := coord.do("GET", "/api/v1/studies/"+study, nil).want(200, "")
		for i := 0; at(all, "workitems", i) != nil; i++ {
			if at(all, "workitems", i, "purpose") == "verification" {
				id, _ = at(all, "workitems", i, "id").(string)
				n++
			}
		}
		return id, n
	}
	kind := func(report string) any {
		return at(coord.do("GET", "/api/v1/reports/"+report, nil).want(200, ""), "kind")
	}

	plain := h.SendStudy(t, "kaifu", "kaifu-1", 1)
	if id := h.signed(t, plain, "sato"); kind(id) != "final" {
		t.Errorf("a reader's report is %v", kind(id))
	}
	if _, n := verification(plain.StudyID); n != 0 {
		t.Errorf("%d verifications of a reader's report", n)
	}

	// By the role, and once more by the panel's list.
	for n, first := range []string{"resident", "suzuki"} {
		number := fmt.Sprint("kaifu-", n+2)
		if first == "suzuki" {
			err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := tx.ExecContext(ctx, `UPDATE panel_members SET trainee = 1 WHERE panel_id = 'npo' AND user_id = (SELECT id FROM users WHERE login = 'suzuki')`)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		sent := h.SendStudy(t, "kaifu", number, 1)
		if id := h.signed(t, sent, first); kind(id) != "preliminary" {
			t.Errorf("the report of %s is %v", first, kind(id))
		}
		task, n := verification(sent.StudyID)
		if n != 1 {
			t.Fatalf("%d verifications of the report of %s", n, first)
		}
		claim := "/api/v1/workitems/" + task + "/claim"
		for who, v := range map[string]*visitor{"the other trainee": other, "who has written it": h.as(t, first), "a reader of another panel": kondo} {
			if a := v.do("POST", claim, map[string]any{}); a.Status != 403 && a.Status != 404 && a.Status != 409 {
				t.Errorf("%s: %d at the verification of the report of %s", who, a.Status, first)
			}
		}
		sato.do("POST", claim, map[string]any{}).want(200, "")
		draft := sato.do("GET", "/api/v1/workitems/"+task+"/draft", nil).want(200, "")
		if text, _ := at(draft, "sections", "findings").(string); text == "" {
			t.Error("the verifier begins with an empty page")
		}
		sato.do("POST", "/api/v1/workitems/"+task+"/sign", map[string]any{"revision": at(draft, "revision")}).want(200, "")
		all := coord.do("GET", "/api/v1/studies/"+sent.StudyID, nil).want(200, "")
		last, _ := at(all, "reportId").(string)
		if kind(last) != "final" || at(coord.do("GET", "/api/v1/reports/"+last, nil).want(200, ""), "firstReader") == nil {
			t.Errorf("the verified report is %v", kind(last))
		}
		if _, n := verification(sent.StudyID); n != 1 {
			t.Errorf("%d verifications after the verified report", n)
		}
		// Of what is signed, nothing is a trainee's to change.
		if a := resident.do("POST", "/api/v1/studies/"+sent.StudyID+"/addendum", map[string]any{}); a.Status != 403 {
			t.Errorf("a trainee begins an addendum: %d", a.Status)
		}
	}
}
