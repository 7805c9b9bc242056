package catalog

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// loader reads what matches say, a page at a time.
type loader struct {
	tx    db.Tx
	scope identity.Scope
	level Level
}

// load reads the entities with the IDs in their order. One that has left the
// scope meanwhile is not in the list.
func (l *loader) load(ctx context.Context, ids []string) ([]Match, error) {
	found := map[string]Match{}
	studyOf := map[string]string{} // entity → study
	switch l.level {
	case SeriesLevel:
		err := l.rows(ctx, list{text: `SELECT ` + seriesColumns + ` FROM series WHERE series.id IN `, ids: ids}, func(row Row) error {
			s, err := scanSeries(row)
			found[s.ID], studyOf[s.ID] = Match{Series: s}, s.StudyID
			return err
		})
		if err != nil {
			return nil, err
		}
	case InstanceLevel:
		err := l.rows(ctx, list{ids: ids, text: `SELECT instances.id, instances.sop_class_uid, instances.sop_instance_uid, instances.transfer_syntax_uid,
			instances.instance_number, instances.pixel_rows, instances.pixel_columns, instances.frames, ` + seriesColumns + `
			FROM instances JOIN series ON series.id = instances.series_id WHERE instances.id IN `}, func(row Row) error {
			var m Match
			i, s := &m.Instance, &m.Series
			var origin string
			err := row.Scan(&i.ID, &i.SOPClassUID, &i.SOPInstanceUID, &i.TransferSyntaxUID, &i.InstanceNumber, &i.Rows, &i.Columns, &i.Frames,
				&s.ID, &s.StudyID, &s.SeriesInstanceUID, &s.Number, &s.Modality, &s.Description,
				&s.BodyPart, &s.Laterality, &s.Protocol, &s.Station, &origin, &s.InstanceCount)
			s.Origin, i.StudyID, i.SeriesID = Origin(origin), s.StudyID, s.ID
			found[i.ID], studyOf[i.ID] = m, s.StudyID
			return err
		})
		if err != nil {
			return nil, err
		}
	default:
		for _, id := range ids {
			studyOf[id] = id
		}
	}
	studies, err := l.studies(ctx, studyOf)
	if err != nil {
		return nil, err
	}
	var matches []Match
	for _, id := range ids {
		s, ok := studies[studyOf[id]]
		if !ok {
			continue
		}
		m := found[id]
		s.Series, s.Instance, s.Level = m.Series, m.Instance, l.level
		if s.words != nil {
			s.Series.Description, s.Series.Protocol = s.words.Clean(s.Series.Description), s.words.Clean(s.Series.Protocol)
		}
		matches = append(matches, s)
	}
	return matches, nil
}

// studies reads the studies of a page with what is counted in them.
func (l *loader) studies(ctx context.Context, of map[string]string) (map[string]Match, error) {
	var ids []string
	for _, id := range of {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	all := make(map[string]Match, len(ids))
	if len(ids) == 0 {
		return all, nil
	}
	cond, args := l.scope.SharedFilter(identity.SharedStudies, 1)
	err := l.rows(ctx, list{text: `SELECT ` + StudyColumns + ` FROM ` + StudyTables + ` WHERE ` + hidden(cond) + ` AND studies.id IN `, args: args, ids: ids}, func(row Row) error {
		s, err := ScanStudy(row)
		m := Match{}
		if _, veiled := l.scope.Veil(s.FacilityID); veiled {
			m.words = s.Words()
			Hide(l.scope, &s)
		}
		m.Study = s
		all[s.ID] = m
		return err
	})
	if err != nil {
		return nil, err
	}
	series := list{
		text: `SELECT series.study_id, series.modality, COUNT(*), SUM(series.instance_count) FROM series WHERE series.study_id IN `, ids: ids,
		tail: ` GROUP BY series.study_id, series.modality ORDER BY series.modality`,
	}
	if l.scope.Comparing() { // of a prior only what its consent is about is counted
		cond, args := l.scope.SeriesFilter(1)
		series.args = args
		series.text = `SELECT series.study_id, series.modality, COUNT(*), SUM(series.instance_count) FROM series JOIN studies ON studies.id = series.study_id
 WHERE ` + cond + ` AND series.study_id IN `
	}
	err = l.rows(ctx, series, func(row Row) error {
		var id, modality string
		var series, instances int
		err := row.Scan(&id, &modality, &series, &instances)
		m, ok := all[id]
		if err != nil || !ok {
			return err
		}
		if modality != "" {
			m.Modalities = append(m.Modalities, modality)
		}
		m.SeriesOf += series
		m.InstanceOf += instances
		all[id] = m
		return nil
	})
	if err != nil || l.level > PatientLevel {
		return all, err
	}
	return all, l.patients(ctx, all)
}

// patients counts what there is of the patients, within scope.
func (l *loader) patients(ctx context.Context, all map[string]Match) error {
	byPatient := map[string]string{} // one study each: matches at the level of the patient
	var refs []string
	for id, m := range all {
		byPatient[m.Study.PatientRef] = id
		refs = append(refs, m.Study.PatientRef)
	}
	if len(refs) == 0 {
		return nil
	}
	cond, args := l.scope.SeriesFilter(1)
	return l.rows(ctx, list{args: args, ids: refs, tail: ` GROUP BY studies.patient_ref`, text: `SELECT studies.patient_ref, COUNT(DISTINCT studies.id), COUNT(*), SUM(series.instance_count)
		FROM studies JOIN series ON series.study_id = studies.id WHERE ` + cond + ` AND studies.patient_ref IN `}, func(row Row) error {
		var ref string
		var studies, series, instances int
		err := row.Scan(&ref, &studies, &series, &instances)
		m := all[byPatient[ref]]
		m.PatientStudies, m.PatientSeries, m.PatientInstances = studies, series, instances
		all[byPatient[ref]] = m
		return err
	})
}

// rows runs a query that ends in IN, followed by the IDs and what comes after.
func (l *loader) rows(ctx context.Context, query list, scan func(Row) error) error {
	var b strings.Builder
	b.WriteString(query.text)
	args := query.args
	for i, id := range query.ids {
		b.WriteString([]string{"(", ", "}[min(i, 1)])
		args = append(args, id)
		b.WriteString("$" + strconv.Itoa(len(args)))
	}
	b.WriteString(")" + query.tail)
	rows, err := l.tx.QueryContext(ctx, b.String(), args...)
	if err != nil {
		return fmt.Errorf("catalog: matches: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("catalog: matches: %w", err)
		}
	}
	return rows.Err()
}

// hidden keeps a condition from leading the planner of SQLite away from the IDs: it
// has no statistics here and believes that a facility has few studies.
func hidden(cond string) string { return "CASE WHEN " + cond + " THEN 1 ELSE 0 END = 1" }

// list is a query for rows by a list of IDs, not empty.
type list struct {
	text string // up to IN; placeholders are those of args
	args []any
	ids  []string
	tail string
}
