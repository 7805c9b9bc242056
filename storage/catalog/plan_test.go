package catalog

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
)

// A query that names something is led to it by an index: it does not walk
// through the studies of the facility, however many there are.
func TestQueriesFollowAnIndex(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, filepath.Join(t.TempDir(), "dokuei.db"))
	one := func(t tag.Tag, v ...string) []Key { return []Key{{Tag: t, Values: v}} }
	for _, c := range []struct {
		keys  []Key
		first string // of the plan
	}{
		{one(tag.StudyInstanceUID, "1.2", "1.3"), "studies USING INDEX sqlite_autoindex_studies_2 (facility_id=? AND study_instance_uid=?)"},
		{one(tag.PatientID, "P1"), "studies USING INDEX studies_patient_id (facility_id=? AND patient_id=?)"},
		{one(tag.AccessionNumber, "A1"), "studies USING INDEX studies_accession (facility_id=? AND accession_number=?)"},
		{one(tag.StudyDate, "20260101-20260102"), "studies USING INDEX studies_date (facility_id=? AND study_date>? AND study_date<?)"},
		{one(tag.StudyDate, "20260101"), "studies USING INDEX studies_date (facility_id=? AND study_date=?)"},
		{one(tag.PatientName, "Yamada*"), "n USING INDEX sqlite_autoindex_study_names_1 (facility_id=? AND attribute=? AND folded>? AND folded<?)"},
		{one(tag.PatientName, "Yamada^Taro"), "n USING INDEX sqlite_autoindex_study_names_1 (facility_id=? AND attribute=? AND folded=?)"},
		{append(one(tag.PatientName, "Yamada*"), one(tag.StudyDate, "20260101-")...), "n USING INDEX sqlite_autoindex_study_names_1"},
		{append(one(tag.PatientName, "Yamada*"), one(tag.PatientID, "P1")...), "studies USING INDEX studies_patient_id (facility_id=? AND patient_id=?)"},
		{one(tag.SeriesInstanceUID, "1.2.1"), "series USING INDEX series_uid (series_instance_uid=?)"},
		{one(tag.SOPInstanceUID, "1.2.1.1"), "instances USING"},
	} {
		for _, level := range []Level{PatientLevel, StudyLevel, SeriesLevel, InstanceLevel} {
			if below := attributes[c.keys[0].Tag].Level; below > level {
				continue // asked of the levels above it, which have no index of what is below
			}
			q := Query{Level: level, Keys: c.keys}
			s, err := q.statement(t.Context(), nil, identity.Scope{FacilityID: "kaifu"}, "kaifu")
			if err != nil {
				t.Fatal(err)
			}
			rows, err := d.Read(t.Context()).QueryContext(t.Context(), `EXPLAIN QUERY PLAN SELECT `+s.id+` FROM `+s.from+` WHERE `+s.String()+s.tail+` LIMIT 11`, s.Args...)
			if err != nil {
				t.Fatal(err)
			}
			var plan []string
			for rows.Next() {
				var id, parent, unused int
				var detail string
				if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
					t.Fatal(err)
				}
				plan = append(plan, detail)
			}
			if err := rows.Close(); err != nil {
				t.Fatal(err)
			}
			all := strings.ReplaceAll(strings.Join(plan, "\n"), " COVERING", "")
			if strings.Contains(all, "SCAN") || !strings.HasPrefix(all, "SEARCH "+c.first) {
				t.Errorf("%v at level %d:\n%s", c.keys, level, all)
			}
		}
	}
}
