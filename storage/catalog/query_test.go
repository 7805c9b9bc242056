package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		d := open(t)
		hospital(t, d)
		t.Run("keys", func(t *testing.T) { keys(t, d) })
		t.Run("levels", func(t *testing.T) { queryLevels(t, d) })
		t.Run("hostile", func(t *testing.T) { hostileKeys(t, d) })
		t.Run("select", func(t *testing.T) { selecting(t, d) })
		t.Run("older studies", func(t *testing.T) { olderStudies(t, open(t)) })
	})
}

// hospital has four studies of kaifu, and one of mima that looks like them.
func hospital(t *testing.T, d *db.DB) {
	t.Helper()
	image := func(facility, patient, name, study, acc, date, clock, modality string, series, number int) catalog.Arrival {
		s := fmt.Sprintf("%s.%d", study, series)
		return catalog.Arrival{
			Study: catalog.Study{
				FacilityID: facility, StudyInstanceUID: study, AccessionNumber: acc, StudyDate: date, StudyTime: clock, Description: "100%_ CT",
				ReferringPhysician: "Okada^Ken=岡田^健", Patient: catalog.Patient{FacilityID: facility, PatientID: patient, Name: name, Sex: "F", BirthDate: "19700203", Issuer: "X"},
			},
			Series: catalog.Series{SeriesInstanceUID: s, Number: series, Modality: modality, Description: "s" + modality, Origin: catalog.Received},
			Instance: catalog.Instance{
				FacilityID: facility, SOPClassUID: "1.2.840.10008.5.1.4.1.1.2", SOPInstanceUID: fmt.Sprintf("%s.%d", s, number), InstanceNumber: number, Rows: 64,
				TransferSyntaxUID: "1.2.840.10008.1.2.1", ObjectKey: fmt.Sprintf("%s/aa/bb/%s.%d.dcm", facility, s, number), SHA256: fmt.Sprintf("%064d", number),
				Origin: catalog.Received, ReceivedAt: day,
			},
			Now: day,
		}
	}
	var list []catalog.Arrival
	for n := range 4 {
		list = append(list, image("kaifu", "P1", "Müller^Jürgen", "1.1", "A1", "20260110", "101500", "CT", 1, n))
	}
	list = append(list,
		image("kaifu", "P1", "Müller^Jürgen", "1.1", "A1", "20260110", "101500", "MR", 2, 1),
		image("kaifu", "P1", "Müller^Jürgen", "1.2", "A2", "20260220", "235959.5", "CT", 1, 1),
		image("kaifu", "p1", "Yamada^Tarou=山田^太郎=ヤマダ^タロウ", "1.3", "A3", "20260330", "", "DX", 1, 1),
		image("kaifu", "P*", "YAMADA", "1.4", "", "", "", "US", 1, 1),
		image("mima", "P1", "Müller^Jürgen", "1.9", "A1", "20260110", "101500", "CT", 1, 1))
	arrive(t, d, list...)
}

func kaifu() identity.Scope { return identity.Scope{FacilityID: "kaifu"} }

// studies are the Study Instance UIDs that keys find.
func find(t *testing.T, d *db.DB, level catalog.Level, keys ...catalog.Key) (found []string, all []catalog.Match) {
	t.Helper()
	more, err := catalog.Find(t.Context(), d.Read(t.Context()), kaifu(), "kaifu", catalog.Query{Level: level, Keys: keys}, 100, func(m *catalog.Match) error {
		found = append(found, m.Study.StudyInstanceUID)
		all = append(all, *m)
		return nil
	})
	if err != nil || more {
		t.Fatal(keys, more, err)
	}
	slices.Sort(found)
	return found, all
}

func key(t tag.Tag, values ...string) catalog.Key { return catalog.Key{Tag: t, Values: values} }

