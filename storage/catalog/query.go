package catalog

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Query asks for the entities of a level that match every key, at whatever level
// the key is: the query is relational (PS3.4 C.4.1.2.2, C.4.1.3.2).
type Query struct {
	Level Level
	Keys  []Key
	// Ordered makes the first that are found those that arrived first, so that what
	// is asked for page by page is whole.
	Ordered bool
}

// findPage is how many matches are read at a time.
const findPage = 100

// Find calls match for each entity of a facility (of every one the scope has, when
// facilityID is empty) that matches, within scope, in
// order of arrival, and stops at its first error, which it returns. At most limit
// are found; more says that there were more. No statement is open while match
// runs, so it may take its time.
func Find(ctx context.Context, tx db.Tx, scope identity.Scope, facilityID string, q Query, limit int, match func(*Match) error) (more bool, err error) {
	s, err := q.statement(ctx, tx, scope, facilityID)
	if err != nil {
		return false, err
	}
	ids, err := s.ids(ctx, tx, limit+1)
	if err != nil {
		return false, err
	}
	if more = len(ids) > limit; more {
		ids = ids[:limit]
	}
	slices.Sort(ids)
	l := loader{tx: tx, scope: scope, level: q.Level}
	for page := range slices.Chunk(ids, findPage) {
		list, err := l.load(ctx, page)
		if err != nil {
			return false, err
		}
		for i := range list {
			if err := match(&list[i]); err != nil {
				return false, err
			}
		}
	}
	return more, nil
}

