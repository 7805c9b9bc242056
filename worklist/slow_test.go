//go:build !race

package worklist_test

// slow divides the work of long tests.
const slow = 1
