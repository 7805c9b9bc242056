package catalog_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
)

// A prior is found by the keys of what its consent is about, at every level, and by no
// key of the rest: that there is a report would be known by its UID or its modality.
func TestQueryOfPriors(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) { queryOfPriors(t, open(t)) })
}

func queryOfPriors(t *testing.T, d *db.DB) {
	image, report := arrival("mima", 1), arrival("mima", 1)
	image.Series.SeriesInstanceUID, image.Series.Modality, image.Series.Description = "1.5.1", "CT", "axial"
	image.Instance.SOPInstanceUID, image.Instance.SOPClassUID, image.Instance.ObjectKey = "1.5.1.1", "1.5.1.2", "mima/1"
	report.Series.SeriesInstanceUID, report.Series.Modality, report.Series.Description = "1.6.1", "SR", "findings"
	report.Instance.SOPInstanceUID, report.Instance.SOPClassUID, report.Instance.ObjectKey = "1.6.1.1", "1.6.1.2", "mima/2"
	current := arrival("kaifu", 2)
	current.Instance.ObjectKey = "kaifu/1"
	done := arrive(t, d, image, report, current)
	prior, study := done[0].StudyID, done[2].StudyID
	var refs [2]string
	run := func(query string, args ...any) {
		t.Helper()
		if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, query, args...)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	for i, id := range []string{prior, study} {
		if err := d.Read(t.Context()).QueryRowContext(t.Context(), `SELECT patient_ref FROM studies WHERE id = $1`, id).Scan(&refs[i]); err != nil {
			t.Fatal(err)
		}
	}
	run(`INSERT INTO facilities (id, name, sees_others, created_at, updated_at) VALUES ('kaifu', '', 1, 0, 0)`)
	run(`INSERT INTO study_grants (study_id, grantee_kind, grantee, granted_at) VALUES ($1, 'user', 'u1', 0)`, study)
	run(`INSERT INTO workitems (id, study_id, facility_id, sop_instance_uid, state, kind, panel_id, priority, priority_rank, deadline, readiness, created_at)
		VALUES ('w1', $1, 'kaifu', '1.7', 'SCHEDULED', 'interpretation', 'p1', 'ROUTINE', 2, 0, 'READY', 0)`, study)
	run(`INSERT INTO patient_links (id, patient_a, patient_b, state, reason, proposed_by, proposed_at) VALUES ('l1', $1, $2, 'confirmed', '', '', 0)`, refs[0], refs[1])
	run(`INSERT INTO linked_patients (patient_ref, other_ref, link_id) VALUES ($1, $2, 'l1')`, refs[0], refs[1])

	scope := identity.Scope{UserID: "u1"}.WithPriors(day)
	finds := func(level catalog.Level, k catalog.Key) bool {
		t.Helper()
		there := false
		_, err := catalog.Find(t.Context(), d.Read(t.Context()), scope, "", catalog.Query{Level: level, Keys: []catalog.Key{k}}, 10, func(m *catalog.Match) error {
			there = there || m.Study.ID == prior
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return there
	}
	of := map[string][]catalog.Key{
		"images": {
			key(tag.SeriesInstanceUID, "1.5.1"), key(tag.SOPInstanceUID, "1.5.1.1"), key(tag.SOPClassUID, "1.5.1.2"), key(tag.Modality, "CT"), key(tag.ModalitiesInStudy, "CT"),
			key(tag.Modality, "C?"), key(tag.SeriesDescription, "axial"),
		},
		"reports": {
			key(tag.SeriesInstanceUID, "1.6.1"), key(tag.SOPInstanceUID, "1.6.1.1"), key(tag.SOPClassUID, "1.6.1.2"), key(tag.Modality, "SR"), key(tag.ModalitiesInStudy, "SR"),
			key(tag.Modality, "S?"), key(tag.SeriesDescription, "find*"), key(tag.ModalitiesInStudy, "S*"),
		},
	}
	for n, consent := range [][]string{nil, {"images"}, {"reports"}, {"images", "reports"}, nil} {
		kind, bit := "given", map[bool]int{true: 1}
		if consent == nil {
			kind = "withdrawn"
		}
		run(`INSERT INTO consents (id, patient_ref, number, kind, everywhere, images, reports, until, document, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, 1, $5, $6, 0, '', '', 0)`,
			fmt.Sprint("c", n), refs[0], n+1, kind, bit[slices.Contains(consent, "images")], bit[slices.Contains(consent, "reports")])
		for what, keys := range of {
			for _, level := range []catalog.Level{catalog.PatientLevel, catalog.StudyLevel, catalog.SeriesLevel, catalog.InstanceLevel} {
				for _, k := range keys {
					want := slices.Contains(consent, what)
					if got := finds(level, k); got != want {
						t.Errorf("consent to %v, %s at level %d by %s %q: found %v", consent, what, level, k.Tag, k.Values, got)
					}
				}
			}
		}
	}
}
