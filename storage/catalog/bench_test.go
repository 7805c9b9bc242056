package catalog_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
)

// BenchmarkStudies: one page of a hospital's list, newest first and by a search
// that finds one study, as the catalog grows.
func BenchmarkStudies(b *testing.B) {
	for _, n := range []int{1_000, 20_000} {
		d := dbtest.Open(b, filepath.Join(b.TempDir(), "bench.db"))
		var list []catalog.Arrival
		for k := range n {
			list = append(list, arrival("kaifu", k))
			if len(list) == 1000 {
				arrive(b, d, list...)
				list = list[:0]
			}
		}
		scope := identity.Scope{FacilityID: "kaifu"}
		for name, q := range map[string]catalog.StudyQuery{"newest": {}, "search": {Text: fmt.Sprintf("ACC%04d", n/2)}} {
			b.Run(fmt.Sprintf("%s/studies=%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, _, err := catalog.Studies(b.Context(), d.Read(b.Context()), scope, q); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
