package catalog_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
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

// BenchmarkFind: a C-FIND that names something, as the catalog grows.
func BenchmarkFind(b *testing.B) {
	for _, n := range []int{1_000, 20_000} {
		d := dbtest.Open(b, filepath.Join(b.TempDir(), "bench.db"))
		var list []catalog.Arrival
		for k := range n {
			a := arrival("kaifu", k)
			a.Study.Patient.PatientID = fmt.Sprintf("P%07d", k/3)
			a.Study.Patient.Name = fmt.Sprintf("Name%07d^Given=名%07d^前", k/3, k/3)
			a.Study.StudyDate = day.AddDate(0, 0, -k/30).Format("20060102")
			if list = append(list, a); len(list) == 1000 {
				arrive(b, d, list...)
				list = list[:0]
			}
		}
		one := func(t tag.Tag, v string) catalog.Query {
			return catalog.Query{Level: catalog.StudyLevel, Keys: []catalog.Key{{Tag: t, Values: []string{v}}}}
		}
		for name, q := range map[string]catalog.Query{
			"id": one(tag.PatientID, "P0000100"), "name": one(tag.PatientName, "name0000100*"), "kanji": one(tag.PatientName, "名0000100*"),
			"date": one(tag.StudyDate, day.Format("20060102")), "uid": one(tag.StudyInstanceUID, "1.2.300"), "inside": one(tag.PatientName, "*e0000100*"),
		} {
			b.Run(fmt.Sprintf("%s/studies=%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					found := 0
					_, err := catalog.Find(b.Context(), d.Read(b.Context()), identity.Scope{FacilityID: "kaifu"}, "kaifu", q, 1000, func(*catalog.Match) error { found++; return nil })
					if err != nil || found == 0 {
						b.Fatal(found, err)
					}
				}
			})
		}
	}
}
