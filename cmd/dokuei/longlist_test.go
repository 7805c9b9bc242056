package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// A list of the program is read page by page to its end, in its own order and from the
// last patient on: every row once, in order. With LONG_LIST=100000 the time of the pages
// is the figure of benchmarks/results, and so are the frames a second of longlist.mjs.
func TestLongList(t *testing.T) {
	t.Parallel()
	n := 1000
	if text := os.Getenv("LONG_LIST"); text != "" {
		if _, err := fmt.Sscan(text, &n); err != nil {
			t.Fatal(err)
		}
	}
	data := newData(t, network)
	waiting(t, filepath.Join(data, "dokuei.db"), n)
	s := serve(t, data)
	reader := s.signIn(t, "sato", password)
	for name, c := range map[string]struct {
		sort  []map[string]any
		place func(at int) int // of the row that stands there, as it was made
	}{
		"own order":             {nil, func(at int) int { return at }},
		"from the last patient": {[]map[string]any{{"column": "patient", "down": true}}, func(at int) int { return n - 1 - at }},
	} {
		t.Run(name, func(t *testing.T) {
			var took []time.Duration
			at, cursor := 0, ""
			for {
				var page struct {
					Items  []struct{ ID string }
					Next   *string
					Counts map[string]int
				}
				began := time.Now()
				reader.must("POST", "/worklist/search", map[string]any{"state": "open", "limit": 100, "cursor": cursor, "sort": c.sort}, &page)
				took = append(took, time.Since(began))
				if first := cursor == ""; first != (len(page.Counts) > 0) {
					t.Fatalf("behind %d rows the sizes of the lists are %v", at, page.Counts)
				}
				for _, i := range page.Items {
					if want := fmt.Sprintf("%012d", c.place(at)); !strings.HasSuffix(i.ID, want) {
						t.Fatalf("in place %d stands %s", at, i.ID)
					}
					at++
				}
				if page.Next == nil {
					break
				}
				cursor = *page.Next
			}
			if at != n {
				t.Errorf("%d rows, want %d", at, n)
			}
			sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
			t.Logf("%d pages of 100: p50 %s, p95 %s, longest %s", len(took), took[len(took)/2], took[len(took)*95/100], took[len(took)-1])
		})
	}
	if os.Getenv("LONG_LIST") != "" {
		browser(t)
		t.Log("\n" + browse(t, s, "longlist.mjs", "READER=sato:"+password, fmt.Sprint("ROWS=", n)))
	}
}

// waiting fills a database with studies of a panel that nobody has read.
func waiting(t *testing.T, file string, n int) {
	t.Helper()
	d, err := db.Open(t.Context(), file, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	id := func(kind int) string {
		return fmt.Sprintf(`'01900000-%04d-7000-8000-' || substr(CAST(1000000000000 + i AS TEXT), 2)`, kind)
	}
	number := `substr(CAST(1000000000 + i AS TEXT), 2)`
	name := `'YAMADA' || ` + number + ` || '^TARO=山田' || i || '^太郎=やまだ^たろう'`
	at := fmt.Sprintf(`(%d + i * 1000000)`, time.Now().Add(-48*time.Hour).UnixMicro())
	due := fmt.Sprintf(`(%d + i * 1000000)`, time.Now().Add(24*time.Hour).UnixMicro())
	from := fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT `, n-1)
	err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		for _, insert := range []string{
			`patients (id, facility_id, patient_id, issuer, study_key, name, birth_date, sex, created_at, updated_at) ` + from +
				id(1) + `, 'minami', 'P' || (1000000 + i), '', '', ` + name + `, '19500101', 'M', ` + at + `, ` + at + ` FROM n`,
			`studies (id, facility_id, patient_ref, study_instance_uid, patient_id, patient_name, patient_birth_date, patient_sex, patient_age,
 accession_number, study_id, description, study_date, study_time, modalities, body_part, referring_physician, institution, request_text,
 search, state, release_at, first_arrival, last_arrival, completed_at, declared_instances, instance_count, series_count, own_count,
 reopened, conflicts, received_at, received_by) ` + from +
				id(2) + `, 'minami', ` + id(1) + `, '1.2.826.0.1.' || i, 'P' || (1000000 + i), ` + name + `, '19500101', 'M', '070Y',
 'A' || (2000000 + i), '1', '頭部単純CT', '20261101', '101500', 'CT', 'HEAD', 'SATO^JIRO', '', '今朝からの右片麻痺。出血の有無をお願いします。', '', 'complete', ` + at + `, ` + at + `, ` + at + `, ` + at + `,
 0, 100, 1, 0, 0, 0, 0, '' FROM n`,
			`study_grants (study_id, grantee_kind, grantee, granted_at) ` + from + id(2) + `, 'panel', 'npo', 0 FROM n`,
			`workitems (id, study_id, facility_id, sop_instance_uid, state, kind, panel_id, priority, priority_rank, deadline, readiness, created_at, patient_key) ` + from +
				id(4) + `, ` + id(2) + `, 'minami', '1.2.826.0.2.' || i, 'SCHEDULED', 'interpretation', 'npo', 'ROUTINE', 2, ` + due + `, 'READY', ` + at + `, 'yamada' || ` + number + ` || ' taro' FROM n`,
		} {
			if _, err := tx.ExecContext(ctx, `INSERT INTO `+insert); err != nil {
				return fmt.Errorf("%w in %.60s", err, insert)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
