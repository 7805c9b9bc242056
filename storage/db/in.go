package db

import (
	"strconv"
	"strings"
)

// In is the list behind an IN of a query with its arguments, which come after those
// before it. An empty list holds nothing.
func In(ids []string, before ...any) (list string, args []any) {
	if len(ids) == 0 {
		return "(NULL)", before
	}
	var b strings.Builder
	for i, id := range ids {
		before = append(before, id)
		b.WriteString([]string{"($", ", $"}[min(i, 1)] + strconv.Itoa(len(before)))
	}
	return b.String() + ")", before
}
