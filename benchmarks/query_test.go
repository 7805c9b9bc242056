package benchmarks

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// BenchmarkQuery asks what the pages and the hospital's machines ask, of databases of
// BENCH_STUDIES studies (1000,100000) on each engine, and reports the 95th percentile
// beside the mean. It should not grow with the number of studies.
func BenchmarkQuery(b *testing.B) {
	sizes := "1000,100000"
	if s := os.Getenv("BENCH_STUDIES"); s != "" {
		sizes = s
	}
	for _, engine := range []string{"postgres", "sqlite"} {
		for _, s := range strings.Split(sizes, ",") {
			n, err := strconv.Atoi(s)
			if err != nil || n < 1000 {
				b.Fatalf("BENCH_STUDIES=%s: want numbers of studies, 1000 or more", sizes)
			}
			b.Run(fmt.Sprintf("%s/studies=%d", engine, n), func(b *testing.B) { queries(b, engine, n) })
		}
	}
}

// database gives the URL of one with n studies. BENCH_KEEP, a folder in which a
// PostgreSQL listens that has empty databases q1000 and so on, keeps them all: to fill a
// million takes minutes.
func database(b *testing.B, engine string, n int) string {
	url := filepath.Join(b.TempDir(), "dokuei.db")
	keep := os.Getenv("BENCH_KEEP")
	switch {
	case keep != "" && engine == "sqlite":
		url = filepath.Join(keep, fmt.Sprintf("q%d.db", n))
	case keep != "":
		url = fmt.Sprintf("postgres://dokuei@/q%d?host=%s", n, keep)
	case engine == "postgres":
		url = dbtest.Postgres(b)
	}
	populate(b, engine, url, n)
	return url
}

// answers is how many a query of a machine asks for: as many as there are of a day
// in the smallest database, so that all give the same.
const answers = 90

func queries(b *testing.B, engine string, n int) {
	d := dbtest.Open(b, database(b, engine, n))
	hospital := identity.Scope{FacilityID: "f0"}
	reader := identity.Scope{UserID: "reader1", PanelIDs: []string{"npo"}}
	everything := identity.Scope{All: true}
	look := func(ctx context.Context, tx db.Tx, keys ...catalog.Key) (found int, err error) {
		_, err = catalog.Find(ctx, tx, hospital, "f0", catalog.Query{Level: catalog.StudyLevel, Keys: keys}, answers, func(*catalog.Match) error { found++; return nil })
		return found, err
	}
	find := func(keys ...catalog.Key) func(context.Context, db.Tx, int) error {
		return func(ctx context.Context, tx db.Tx, _ int) error {
			_, err := look(ctx, tx, keys...)
			return err
		}
	}
	one := func(t tag.Tag, v string) catalog.Key { return catalog.Key{Tag: t, Values: []string{v}} }
	// Each time another patient of the hospital, of all its years: it has every eleventh,
	// with two studies. The step is odd and large, so that those asked for one after the
	// other lie far apart.
	another := func(i int) int { return i * 7919 % (n / 22) * 11 }
	each := func(want int, key func(patient int) catalog.Key) func(context.Context, db.Tx, int) error {
		return func(ctx context.Context, tx db.Tx, i int) error {
			found, err := look(ctx, tx, key(another(i)))
			if err == nil && found != want {
				b.Fatalf("%d studies found, want %d", found, want)
			}
			return err
		}
	}
	studies := func(scope identity.Scope, q catalog.StudyQuery) func(context.Context, db.Tx, int) error {
		return func(ctx context.Context, tx db.Tx, _ int) error {
			_, _, err := catalog.Studies(ctx, tx, scope, q)
			return err
		}
	}
	list := func(f worklist.Filter) func(context.Context, db.Tx, int) error {
		return func(ctx context.Context, tx db.Tx, _ int) error {
			if _, err := worklist.List(ctx, tx, reader, f); err != nil {
				return err
			}
			_, err := worklist.Count(ctx, tx, reader)
			return err
		}
	}
	for _, q := range []struct {
		name string
		ask  func(ctx context.Context, tx db.Tx, i int) error
	}{
		{"worklist", list(worklist.Filter{Limit: 100})},
		{"worklist-done", list(worklist.Filter{Tab: worklist.TabDone, Limit: 100})},
		{"worklist-search", list(worklist.Filter{Tab: worklist.TabAll, Query: fmt.Sprintf("P%d", 1000000+n/4)})},
		{"studies-newest", studies(hospital, catalog.StudyQuery{Limit: 100})},
		{"studies-search-one", studies(everything, catalog.StudyQuery{Text: fmt.Sprintf("A%d", 2000000+n/2)})},
		{"studies-search-common", studies(hospital, catalog.StudyQuery{Text: "単純"})},
		{"studies-search-none", studies(hospital, catalog.StudyQuery{Text: "nothing of that"})},
		{"find-accession", each(1, func(p int) catalog.Key { return one(tag.AccessionNumber, fmt.Sprintf("A%d", 2000000+2*p)) })},
		{"find-patient", each(2, func(p int) catalog.Key { return one(tag.PatientID, fmt.Sprintf("P%d", 1000000+p)) })},
		{"find-name", find(one(tag.PatientName, "yamada11^*"))},
		{"find-day", find(one(tag.StudyDate, "20190101"), one(tag.ModalitiesInStudy, "CT"))},
		{"series-of-1000", func(ctx context.Context, tx db.Tx, _ int) error {
			got, err := catalog.SeriesOf(ctx, tx, hospital, "01900000-0002-7000-8000-000000000000")
			if err == nil && (len(got) != 1 || len(got[0].Instances) != 1001) {
				b.Fatalf("%d series", len(got))
			}
			return err
		}},
	} {
		b.Run(q.name, func(b *testing.B) {
			b.ReportAllocs()
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				began := time.Now()
				if err := q.ask(b.Context(), d.Read(b.Context()), i); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
