package api_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
)

// along reads the stream of a look: each state of it, then "over".
func (v *visitor) along(path string) <-chan map[string]any {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.base+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	v.identify(req)
	resp, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		v.t.Fatalf("GET %s: status %d", path, resp.StatusCode)
	}
	out := make(chan map[string]any, 100)
	go func() {
		defer close(out)
		event := ""
		for in := bufio.NewScanner(resp.Body); in.Scan(); {
			line := in.Text()
			if e, ok := strings.CutPrefix(line, "event: "); ok {
				event = e
			}
			data, ok := strings.CutPrefix(line, "data: ")
			if !ok {
				continue
			}
			var one map[string]any
			if json.Unmarshal([]byte(data), &one) == nil {
				one["event"] = event
				out <- one
			}
		}
	}()
	return out
}

// A reader and a hospital look at the same images; the lead goes from one to the
// other; who is no member of the room sees nothing of it.
func TestLookTogether(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "P1", 3)
	hospital, sato, other := h.as(t, "kaifu"), h.as(t, "sato"), h.as(t, "mima")
	path := "/api/v1/rooms/" + s.StudyID + "/look"
	place := func(frame int) map[string]any {
		return map[string]any{"series": db.NewID(), "instance": db.NewID(), "frame": frame, "window": []float64{40, 80}, "view": []float64{1, 32, 32, 0, 0, 0, 0}, "pointer": nil}
	}
	sato.do("POST", path, place(1)).want(404, "not_found") // has not claimed it
	sato.do("POST", "/api/v1/workitems/"+s.WorkitemID+"/claim", map[string]any{}).want(200, "")
	if a := hospital.do("GET", path, nil); a.Status != 200 || string(a.Body) != "null\n" {
		t.Errorf("before anybody looks: %d %s", a.Status, a.Body)
	}
	begun := sato.do("POST", path, place(1)).want(200, "")
	if at(begun, "leader", "name") != "佐藤 花子" || at(begun, "members", 1) != nil {
		t.Errorf("begun: %v", begun)
	}
	other.do("GET", path, nil).want(404, "not_found")
	other.do("POST", path, place(1)).want(404, "not_found")
	other.do("GET", path+"/stream", nil).want(404, "not_found")
	hospital.do("GET", path+"/stream", nil).want(409, "no_look") // sees it, and does not sit there
	hospital.do("PUT", path, place(2)).want(409, "not_leader")
	joined := hospital.do("POST", path, place(9)).want(200, "")
	if at(joined, "state", "frame") != 1.0 || at(joined, "members", 1) == nil {
		t.Errorf("joined: %v", joined)
	}
	stream := hospital.along(path + "/stream")
	if first := <-stream; at(first, "state", "frame") != 1.0 {
		t.Errorf("the stream begins with %v", first)
	}
	moved := place(7)
	moved["state"] = map[string]any{"id": db.NewID(), "hidden": []int{1, 3}}
	sato.do("PUT", path, moved).want(204, "")
	if next := <-stream; at(next, "state", "frame") != 7.0 || at(next, "state", "state", "id") != at(moved, "state", "id") || at(next, "state", "state", "hidden", 1) != 3.0 {
		t.Errorf("after a move: %v", next)
	}
	for _, bad := range []map[string]any{
		{"series": "x", "instance": db.NewID(), "frame": 1, "view": []float64{1, 0, 0, 0, 0, 0, 0}},
		{"series": db.NewID(), "instance": "山田 太郎", "frame": 1, "view": []float64{1, 0, 0, 0, 0, 0, 0}},
		{"series": db.NewID(), "instance": db.NewID(), "frame": 0, "view": []float64{1, 0, 0, 0, 0, 0, 0}},
		{"series": db.NewID(), "instance": db.NewID(), "frame": 1, "view": []float64{1e300, 0, 0, 0, 0, 0, 0}},
		{"series": db.NewID(), "instance": db.NewID(), "frame": 1, "view": []float64{1, 0, 0, 0, 0, 0, 0}, "state": map[string]any{"id": "山田 太郎"}},
		{"series": db.NewID(), "instance": db.NewID(), "frame": 1, "view": []float64{1, 0, 0, 0, 0, 0, 0}, "state": map[string]any{"id": db.NewID(), "hidden": []int{-1}}},
	} {
		sato.do("PUT", path, bad).want(422, "look_state")
	}
	// The hospital takes the lead; the reader can no longer move.
	hospital.do("POST", path+"/leader", map[string]string{"user": h.userID(t, "mima")}).want(422, "room_member")
	hospital.do("POST", path+"/leader", map[string]string{"user": h.userID(t, "kaifu")}).want(200, "")
	if next := <-stream; at(next, "leader", "id") != h.userID(t, "kaifu") {
		t.Errorf("who leads: %v", next)
	}
	sato.do("PUT", path, place(8)).want(409, "not_leader")
	hospital.do("PUT", path, place(9)).want(204, "")
	if next := <-stream; at(next, "state", "frame") != 9.0 {
		t.Errorf("after a move of the new leader: %v", next)
	}
	// Who leads leaves: the lead goes to who stays. The last one ends it.
	hospital.do("DELETE", path, nil).want(204, "")
	for one := range stream {
		if one["event"] == "over" {
			break
		}
	}
	if left := sato.do("GET", path, nil).want(200, ""); at(left, "leader", "name") != "佐藤 花子" || at(left, "members", 1) != nil {
		t.Errorf("after the leader left: %v", left)
	}
	sato.do("DELETE", path, nil).want(204, "")
	sato.do("PUT", path, place(1)).want(409, "no_look")
	// On record: who began, came, led, left, ended; and nothing of what was seen.
	trail := h.trail(t, "room.look")
	want := "room.look_started room.look_joined room.look_joined room.look_led room.look_left room.look_led room.look_left room.look_ended"
	if got := strings.Join(trail, " "); got != want {
		t.Errorf("trail %s, want %s", got, want)
	}
}

// trail are the actions on record that begin so, in their order.
func (h *house) trail(t *testing.T, prefix string) (actions []string) {
	t.Helper()
	rows, err := h.DB.Read(t.Context()).QueryContext(t.Context(), `SELECT action FROM audit WHERE action LIKE $1 ORDER BY seq`, prefix+"%")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var a string
		if err := rows.Scan(&a); err != nil {
			t.Fatal(err)
		}
		actions = append(actions, a)
	}
	return actions
}

// More moves than hands can make are refused.
func TestLookIsLimited(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "P1", 1)
	hospital := h.as(t, "kaifu")
	path := "/api/v1/rooms/" + s.StudyID + "/look"
	place := map[string]any{"series": db.NewID(), "instance": db.NewID(), "frame": 1, "view": []float64{1, 0, 0, 0, 0, 0, 0}}
	hospital.do("POST", path, place).want(200, "")
	for range 2000 {
		if a := hospital.do("PUT", path, place); a.Status == http.StatusTooManyRequests {
			return
		} else if a.Status != http.StatusNoContent {
			t.Fatalf("status %d: %s", a.Status, a.Body)
		}
	}
	t.Error("two thousand moves in a row are taken")
}
