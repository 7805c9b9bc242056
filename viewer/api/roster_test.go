package api_test

import (
	"context"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// The roster says of each reader the duty of now: who has gone away is absent, the
// others are not.
func TestRosterSaysTheDutyOfNow(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	sato := h.userID(t, "sato")
	if err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		return worklist.SetPresence(ctx, tx, sato, worklist.Presence{State: "away", Until: db.Now().Add(time.Hour)})
	}); err != nil {
		t.Fatal(err)
	}
	out := h.as(t, "coord").do("GET", "/api/v1/roster?from=2026-04-01", nil).want(200, "")
	readers, _ := out["readers"].([]any)
	if len(readers) != 3 {
		t.Fatalf("%d readers, want 3", len(readers))
	}
	for k := range readers {
		want := "reading" // no hours are said: always there
		if at(out, "readers", k, "reader", "id") == sato {
			want = "absent"
		}
		if got := at(out, "readers", k, "duty"); got != want {
			t.Errorf("%v: duty %v, want %s", at(out, "readers", k, "reader"), got, want)
		}
	}
}
