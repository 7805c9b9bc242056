//go:build race

package worklist_test

// slow divides the work of long tests: the race detector makes SQLite, which is
// Go here, ten times slower.
const slow = 5
