package benchmarks

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/dokuei/dokuei/storage/db/dbtest"
)

// populate fills a database with rows of n studies as years of a region leave them:
// eleven hospitals, two studies a patient, all read but the last three hundred. One
// study has a thousand slices. The statements are in the SQL that both engines speak.
func populate(b *testing.B, engine, url string, n int) {
	b.Helper()
	dbtest.Open(b, url) // makes the tables
	driver := map[string]string{"sqlite": "sqlite", "postgres": "pgx"}[engine]
	d, err := sql.Open(driver, url)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	d.SetMaxOpenConns(1)
	run := func(statement string) {
		b.Helper()
		if _, err := d.ExecContext(context.Background(), statement); err != nil {
			b.Fatalf("%v in %.300s", err, statement)
		}
	}
	var there int
	if err := d.QueryRowContext(b.Context(), `SELECT COUNT(*) FROM facilities`).Scan(&there); err != nil {
		b.Fatal(err)
	}
	if there > 0 {
		return // kept from the last time
	}
	if engine == "sqlite" {
		run(`PRAGMA synchronous = OFF`)
	}
	run(`BEGIN`)
	for f := range 11 {
		run(fmt.Sprintf(`INSERT INTO facilities (id, name, created_at, updated_at) VALUES ('f%d', '病院%d', 0, 0)`, f, f))
	}
	run(`INSERT INTO panels (id, name, created_at, updated_at) VALUES ('npo', '読影班', 0, 0)`)
	id := func(kind int, i string) string {
		return fmt.Sprintf(`'01900000-%04d-7000-8000-' || substr(CAST(1000000000000 + %s AS TEXT), 2)`, kind, i)
	}
	// A clock that begins on 2019-01-01 and has a study every 30 s; no date function is
	// common to both engines, so days are counted in months of 28.
	at := `(1546300800000000 + i * 30000000)`
	date := `CAST(20190000 + (i / 2880 / 336) * 10000 + ((i / 2880 / 28) % 12 + 1) * 100 + (i / 2880) % 28 + 1 AS TEXT)`
	name := `'YAMADA' || (i / 2 % 9973) || '^TARO=山田' || (i / 2 % 9973) || '^太郎=やまだ^たろう'`
	const step = 100_000
	for first := 0; first < n; first += step {
		from := fmt.Sprintf(`WITH RECURSIVE n (i) AS (SELECT CAST(%d AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT `, first, min(first+step, n)-1)
		for _, insert := range []string{
			`patients (id, facility_id, patient_id, issuer, study_key, name, birth_date, sex, created_at, updated_at) ` + from +
				id(1, "i / 2") + `, 'f' || (i / 2 % 11), 'P' || (1000000 + i / 2), '', '', ` + name + `, '19500101', 'M', ` + at + `, ` + at + ` FROM n WHERE i % 2 = 0`,
			`studies (id, facility_id, patient_ref, study_instance_uid, patient_id, patient_name, patient_birth_date, patient_sex, patient_age,
				accession_number, study_id, description, study_date, study_time, modalities, body_part, referring_physician, institution, request_text,
				search, state, release_at, first_arrival, last_arrival, completed_at, declared_instances, instance_count, series_count, own_count,
				reopened, conflicts, received_at, received_by) ` + from +
				id(2, "i") + `, 'f' || (i / 2 % 11), ` + id(1, "i / 2") + `, '1.2.826.0.1.' || i, 'P' || (1000000 + i / 2), ` + name + `, '19500101', 'M', '070Y',
				'A' || (2000000 + i), '1', '頭部単純CT', ` + date + `, '101500', 'CT', 'HEAD', 'SATO^JIRO', '', '', '', 'complete', ` + at + `, ` + at + `, ` + at + `, ` + at + `,
				0, 1, 1, 0, 0, 0, 0, '' FROM n`,
			`series (id, study_id, series_instance_uid, number, modality, description, body_part, laterality, protocol, station, origin, instance_count) ` + from +
				id(3, "i") + `, ` + id(2, "i") + `, '1.2.826.0.1.' || i || '.1', 1, 'CT', '5mm', 'HEAD', '', '', '', 'received', 1 FROM n`,
			`study_names (facility_id, attribute, folded, component, study_id) ` + from +
				`'f' || (i / 2 % 11), 'patient', 'yamada' || (i / 2 % 9973) || ' taro', 1, ` + id(2, "i") + ` FROM n`,
			`study_words (word, study_id) ` + from + `w.word, ` + id(2, "i") + ` FROM n CROSS JOIN (SELECT 1 AS k, 'ct' AS word UNION ALL SELECT 2, '頭部単純' UNION ALL
				SELECT 3, '部単純' UNION ALL SELECT 4, '単純' UNION ALL SELECT 5, 'head' UNION ALL SELECT 6, 'taro' UNION ALL SELECT 7, '太郎') w`,
			`study_words (word, study_id) ` + from + `'p' || (1000000 + i / 2), ` + id(2, "i") + ` FROM n`,
			`study_words (word, study_id) ` + from + `'a' || (2000000 + i), ` + id(2, "i") + ` FROM n`,
			`study_words (word, study_id) ` + from + `'yamada' || (i / 2 % 9973), ` + id(2, "i") + ` FROM n`,
			`study_grants (study_id, grantee_kind, grantee, granted_at) ` + from + id(2, "i") + `, 'panel', 'npo', 0 FROM n`,
			`workitems (id, study_id, facility_id, sop_instance_uid, state, kind, panel_id, priority, priority_rank, deadline, readiness, claimed_by, claimed_at,
				transaction_uid, created_at, completed_at) ` + from + id(4, "i") + `, ` + id(2, "i") + `, 'f' || (i / 2 % 11), '1.2.826.0.2.' || i,
				CASE WHEN i < ` + fmt.Sprint(n-300) + ` THEN 'COMPLETED' ELSE 'SCHEDULED' END, 'interpretation', 'npo', 'ROUTINE', 2, ` + at + `, 'READY',
				CASE WHEN i < ` + fmt.Sprint(n-300) + ` THEN 'reader' || (i % 6) END, NULL, NULL, ` + at + `, CASE WHEN i < ` + fmt.Sprint(n-300) + ` THEN ` + at + ` END FROM n`,
			`instances (id, facility_id, study_id, series_id, sop_class_uid, sop_instance_uid, transfer_syntax_uid, instance_number, pixel_rows, pixel_columns,
				frames, object_key, sha256, size, origin, header, conflicts, received_at, source_ae) ` + from + id(5, "i") + `, 'f' || (i / 2 % 11), ` + id(2, "i") + `, ` + id(3, "i") + `,
				'1.2.840.10008.5.1.4.1.1.2', '1.2.826.0.3.' || i, '1.2.840.10008.1.2.1', 1, 512, 512, 1, 'f0/x' || i, '', 525000, 'received', '{}', 0, ` + at + `, 'CT' FROM n`,
		} {
			run(`INSERT INTO ` + insert)
		}
	}
	run(`INSERT INTO instances (id, facility_id, study_id, series_id, sop_class_uid, sop_instance_uid, transfer_syntax_uid, instance_number, pixel_rows, pixel_columns,
		frames, object_key, sha256, size, origin, header, conflicts, received_at, source_ae)
		WITH RECURSIVE n (i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT ` + id(6, "i") + `, 'f0', ` + id(2, "0") + `, ` + id(3, "0") + `,
		'1.2.840.10008.5.1.4.1.1.2', '1.2.826.0.4.' || i, '1.2.840.10008.1.2.1', i, 512, 512, 1, 'f0/y' || i, '', 525000, 'received', '` + header + `', 0, 0, 'CT' FROM n`)
	run(`COMMIT`)
	if engine == "sqlite" {
		run(`ANALYZE`)
		return
	}
	// What a PostgreSQL that was filled over years has behind it: the autovacuum would do
	// the same minutes later, on the processors that are measured.
	run(`VACUUM (ANALYZE)`)
	run(`CHECKPOINT`)
}

// header is about what a CT slice keeps in its row.
const header = `{"px":true,"spp":1,"pi":"MONOCHROME2","ba":16,"bs":12,"hb":11,"sg":false,"rs":1,"ri":-1024}`
