package worklist_test

import (
	"testing"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
)

// TestOnEachEngine holds the same life and lists against every database.
func TestOnEachEngine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		for name, test := range map[string]func(*testing.T, *db.DB){
			"life of an item": testLifeOfAnItem, "list pages": testListPages, "list search": testListSearch, "list order": testListSort, "list of the veiled": testVeiledOrder,
		} {
			t.Run(name, func(t *testing.T) { test(t, open(t)) })
		}
	})
}