func keys(t *testing.T, d *db.DB) {
	for _, c := range []struct {
		tag   tag.Tag
		value string // values divided by a backslash
		want  string // last components of the studies
	}{
		{tag.PatientID, "", "1234"},
		{tag.PatientID, "*", "1234"},
		{tag.PatientID, "P1", "12"},
		{tag.PatientID, "P*", "124"},
		{tag.PatientID, "?1", "123"},
		{tag.PatientID, "P?", "124"},
		{tag.PatientID, "P", ""},
		{tag.PatientID, "P_", ""},
		{tag.PatientID, "P%", ""},
		{tag.PatientID, `P1\p1`, "123"},
		{tag.StudyDescription, "100%_*", "1234"},
		{tag.StudyDescription, "1__%_*", ""},
		{tag.StudyDescription, "100%_ ct", ""},
		{tag.IssuerOfPatientID, "X", "1234"},
		{tag.IssuerOfPatientID, "Y", ""},

		{tag.PatientName, "Müller^Jürgen", "12"},
		{tag.PatientName, "MÜLLER^JÜRGEN", "12"},
		{tag.PatientName, "Ｍüller^Jürgen^", "12"},
		{tag.PatientName, "müller*", "12"},
		{tag.PatientName, "Müller", ""},
		{tag.PatientName, "*jürgen", "12"},
		{tag.PatientName, "M?ller^J*", "12"},
		{tag.PatientName, "*^*", "1234"},
		{tag.PatientName, "yamada^*", "34"},
		{tag.PatientName, "yamada", "4"},
		{tag.PatientName, "山田*", "3"},
		{tag.PatientName, "やまだ*", "3"},
		{tag.PatientName, "ﾔﾏﾀﾞ^ﾀﾛｳ", "3"},
		{tag.PatientName, "Yamada*=山田*", "3"},
		{tag.PatientName, "=山田^太郎", "3"},
		{tag.PatientName, "山田=*", ""},
		{tag.PatientName, "Yamada*=佐藤*", ""},
		{tag.ReferringPhysicianName, "岡田*", "1234"},
		{tag.ReferringPhysicianName, "山田*", ""},

		{tag.StudyDate, "20260220", "2"},
		{tag.StudyDate, "2026.02.20", "2"},
		{tag.StudyDate, "20260101-20260301", "12"},
		{tag.StudyDate, "20260220-", "23"},
		{tag.StudyDate, "-20260220", "12"},
		{tag.StudyTime, "10", "1"},
		{tag.StudyTime, "101500", "1"},
		{tag.StudyTime, "10-1014", ""},
		{tag.StudyTime, "10-1015", "1"},
		{tag.StudyTime, "-235959", "12"},
		{tag.StudyTime, "235959-", "2"},

		{tag.AccessionNumber, "A1", "1"},
		{tag.StudyInstanceUID, `1.1\1.3`, "13"},
		{tag.StudyInstanceUID, `1.1\x`, "1"},
		{tag.StudyInstanceUID, "1.*", ""},
		{tag.StudyInstanceUID, "1.9", ""},
		{tag.ModalitiesInStudy, "CT", "12"},
		{tag.ModalitiesInStudy, `MR\DX`, "13"},
		{tag.ModalitiesInStudy, "?R", "1"},
		{tag.Modality, "MR", "1"},
		{tag.SeriesInstanceUID, "1.1.2", "1"},
		{tag.SeriesDescription, "sU*", "4"},
		{tag.SOPInstanceUID, "1.1.2.1", "1"},
		{tag.InstanceNumber, "3", "1"},
		{tag.PatientSex, "F", "1234"},
		{tag.PatientComments, "not kept: asks nothing", "1234"},
		{tag.NumberOfStudyRelatedInstances, "7", "1234"},
	} {
		found, _ := find(t, d, catalog.StudyLevel, key(c.tag, strings.Split(c.value, `\`)...))
		if got := strings.ReplaceAll(strings.Join(found, ""), "1.", ""); got != c.want {
			t.Errorf("%s %q: studies %q, want %q", c.tag, c.value, got, c.want)
		}
	}
	// Keys of every kind together, by each index that may lead.
	found, _ := find(t, d, catalog.StudyLevel, key(tag.PatientName, "m*=*"), key(tag.ReferringPhysicianName, "Oka*"), key(tag.StudyDate, "20260101-"),
		key(tag.ModalitiesInStudy, "MR", "XX"), key(tag.Modality, "CT"), key(tag.SOPInstanceUID, "1.1.1.2"), key(tag.IssuerOfPatientID, "X"))
	if !slices.Equal(found, []string{"1.1"}) {
		t.Error(found)
	}
}

func queryLevels(t *testing.T, d *db.DB) {
	_, patients := find(t, d, catalog.PatientLevel, key(tag.PatientName, "m*"))
	if len(patients) != 1 || patients[0].PatientStudies != 2 || patients[0].PatientSeries != 3 || patients[0].PatientInstances != 6 {
		t.Errorf("%+v", patients)
	}
	if found, _ := find(t, d, catalog.PatientLevel); len(found) != 3 {
		t.Error(found)
	}
	_, studies := find(t, d, catalog.StudyLevel, key(tag.StudyInstanceUID, "1.1"))
	if m := studies[0]; m.SeriesOf != 2 || m.InstanceOf != 5 || !slices.Equal(m.Modalities, []string{"CT", "MR"}) {
		t.Errorf("%+v", m)
	}
	_, series := find(t, d, catalog.SeriesLevel, key(tag.StudyInstanceUID, "1.1"), key(tag.Modality, "CT"))
	if len(series) != 1 || series[0].Series.InstanceCount != 4 || series[0].Study.Patient.PatientID != "P1" {
		t.Errorf("%+v", series)
	}
	if found, _ := find(t, d, catalog.SeriesLevel, key(tag.SeriesInstanceUID, "1.2.1")); !slices.Equal(found, []string{"1.2"}) {
		t.Error(found)
	}
	if found, _ := find(t, d, catalog.SeriesLevel, key(tag.PatientName, "*a*"), key(tag.SOPInstanceUID, "1.3.1.1")); !slices.Equal(found, []string{"1.3"}) {
		t.Error(found)
	}
	_, images := find(t, d, catalog.InstanceLevel, key(tag.PatientName, "mü*"), key(tag.SeriesInstanceUID, "1.1.1"))
	if len(images) != 4 || images[0].Instance.SOPInstanceUID == "" || images[0].Instance.Rows != 64 || images[0].Series.Number != 1 {
		t.Errorf("%+v", images)
	}
	n := 0
	more, err := catalog.Find(t.Context(), d.Read(t.Context()), kaifu(), "kaifu", catalog.Query{Level: catalog.StudyLevel}, 3, func(*catalog.Match) error { n++; return nil })
	if !more || err != nil || n != 3 {
		t.Error(more, err, n)
	}
	stop := errors.New("stop")
	_, err = catalog.Find(t.Context(), d.Read(t.Context()), kaifu(), "kaifu", catalog.Query{Level: catalog.StudyLevel}, 3, func(*catalog.Match) error { return stop })
	if !errors.Is(err, stop) {
		t.Error(err)
	}
}

// No value of a key breaks a statement, finds what is another hospital's or makes
// the database think for long; and no scope reaches beyond itself.
func hostileKeys(t *testing.T, d *db.DB) {
	evil := []string{
		"' OR '1'='1", `") OR 1=1 --`, "$1", "?", "??", "$2 OR 1=1", "%", "_", "!", "!%", "x!", "\x00", "P1\x00", "\xff\xfe", "*'; DROP TABLE studies; --",
		strings.Repeat("x", 1<<16), strings.Repeat("*", 1<<16), strings.Repeat("?", 1<<12), strings.Repeat("*a", 1<<12), strings.Repeat("a*", 8) + "b",
		strings.Repeat("=", 1000), strings.Repeat("^", 1000), "=*=", "-", "--", "99999999-00000000", "20260101-20260102-20260103", "9223372036854775808", "NaN",
		"\U0010FFFF", "\U0010FFFF*", "１", "ﬃ*", "İ*",
	}
	read := d.Read(t.Context())
	for _, a := range catalog.Attributes() {
		for _, v := range evil {
			for _, level := range []catalog.Level{catalog.PatientLevel, catalog.StudyLevel, catalog.SeriesLevel, catalog.InstanceLevel} {
				_, err := catalog.Find(t.Context(), read, kaifu(), "kaifu", catalog.Query{Level: level, Keys: []catalog.Key{key(a.Tag, v, v)}}, 100, func(m *catalog.Match) error {
					if m.Study.FacilityID != "kaifu" {
						t.Errorf("%s %q shows a study of %s", a.Tag, v, m.Study.FacilityID)
					}
					return nil
				})
				var bad *catalog.KeyError
				if err != nil && !errors.As(err, &bad) {
					t.Errorf("%s %.40q: %v", a.Tag, v, err)
				}
				if err != nil && strings.Contains(err.Error(), v) && len(v) > 2 {
					t.Errorf("the error repeats the value: %v", err)
				}
			}
		}
	}
	for _, c := range []struct {
		scope    identity.Scope
		facility string
	}{
		{identity.Scope{}, "kaifu"},
		{identity.Scope{FacilityID: "mima"}, "kaifu"},
		{kaifu(), "mima"},
		{kaifu(), "kaifu' OR '1'='1"},
		{identity.Scope{FacilityID: "x' OR '1'='1"}, "kaifu"},
	} {
		for _, level := range []catalog.Level{catalog.PatientLevel, catalog.StudyLevel, catalog.SeriesLevel, catalog.InstanceLevel} {
			_, err := catalog.Find(t.Context(), read, c.scope, c.facility, catalog.Query{Level: level, Keys: []catalog.Key{key(tag.PatientName, "m*")}}, 10, func(m *catalog.Match) error {
				t.Errorf("%+v in %s sees %s", c.scope, c.facility, m.Study.ID)
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}
		if list, err := catalog.Select(t.Context(), read, c.scope, c.facility, catalog.Query{}, 10); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
	}
	many := make([]string, 5000)
	if _, err := catalog.Find(t.Context(), read, kaifu(), "kaifu", catalog.Query{Level: catalog.StudyLevel, Keys: []catalog.Key{key(tag.StudyInstanceUID, append(many, "1.1")...)}}, 10, func(*catalog.Match) error { return nil }); err != nil {
		t.Error("empty values are none:", err)
	}
	for i := range many {
		many[i] = fmt.Sprintf("1.%d", i)
	}
	var bad *catalog.KeyError
	if _, err := catalog.Find(t.Context(), read, kaifu(), "kaifu", catalog.Query{Level: catalog.StudyLevel, Keys: []catalog.Key{key(tag.StudyInstanceUID, many...)}}, 10, nil); !errors.As(err, &bad) {
		t.Error(err)
	}
	found := 0
	if _, err := catalog.Find(t.Context(), read, kaifu(), "kaifu", catalog.Query{Level: catalog.StudyLevel, Keys: []catalog.Key{key(tag.StudyInstanceUID, many[:4096]...)}}, 10, func(*catalog.Match) error { found++; return nil }); err != nil || found != 4 {
		t.Error(found, err)
	}
}

func selecting(t *testing.T, d *db.DB) {
	exact := func(t tag.Tag, v ...string) catalog.Key { return catalog.Key{Tag: t, Values: v, Exact: true} }
	for _, c := range []struct {
		name string
		keys []catalog.Key
		want int
	}{
		{"patient", []catalog.Key{exact(tag.PatientID, "P1")}, 6},
		{"a patient called P*", []catalog.Key{exact(tag.PatientID, "P*")}, 1},
		{"nobody is called *", []catalog.Key{exact(tag.PatientID, "*")}, 0},
		{"study", []catalog.Key{exact(tag.StudyInstanceUID, "1.1")}, 5},
		{"studies", []catalog.Key{exact(tag.StudyInstanceUID, "1.1", "1.3", "1.9")}, 6},
		{"study of another patient", []catalog.Key{exact(tag.PatientID, "p1"), exact(tag.StudyInstanceUID, "1.1")}, 0},
		{"series", []catalog.Key{exact(tag.StudyInstanceUID, "1.1"), exact(tag.SeriesInstanceUID, "1.1.2")}, 1},
		{"series alone", []catalog.Key{exact(tag.SeriesInstanceUID, "1.1.1")}, 4},
		{"instance", []catalog.Key{exact(tag.StudyInstanceUID, "1.1"), exact(tag.SeriesInstanceUID, "1.1.1"), exact(tag.SOPInstanceUID, "1.1.1.2")}, 1},
		{"instance of another hospital", []catalog.Key{exact(tag.SOPInstanceUID, "1.9.1.1")}, 0},
	} {
		list, err := catalog.Select(t.Context(), d.Read(t.Context()), kaifu(), "kaifu", catalog.Query{Keys: c.keys}, 10)
		if err != nil || len(list) != c.want {
			t.Errorf("%s: %d instances, want %d, %v", c.name, len(list), c.want, err)
		}
		for _, i := range list {
			if !strings.HasPrefix(i.ObjectKey, "kaifu/") || i.SOPClassUID == "" || i.TransferSyntaxUID == "" {
				t.Errorf("%s: %+v", c.name, i)
			}
		}
	}
}

// Studies stored before there were indexes of names and words get into them.
func olderStudies(t *testing.T, d *db.DB) {
	hospital(t, d)
	if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM study_names`)
		_, werr := tx.ExecContext(ctx, `DELETE FROM study_words`)
		return errors.Join(err, werr)
	}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{5, 0} {
		if n, err := catalog.Index(t.Context(), d); n != want || err != nil {
			t.Errorf("%d studies, want %d, %v", n, want, err)
		}
	}
	if found, _ := find(t, d, catalog.StudyLevel, key(tag.PatientName, "山田*")); !slices.Equal(found, []string{"1.3"}) {
		t.Error(found)
	}
}
