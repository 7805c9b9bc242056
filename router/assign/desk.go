package assign

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// ReadersOf gathers the readers of a panel, or of all panels when it is empty, with
// what is on their desks at a time.
func ReadersOf(ctx context.Context, tx db.Tx, panelID string, at time.Time) ([]Reader, error) {
	rows, err := tx.QueryContext(ctx, `SELECT u.id, u.login, MAX(CASE WHEN u.role = $3 THEN 1 ELSE m.trainee END) FROM users u JOIN panel_members m ON m.user_id = u.id
 WHERE u.disabled = 0 AND u.role IN ($2, $3) AND (m.panel_id = $1 OR $1 = '') GROUP BY u.id, u.login ORDER BY u.id`, panelID, string(identity.Reader), string(identity.Trainee))
	if err != nil {
		return nil, fmt.Errorf("assign: readers: %w", err)
	}
	defer rows.Close()
	var list []Reader
	for rows.Next() {
		var r Reader
		var trainee int
		if err := rows.Scan(&r.ID, &r.Login, &trainee); err != nil {
			return nil, fmt.Errorf("assign: readers: %w", err)
		}
		r.Trainee = trainee == 1
		list = append(list, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("assign: readers: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	duties, err := worklist.DutiesAt(ctx, tx, at)
	if err != nil {
		return nil, fmt.Errorf("assign: %w", err)
	}
	desks, err := desks(ctx, tx, at)
	if err != nil {
		return nil, err
	}
	for i, r := range list {
		r.ReaderProfile, r.Duty = duties.Profile(r.ID), duties.Of(r.ID)
		r.Week = r.ReaderProfile.Week()
		d := desks[r.ID]
		r.LastHour, r.Open, r.Month = d.LastHour, d.Open, d.Month
		list[i] = r
	}
	return list, nil
}

// desks counts by user what is open and what the month has seen. Every study asks, so
// no row of a reading that is over is read: what is open is found by the index of the
// open ones (SQLite takes it only when its condition is said word for word), the rest
// is counted for each reader within indexes alone.
func desks(ctx context.Context, tx db.Tx, at time.Time) (map[string]Reader, error) {
	day := calendar.DayOf(at)
	day.Day = 1
	rows, err := tx.QueryContext(ctx, `SELECT who, CAST(SUM(hour) AS BIGINT), CAST(SUM(open) AS BIGINT), CAST(SUM(month) AS BIGINT) FROM (
 SELECT CASE state WHEN 'SCHEDULED' THEN main_reader ELSE claimed_by END AS who, 0 AS hour, 1 AS open, 0 AS month FROM workitems
  WHERE state IN ('SCHEDULED', 'IN PROGRESS') AND (state = 'IN PROGRESS' OR (main_reader <> '' AND offer_state <> 'panel'))
 UNION ALL SELECT u.id,
  (SELECT COUNT(*) FROM workitems w WHERE w.claimed_by = u.id AND w.state = 'COMPLETED' AND w.claimed_at > $1 AND w.completed_at >= $2), 0,
  (SELECT COUNT(*) FROM workitems w WHERE w.claimed_by = u.id AND w.state = 'COMPLETED' AND w.completed_at >= $2)
  FROM users u WHERE u.role IN ($3, $4)
) AS d GROUP BY who`, db.Micros(at.Add(-time.Hour)), db.Micros(day.Start()), string(identity.Reader), string(identity.Trainee))
	if err != nil {
		return nil, fmt.Errorf("assign: desks: %w", err)
	}
	defer rows.Close()
	out := map[string]Reader{}
	for rows.Next() {
		var r Reader
		if err := rows.Scan(&r.ID, &r.LastHour, &r.Open, &r.Month); err != nil {
			return nil, fmt.Errorf("assign: desks: %w", err)
		}
		out[r.ID] = r
	}
	return out, rows.Err()
}

// earlier finds who last completed a reading of the patient.
func earlier(ctx context.Context, tx db.Tx, patientRef string) (string, error) {
	var id string
	err := tx.QueryRowContext(ctx, `SELECT w.claimed_by FROM workitems w JOIN studies s ON s.id = w.study_id
 WHERE s.patient_ref = $1 AND w.state = 'COMPLETED' ORDER BY w.completed_at DESC, w.id DESC LIMIT 1`, patientRef).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("assign: earlier reader: %w", err)
	}
	return id, nil
}

// KeepChoice stores a choice with everybody who was considered.
func KeepChoice(ctx context.Context, tx db.Tx, workitemID string, c Chosen) error {
	if c.Candidates == nil {
		c.Candidates = []Candidate{}
	}
	raw, err := json.Marshal(c.Candidates)
	if err == nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO assignments (id, workitem_id, at, mode, main_reader, deputy, candidates) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			db.NewID(), workitemID, db.Micros(db.NowIn(ctx)), c.Mode, c.Main, c.Deputy, string(raw))
	}
	if err != nil {
		return fmt.Errorf("assign: keep choice: %w", err)
	}
	return nil
}

// ChoiceOf reads the latest choice about an item; ok is false when there was none.
func ChoiceOf(ctx context.Context, tx db.Tx, workitemID string) (c Chosen, ok bool, err error) {
	var raw string
	err = tx.QueryRowContext(ctx, `SELECT mode, main_reader, deputy, candidates FROM assignments WHERE workitem_id = $1 ORDER BY at DESC, id DESC LIMIT 1`, workitemID).
		Scan(&c.Mode, &c.Main, &c.Deputy, &raw)
	if errors.Is(err, sql.ErrNoRows) {
		return Chosen{}, false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(raw), &c.Candidates)
	}
	if err != nil {
		return Chosen{}, false, fmt.Errorf("assign: choice: %w", err)
	}
	return c, true, nil
}