// Select lists the instances below the entities that q asks for by unique keys,
// study by study and series by series, at most limit. Only the UIDs, the
// object, its origin and its facility are filled in.
func Select(ctx context.Context, tx db.Tx, scope identity.Scope, facilityID string, q Query, limit int) (list []Instance, err error) {
	q.Level = InstanceLevel
	s, err := q.statement(ctx, tx, scope, facilityID)
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT instances.id, instances.study_id, instances.sop_class_uid, instances.sop_instance_uid, instances.transfer_syntax_uid,
		instances.object_key, instances.origin, studies.facility_id FROM `+s.from+` WHERE `+s.String()+`
		ORDER BY instances.study_id, instances.series_id, instances.instance_number, instances.id LIMIT `+strconv.Itoa(limit), s.Args...)
	if err != nil {
		return nil, fmt.Errorf("catalog: select: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var i Instance
		var origin string
		if err := rows.Scan(&i.ID, &i.StudyID, &i.SOPClassUID, &i.SOPInstanceUID, &i.TransferSyntaxUID, &i.ObjectKey, &origin, &i.FacilityID); err != nil {
			return nil, fmt.Errorf("catalog: select: %w", err)
		}
		i.Origin = Origin(origin)
		list = append(list, i)
	}
	return list, rows.Err()
}

// statement is a query in SQL.
type statement struct {
	Where
	from string
	id   string // what is selected
	tail string
}

func (q Query) statement(ctx context.Context, tx db.Tx, scope identity.Scope, facilityID string) (statement, error) {
	var at [InstanceLevel + 1]conditions
	h, err := q.hidden(ctx, tx, scope)
	if err != nil {
		return statement{}, err
	}
	if len(h.patients) > 0 {
		q.Keys = slices.DeleteFunc(slices.Clone(q.Keys), func(k Key) bool { return k.Tag == tag.PatientID })
	}
	for _, k := range q.Keys {
		a, ok := attributes[k.Tag]
		if !ok {
			continue
		}
		level := max(a.Level, StudyLevel) // a study has its own copy of the patient
		if err := at[level].add(k); err != nil {
			return statement{}, err
		}
	}
	cond, args := scope.SharedFilter(identity.SharedStudies, 1)
	if q.Level >= SeriesLevel {
		cond, args = scope.SeriesFilter(1)
	}
	s := statement{Where: Where{Args: args, Conds: []string{cond}}}
	if facilityID != "" {
		s.Add("studies.facility_id = ?", facilityID)
	}
	switch {
	case len(h.patients) > 0:
		s.Add("studies.patient_ref IN "+marks(h.patients), anys(h.patients)...)
	case len(h.facilities) > 0:
		s.Add("studies.facility_id NOT IN "+marks(h.facilities), anys(h.facilities)...)
	}
	s.tables(q, at[:], facilityID)
	s.take(at[StudyLevel].Where)
	if q.Level >= SeriesLevel {
		s.take(at[SeriesLevel].Where)
	}
	if q.Level == InstanceLevel {
		s.take(at[InstanceLevel].Where)
		if facilityID != "" && len(at[InstanceLevel].Conds) > 0 {
			s.Add("instances.facility_id = ?", facilityID)
		}
	}
	s.below(q.Level, at[:], scope)
	if q.Ordered {
		s.tail += " ORDER BY 1"
	}
	return s, nil
}

// hidden is what a query that asks for a person must not find: nothing where it asks
// for none.
func (q Query) hidden(ctx context.Context, tx db.Tx, scope identity.Scope) (hiddenFrom, error) {
	asks, pseudonym := 0, ""
	for _, k := range q.Keys {
		value := strings.Join(k.Values, "\\")
		if !personal[k.Tag] || strings.Trim(value, "*") == "" {
			continue
		}
		asks++
		if k.Tag == tag.PatientID {
			pseudonym = value
		}
	}
	if asks == 0 {
		return hiddenFrom{}, nil
	}
	if asks > 1 {
		pseudonym = "" // with a name beside it, it would tell whether they belong together
	}
	return hiddenOf(ctx, tx, scope, pseudonym)
}

// tables chooses FROM. CROSS JOIN says the same as JOIN, but tells SQLite, which
// has no statistics here, to begin on the left; PostgreSQL decides for itself.
func (s *statement) tables(q Query, at []conditions, facilityID string) {
	s.id, s.from = "studies.id", "studies"
	n := at[StudyLevel].names
	slices.SortStableFunc(n, func(a, b nameCondition) int { return led(b) - led(a) })
	// A name without a beginning is looked for among all names, which is quicker
	// than study by study, but not than among the studies of some days.
	lead := len(n) > 0 && (n[0].prefix || !slices.ContainsFunc(q.Keys, func(k Key) bool { return k.Tag == tag.StudyDate && strings.Join(k.Values, "") != "" }))
	if lead && !at[StudyLevel].exact && !at[SeriesLevel].exact && !at[InstanceLevel].exact {
		s.from = "study_names n CROSS JOIN studies"
		s.Add("studies.id = n.study_id AND "+n[0].cond, n[0].values...)
		if facilityID != "" {
			s.Add("n.facility_id = ?", facilityID)
		}
		n = n[1:]
	}
	for _, one := range n {
		s.Add("EXISTS (SELECT 1 FROM study_names n WHERE n.study_id = studies.id AND "+one.cond+")", one.values...)
	}
	if slices.ContainsFunc(q.Keys, func(k Key) bool { return k.Tag == tag.IssuerOfPatientID }) {
		s.from += " JOIN patients ON patients.id = studies.patient_ref"
	}
	switch {
	case q.Level < SeriesLevel:
	case at[SeriesLevel].exact && !at[StudyLevel].exact && s.from == "studies":
		s.from = "series CROSS JOIN studies"
		s.Add("studies.id = series.study_id")
	default:
		s.from += " JOIN series ON series.study_id = studies.id"
	}
	switch q.Level {
	case PatientLevel:
		s.id, s.tail = "MIN(studies.id)", " GROUP BY studies.patient_ref"
	case SeriesLevel:
		s.id = "series.id"
	case InstanceLevel:
		s.from += " JOIN instances ON instances.series_id = series.id"
		s.id = "instances.id"
	}
	if q.Level > PatientLevel && strings.HasPrefix(s.from, "study_names") {
		s.id = "DISTINCT " + s.id // a name may match in two of its groups
	}
}

// led is 1 when the index of names leads to the condition.
func led(n nameCondition) int {
	if n.prefix {
		return 1
	}
	return 0
}

// take adds conditions that have been numbered on their own.
func (w *Where) take(other Where) {
	for _, cond := range other.Conds {
		w.Conds = append(w.Conds, renumber(cond, len(w.Args)))
	}
	w.Args = append(w.Args, other.Args...)
}

// renumber adds by to every placeholder.
func renumber(cond string, by int) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(cond, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		end := 0
		for end < len(after) && after[end] >= '0' && after[end] <= '9' {
			end++
		}
		n, _ := strconv.Atoi(after[:end]) //nolint:errcheck // digits, written by Where.Add
		b.WriteString("$" + strconv.Itoa(n+by))
		cond = after[end:]
	}
}

// below asks for something underneath an entity that the keys of lower levels match and
// that the scope lets be seen: of a prior only what its consent is about, else a report
// would be found by its keys.
func (s *statement) below(level Level, at []conditions, scope identity.Scope) {
	var seen Where
	if scope.Comparing() {
		cond, args := scope.SeriesFilter(1)
		seen = Where{Conds: []string{cond}, Args: args}
	}
	for _, modality := range at[StudyLevel].modalities {
		s.exists("series", "series.study_id = studies.id", seen, modality)
	}
	series, instances := at[SeriesLevel].Where, at[InstanceLevel].Where
	switch {
	case level < SeriesLevel && len(instances.Conds) > 0:
		s.exists("instances JOIN series ON series.id = instances.series_id", "instances.study_id = studies.id", seen, series, instances)
	case level < SeriesLevel && len(series.Conds) > 0:
		s.exists("series", "series.study_id = studies.id", seen, series)
	case level == SeriesLevel && len(instances.Conds) > 0:
		s.exists("instances", "instances.series_id = series.id", instances)
	}
}

func (s *statement) exists(from, link string, parts ...Where) {
	sub := Where{Args: s.Args, Conds: []string{link}}
	for _, p := range parts {
		sub.take(p)
	}
	s.Args = sub.Args
	s.Conds = append(s.Conds, "EXISTS (SELECT 1 FROM "+from+" WHERE "+sub.String()+")")
}

func (s *statement) ids(ctx context.Context, tx db.Tx, limit int) (list []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+s.id+` FROM `+s.from+` WHERE `+s.String()+s.tail+` LIMIT `+strconv.Itoa(limit), s.Args...)
	if err != nil {
		return nil, fmt.Errorf("catalog: find: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("catalog: find: %w", err)
		}
		list = append(list, id)
	}
	return list, rows.Err()
}
