package fsobject_test

import (
	"testing"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/object/objecttest"
)

// A part of a store keeps the contract, and sees nothing of what lies beside it.
func TestContractUnder(t *testing.T) {
	t.Parallel()
	objecttest.Run(t, func(t *testing.T) object.Store {
		s, _ := open(t, fsobject.Options{})
		for _, key := range []string{"a/k", "part-a/k", "part0/k", "z"} {
			if err := objecttest.Put(t.Context(), s, key, nil); err != nil {
				t.Fatal(err)
			}
		}
		return object.Under(s, "part/")
	})
}
