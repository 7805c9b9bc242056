package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
)

// What did not arrive is one list for the coordinator, by hospital for hospitals;
// only the house gives up, with a reason, and nothing of the patient is in it.
func TestParkedDeliveries(t *testing.T) {
	t.Parallel()
	h := open(t, nil)
	s, _ := h.Claimed(t, "kaifu", "KF-1", "sato")
	h.signed(t, s, "sato")
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE deliveries SET state = 'failed', refused = 1, attempts = 3, last_error = 'the receiver did not take the object'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	coordinator, hospital, stranger := h.as(t, "coord"), h.as(t, "kaifu"), h.as(t, "mima")
	list := coordinator.do("GET", "/api/v1/deliveries?state=failed&limit=1", nil).want(200, "")
	if list["more"] != true || at(list, "items", 0, "attempts") != 3.0 || at(list, "piles", 0, "n") != 2.0 || at(list, "piles", 0, "facility", "id") != "kaifu" {
		t.Fatalf("parked %v", list)
	}
	id := at(list, "items", 0, "id").(string)
	for _, secret := range []string{"YAMADA", "山田", "KF-1"} {
		if a := coordinator.do("GET", "/api/v1/deliveries", nil); strings.Contains(string(a.Body), secret) {
			t.Errorf("the list holds %q", secret)
		}
	}
	if list := stranger.do("GET", "/api/v1/deliveries", nil).want(200, ""); len(list["items"].([]any))+len(list["piles"].([]any)) != 0 {
		t.Errorf("another hospital sees %v", list)
	}
	h.as(t, "sato").do("GET", "/api/v1/deliveries", nil).want(403, "")
	hospital.do("POST", "/api/v1/deliveries/"+id+"/giveup", map[string]any{"why": "no"}).want(403, "")
	coordinator.do("POST", "/api/v1/deliveries/"+id+"/giveup", map[string]any{"why": " "}).want(422, "no_reason")
	gone := coordinator.do("POST", "/api/v1/deliveries/"+id+"/giveup", map[string]any{"why": "紙で渡した"}).want(200, "")
	if gone["state"] != "given-up" || gone["why"] != "紙で渡した" || at(gone, "givenUpBy", "name") != "調整 係" {
		t.Errorf("given up %v", gone)
	}
	coordinator.do("POST", "/api/v1/deliveries/"+id+"/giveup", map[string]any{"why": "again"}).want(409, "not_parked")
	if list := hospital.do("GET", "/api/v1/deliveries?state=given-up", nil).want(200, ""); at(list, "items", 0, "id") != id {
		t.Errorf("given up %v", list)
	}
	if n := stranger.do("POST", "/api/v1/deliveries/retry", map[string]any{}).want(200, ""); n["n"] != 0.0 {
		t.Errorf("another hospital retries %v", n)
	}
	if n := coordinator.do("POST", "/api/v1/deliveries/retry", map[string]any{"destination": at(list, "piles", 0, "destinationId")}).want(200, ""); n["n"] != 1.0 {
		t.Errorf("retried %v", n)
	}
	if d := hospital.do("POST", "/api/v1/deliveries/"+id+"/retry", map[string]any{}).want(200, ""); d["state"] != "failed" {
		t.Errorf("taken up again: %v", d)
	}
}
