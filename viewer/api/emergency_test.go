package api_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
)

// The glass is broken with a reason by who knows the patient, for an hour, is told at
// once and looked at by somebody else, who can end it.
func TestEmergency(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "mima", "mima-9", 1)
	visitors(t, h)
	doctor, colleague, coord := h.as(t, "doc-k"), h.as(t, "ward-k"), h.as(t, "coord")
	study := "/api/v1/studies/" + s.StudyID
	in := func(change map[string]string) map[string]string {
		out := map[string]string{"facility": "mima", "patientId": "mima-9", "birthDate": "19480305", "reason": "搬送された患者の既往を確認するため"}
		for k, v := range change {
			out[k] = v
		}
		return out
	}
	doctor.do("GET", study, nil).want(404, "not_found")
	doctor.do("POST", "/api/v1/emergencies", in(map[string]string{"reason": "x"})).want(422, "")
	colleague.do("POST", "/api/v1/emergencies", in(nil)).want(403, "forbidden")
	doctor.do("GET", study, nil).want(404, "not_found")

	opened := doctor.do("POST", "/api/v1/emergencies", in(nil)).want(201, "")
	if at(opened, "studies", 0) != s.StudyID {
		t.Fatal(opened)
	}
	doctor.do("GET", study, nil).want(200, "")
	colleague.do("GET", study, nil).want(404, "not_found")

	count := func(q string, args ...any) (n int) {
		t.Helper()
		if err := h.DB.Read(t.Context()).QueryRowContext(t.Context(), q, args...).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(`SELECT COUNT(*) FROM events WHERE kind = 'emergency.opened' AND study_id = $1`, s.StudyID); n != 1 {
		t.Errorf("it is told %d times", n)
	}
	if n := count(`SELECT COUNT(*) FROM audit WHERE action = 'emergency.opened'`); n != 1 {
		t.Errorf("it is %d times in the trail", n)
	}
	var list []map[string]any
	if err := json.Unmarshal(coord.do("GET", "/api/v1/emergencies", nil).Body, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0]["verdict"] != "" || list[0]["mine"] != false || at(list[0], "by", "id") == "" {
		t.Fatalf("for review: %v", list)
	}
	review := "/api/v1/emergencies/" + list[0]["id"].(string) + "/review"
	doctor.do("POST", review, map[string]string{"verdict": "justified"}).want(403, "forbidden")
	coord.do("POST", review, map[string]string{"verdict": "perhaps"}).want(400, "weak_input")
	coord.do("POST", review, map[string]string{"verdict": "unjustified"}).want(204, "")
	doctor.do("GET", study, nil).want(404, "not_found")

	// Once more; an hour later it is over by itself.
	doctor.do("POST", "/api/v1/emergencies", in(nil)).want(201, "")
	doctor.do("GET", study, nil).want(200, "")
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE emergencies SET expires_at = $1 WHERE reviewed_at = 0`, db.Micros(db.Now()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	doctor.do("GET", study, nil).want(404, "not_found")

	// Who does not know the patient learns nothing, and is written down.
	wrong := doctor.do("POST", "/api/v1/emergencies", in(map[string]string{"birthDate": "19480306"})).want(404, "not_found")
	nowhere := doctor.do("POST", "/api/v1/emergencies", in(map[string]string{"facility": "nowhere"})).want(404, "not_found")
	if at(wrong, "title") != at(nowhere, "title") {
		t.Error("a hospital that is not there is answered otherwise")
	}
	if n := count(`SELECT COUNT(*) FROM audit WHERE action = 'emergency.refused'`); n != 2 {
		t.Errorf("%d refusals in the trail", n)
	}
}
