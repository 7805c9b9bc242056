package template_test

import (
	"context"
	"errors"
	"testing"

	"github.com/dokuei/dokuei/reports/template"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
)

func TestShelf(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		t.Helper()
		d := open(t)
		keep := func(s template.Saved) (out template.Saved, err error) {
			err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) (err error) {
				out, err = template.Keep(ctx, tx, s)
				return err
			})
			return out, err
		}
		shelf := func(who string) []template.Saved {
			list, err := template.Shelf(t.Context(), d.Read(t.Context()), who)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		own, err := keep(template.Saved{OwnerID: "a", Macro: true, Name: "正常肺", Text: "肺野に異常を認めません。"})
		if err != nil {
			t.Fatal(err)
		}
		shared, err := keep(template.Saved{OwnerID: "a", Shared: true, Template: &template.Template{Name: "副鼻腔CT", Language: "ja", Sections: template.Sections{Findings: "＿＿"}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := shelf("a"); len(got) != 2 {
			t.Errorf("the owner sees %d of 2", len(got))
		}
		got := shelf("b")
		if len(got) != 1 || got[0].Template == nil || got[0].Template.Sections.Findings != "＿＿" || got[0].Name != "副鼻腔CT" {
			t.Fatalf("another reader sees %+v", got)
		}
		// What somebody else shares is theirs to change.
		theirs := shared
		theirs.OwnerID = "b"
		if _, err := keep(theirs); !errors.Is(err, template.ErrStale) {
			t.Errorf("changed by another: %v", err)
		}
		own.Text = "両肺に異常を認めません。"
		if own, err = keep(own); err != nil || own.Revision != 2 {
			t.Fatalf("%v, revision %d", err, own.Revision)
		}
		own.Revision = 1
		if _, err := keep(own); !errors.Is(err, template.ErrStale) {
			t.Errorf("saved on top of another page: %v", err)
		}
		for name, bad := range map[string]template.Saved{
			"a blank in a name": {OwnerID: "a", Macro: true, Name: "a b", Text: "x"},
			"no text":           {OwnerID: "a", Macro: true, Name: "a"},
			"no template":       {OwnerID: "a"},
			"a bad template":    {OwnerID: "a", Template: &template.Template{Name: "x", Language: "fr"}},
		} {
			if _, err := keep(bad); !errors.Is(err, template.ErrTemplate) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, who := range []string{"b", "a"} {
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return template.Discard(ctx, tx, who, shared.ID) })
			if err != nil {
				t.Fatal(err)
			}
			if left := len(shelf("b")); (who == "b") != (left == 1) {
				t.Errorf("after %s discards it %d are left", who, left)
			}
		}
	})
}
