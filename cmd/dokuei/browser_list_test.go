package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// A list that is longer than any screen, by keyboard alone: what is in it, how it is put
// in order and named, what is taken over and what comes next. The script is list.mjs.
func TestListInBrowser(t *testing.T) {
	t.Parallel()
	browser(t)
	data := newData(t, network)
	file := filepath.Join(data, "dokuei.db")
	const rows = 600
	waiting(t, file, rows)
	inHand(t, file)
	s := serve(t, data)
	reader := s.signIn(t, "sato", password)
	for n := range 2 {
		dir, _ := slices(t, 2)
		s.send(t, "MINAMI_CT", dir)
		eventually(t, "the study is whole and on the list", func() bool {
			var page struct{ Counts map[string]int }
			reader.must("GET", "/worklist?limit=1", nil, &page)
			return strings.Count(s.log.String(), `msg="study complete"`) == n+1 && page.Counts["open"] == rows+n+1
		})
	}
	var board struct {
		Readers []struct{ Reader struct{ ID, Name string } }
	}
	coord := s.signIn(t, "coord", password)
	coord.must("GET", "/board", nil, &board)
	for _, r := range board.Readers {
		if r.Reader.Name == "伊藤 健" {
			coord.must("POST", "/workitems/assign", map[string]any{"items": []string{waits + "050"}, "reader": r.Reader.ID}, nil)
		}
	}
	counts, err := json.Marshal(map[string]int{"open": rows + 2, "unread": rows - 1, "mine": 2, "sign": 1, "second": 1, "late": 1, "done": 0})
	if err != nil {
		t.Fatal(err)
	}
	log := browse(t, s, "list.mjs", append(pictures(t), "READER=sato:"+password, "COLLEAGUE=ito:"+password, "COORDINATOR=coord:"+password,
		"COUNTS="+string(counts), "HELD="+waits+"020", "OFFERED="+waits+"050")...)
	if steps := strings.Count(log, "ok "); steps != 13 {
		t.Errorf("%d steps:\n%s", steps, log)
	}
}

// waits is where the IDs of those that wait begin.
const waits = "01900000-0004-7000-8000-000000000"

// inHand lets ito hold a second reading for five hours (020) and sato two items (040,
// 041), one of them with a draft. One is late (010), one urgent (050). All have waited
// for days: whenever midnight comes, what is new is what is sent.
func inHand(t *testing.T, file string) {
	t.Helper()
	d, err := db.Open(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		now := time.Now()
		const hold = `UPDATE workitems SET state = 'IN PROGRESS', transaction_uid = '2.25.1', claimed_at = $1, claimed_by = (SELECT id FROM users WHERE login = $2), purpose = $3 WHERE id = $4`
		for _, q := range []struct {
			text string
			args []any
		}{
			{`UPDATE workitems SET created_at = created_at - $1`, []any{(10 * 24 * time.Hour).Microseconds()}},
			{hold, []any{now.UnixMicro(), "sato", "", waits + "040"}},
			{hold, []any{now.UnixMicro(), "sato", "", waits + "041"}},
			{`INSERT INTO drafts (workitem_id, reader_id, revision, language, template, sections, saved_at) SELECT id, claimed_by, 1, 'ja', '', '{}', claimed_at FROM workitems WHERE id = $1`, []any{waits + "041"}},
			{hold, []any{now.Add(-5 * time.Hour).UnixMicro(), "ito", "second", waits + "020"}},
			{`UPDATE workitems SET priority = 'URGENT', priority_rank = 1 WHERE id = $1`, []any{waits + "050"}},
			{`UPDATE workitems SET deadline = $1 WHERE id = $2`, []any{now.Add(-2 * time.Hour).UnixMicro(), waits + "010"}},
		} {
			if _, err := tx.ExecContext(ctx, q.text, q.args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
