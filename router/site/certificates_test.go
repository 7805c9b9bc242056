package site_test

import (
	"context"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// testCallers: AE titles and certificates of hospitals and of readers'
// workstations are written, swapped, exported and taken away again.
func testCallers(t *testing.T, d *db.DB) {
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		for _, login := range []string{"sato", "ito"} { // hashing passwords is slow and belongs to another test
			if _, err := identity.CreateUser(ctx, tx, identity.User{Login: login, Name: login, Role: identity.Reader}); err != nil {
				return err
			}
		}
		return nil
	})
	old, renewed := strings.Repeat("AB:", 31)+"AB", strings.Repeat("0c", 32)
	text := `
facilities:
  - {id: a, name: A, ae_titles: [CT], certificates: ["` + old + `", ` + renewed + `]}
users:
  - {login: sato, name: sato, role: reader, ae_titles: [WS1, "WS2 "], certificates: [` + renewed + `]}
  - {login: ito, name: ito, role: reader, ae_titles: [WS3]}
`
	apply(t, d, parse(t, text))
	read := d.Read(t.Context())
	f, ok, err := worklist.FacilityByAE(t.Context(), read, "CT")
	if err != nil || !ok || !f.Admits(renewed) || !f.Admits(strings.Repeat("ab", 32)) || f.Admits("") || f.Admits(strings.Repeat("00", 32)) {
		t.Errorf("%+v, %v, %v", f, ok, err)
	}
	w, ok, err := worklist.WorkstationByAE(t.Context(), read, "WS2")
	if err != nil || !ok || len(w.AETitles) != 2 || !w.Admits(renewed) || w.Admits("") {
		t.Errorf("%+v, %v, %v", w, ok, err)
	}
	if diff, err := site.Plan(t.Context(), read, parse(t, text)); err != nil || !diff.Empty() {
		t.Errorf("a second time: %v\n%s", err, diff)
	}
	if diff, err := site.Plan(t.Context(), read, parse(t, export(t, d))); err != nil || !diff.Empty() {
		t.Errorf("the export: %v\n%s", err, diff)
	}
	swapped := strings.NewReplacer("WS1", "WS3", "WS3", "WS1", `certificates: ["`+old+`", `+renewed+`]`, "certificates: []").Replace(text)
	apply(t, d, parse(t, swapped))
	if w, ok, err := worklist.WorkstationByAE(t.Context(), read, "WS1"); err != nil || !ok || len(w.AETitles) != 1 || !w.Admits("") {
		t.Errorf("swapped: %+v, %v, %v", w, ok, err)
	}
	if f, _, err := worklist.FacilityByAE(t.Context(), read, "CT"); err != nil || !f.Admits("") {
		t.Errorf("without certificates: %+v, %v", f, err)
	}
}
