package worklist_test

import (
	"testing"

	"github.com/dokuei/dokuei/worklist"
)

// TestTransitionTable is PS3.4 Table CC.1.1-2 written a second time, row by
// row: SCHEDULED, IN PROGRESS, COMPLETED, CANCELED.
func TestTransitionTable(t *testing.T) {
	t.Parallel()
	states := [4]worklist.State{worklist.Scheduled, worklist.InProgress, worklist.Completed, worklist.Canceled}
	rows := []struct {
		name   string
		req    worklist.Request
		status [4]worklist.Status
	}{
		{"to IN PROGRESS", worklist.ToInProgress, [4]worklist.Status{0, 0xC302, 0xC300, 0xC300}},
		{"to SCHEDULED", worklist.ToScheduled, [4]worklist.Status{0xC303, 0xC303, 0xC303, 0xC303}},
		{"to COMPLETED", worklist.ToCompletedHeld, [4]worklist.Status{0xC310, 0, 0xB306, 0xC300}},
		{"to COMPLETED, wrong Transaction UID", worklist.ToCompletedNotHeld, [4]worklist.Status{0xC301, 0xC301, 0xC301, 0xC301}},
		{"to CANCELED", worklist.ToCanceledHeld, [4]worklist.Status{0xC310, 0, 0xC300, 0xB304}},
		{"to CANCELED, wrong Transaction UID", worklist.ToCanceledNotHeld, [4]worklist.Status{0xC301, 0xC301, 0xC301, 0xC301}},
		{"request cancel", worklist.RequestCancel, [4]worklist.Status{0, 0, 0xC311, 0xB304}},
	}
	target := map[worklist.Request]worklist.State{
		worklist.ToInProgress: worklist.InProgress, worklist.ToCompletedHeld: worklist.Completed,
		worklist.ToCanceledHeld: worklist.Canceled, worklist.RequestCancel: worklist.Canceled,
	}
	for _, row := range rows {
		for i, from := range states {
			cell := worklist.Transition(from, row.req)
			want := from
			if row.status[i] == worklist.StatusSuccess {
				want = target[row.req]
			}
			if cell.Status != row.status[i] || cell.Next != want {
				t.Errorf("%s in %s: %s, %04X; want %s, %04X", row.name, from, cell.Next, cell.Status, want, row.status[i])
			}
		}
	}
	if c := worklist.Transition("ELSEWHERE", worklist.ToInProgress); c.Next != "ELSEWHERE" || c.Status != worklist.StatusFinal {
		t.Errorf("unknown state: %+v", c)
	}
	if c := worklist.Transition(worklist.Scheduled, 99); c.Next != worklist.Scheduled || c.Status != worklist.StatusFinal {
		t.Errorf("unknown request: %+v", c)
	}
}
