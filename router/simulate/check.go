package simulate

import (
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/worklist"
)

// check holds the rows of a run against what must be true of them: every study has a
// task, nobody was chosen or has read against whom something speaks, and the rules
// asked again decide the same.
func (w *world) check() error {
	tx := w.db.Read(w.ctx)
	var without int
	if err := tx.QueryRowContext(w.ctx, `SELECT COUNT(*) FROM studies s WHERE NOT EXISTS (SELECT 1 FROM workitems i WHERE i.study_id = s.id)`).Scan(&without); err != nil || without > 0 {
		return errors.Join(err, fmt.Errorf("simulate: %d studies have no task", without))
	}
	decided := map[string]int{}
	for _, x := range w.all {
		chosen, ok, err := assign.ChoiceOf(w.ctx, tx, x.ID)
		if err != nil || !ok {
			return errors.Join(err, fmt.Errorf("simulate: no choice is kept with item %s", x.ID))
		}
		for _, c := range chosen.Candidates {
			if (c.Reader == chosen.Main || c.Reader == chosen.Deputy) && !c.Fit() {
				return fmt.Errorf("simulate: item %s went to %s, who is not fit: %s", x.ID, c.Reader, c.Reason["en"])
			}
		}
		if r := w.byID[x.ClaimedBy]; r != nil && (r.Barred(x.FacilityID) || r.Expired(x.ClaimedAt) || w.dutyAt(r, x.ClaimedAt) == worklist.OffDuty) {
			return fmt.Errorf("simulate: %s has read item %s", r.Login, x.ID)
		}
	}
	set, err := rule.Load(w.ctx, tx)
	if err != nil {
		return err
	}
	replayed, err := assign.Replay(w.ctx, tx, w.cfg.Start, set, set)
	if err != nil {
		return err
	}
	rows, err := tx.QueryContext(w.ctx, `SELECT rule_name, COUNT(*) FROM rule_decisions WHERE outcome = 'created' GROUP BY rule_name`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			return err
		}
		decided[name] = n
	}
	for name, n := range replayed.Rules {
		if !replayed.Truncated && decided[name] != n[0] {
			return fmt.Errorf("simulate: rule %q decided %d studies, and %d when asked again", name, decided[name], n[0])
		}
	}
	return rows.Err()
}
