package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// The figures come as tables for a spreadsheet too: what was read, the years against
// their targets, how soon, and by whom.
func TestIndicatorTables(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "KF-1", 1)
	sato, coord := h.as(t, "sato"), h.as(t, "coord")
	base := "/api/v1/workitems/" + s.WorkitemID
	sato.do("POST", base+"/claim", map[string]any{}).want(200, "")
	sato.do("PUT", base+"/draft", map[string]any{"revision": 0, "language": "ja", "template": "", "sections": map[string]string{"findings": "異常なし。", "impression": "異常なし。", "recommendation": ""}}).want(200, "")
	sato.do("POST", base+"/sign", map[string]any{"revision": 1}).want(200, "")
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		// It was claimed after half a minute, and signed after ten.
		if _, err := tx.ExecContext(ctx, `UPDATE workitems SET created_at = completed_at - 600000000, claimed_at = completed_at - 570000000`); err != nil {
			return err
		}
		return worklist.SetTargets(ctx, tx, map[string]int{"2099": 10_500})
	})
	if err != nil {
		t.Fatal(err)
	}
	for table, want := range map[string][]string{
		"reads":   {"month,facility,modality,reads", ",kaifu,CT,1"},
		"years":   {"fiscal_year,reads,growth_percent,target,reached_percent,partial", ",1,,,,true", "2099,,,10500,,"},
		"speeds":  {"priority,studies,claim_p50_seconds,final_p50_seconds,final_p95_seconds,in_time,in_time_percent,next_clinical_day,next_clinical_day_percent", "ROUTINE,1,30,600,600,1,100.0,1,100.0", "STAT,0,0,0,0,0,,0,"},
		"readers": {"reader,name,reads", ",佐藤 花子,1"},
	} {
		a := coord.do("GET", "/api/v1/indicators?format=csv&table="+table, nil)
		text := string(a.Body)
		if a.Status != 200 || !strings.HasPrefix(text, "\ufeff"+want[0]+"\r\n") {
			t.Errorf("%s: %d %s", table, a.Status, text)
		}
		for _, line := range want[1:] {
			if !strings.Contains(text, line+"\r\n") {
				t.Errorf("%s has no line %s:\n%s", table, line, text)
			}
		}
	}
	coord.do("GET", "/api/v1/indicators?format=csv&table=users", nil).want(400, "weak_input")
	sato.do("GET", "/api/v1/indicators?format=csv&table=readers", nil).want(403, "forbidden")
}
