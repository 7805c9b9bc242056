package ul_test

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/ul"
)

//go:embed testdata/table-9-10.txt
var table910 string

// Every cell of Table 9-10, empty ones included, against the table as text.
func TestEveryCell(t *testing.T) {
	t.Parallel()
	cells := 0
	event := ul.Event(0)
	for line := range strings.Lines(table910) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0][0] == '#' {
			continue
		}
		event++
		if f[0] != event.String() || len(f) != 14 {
			t.Fatalf("row %v: %q", event, line)
		}
		for i, cell := range f[1:] {
			cells++
			state := ul.State(i + 1)
			action, next, ok := ul.Next(state, event, false)
			got := "."
			if ok {
				got = action.String() + "/" + next.String()
				if _, other, _ := ul.Next(state, event, true); other != next {
					got += "|" + other.String()
				}
			} else if next != state {
				t.Errorf("%v in %v: an empty cell moved to %v", event, state, next)
			}
			if got != cell {
				t.Errorf("%v in %v: %s, want %s", event, state, got, cell)
			}
		}
	}
	if cells != 19*13 {
		t.Errorf("%d cells, want %d", cells, 19*13)
	}
}

func TestOutsideTheTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s ul.State
		e ul.Event
	}{{0, ul.Evt1}, {ul.Sta13 + 1, ul.Evt1}, {ul.Sta1, 0}, {ul.Sta1, ul.Evt19 + 1}} {
		if _, next, ok := ul.Next(c.s, c.e, false); ok || next != c.s {
			t.Errorf("%v in %v is possible", c.e, c.s)
		}
	}
}
