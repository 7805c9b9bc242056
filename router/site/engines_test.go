package site_test

import (
	"testing"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
)

// TestOnEachEngine applies the same files to every database.
func TestOnEachEngine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		for name, test := range map[string]func(*testing.T, *db.DB){
			"example": testApplyExample, "changes": testChanges, "prune": testPrune, "callers": testCallers,
		} {
			t.Run(name, func(t *testing.T) { test(t, open(t)) })
		}
	})
}
