package catalog

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

const seriesColumns = `series.id, series.study_id, series.series_instance_uid, series.number, series.modality, series.description,
	series.body_part, series.laterality, series.protocol, series.station, series.origin, series.instance_count`

const seriesTables = `series JOIN studies ON studies.id = series.study_id`

func scanSeries(row Row) (Series, error) {
	var s Series
	var origin string
	err := row.Scan(&s.ID, &s.StudyID, &s.SeriesInstanceUID, &s.Number, &s.Modality, &s.Description,
		&s.BodyPart, &s.Laterality, &s.Protocol, &s.Station, &origin, &s.InstanceCount)
	if errors.Is(err, sql.ErrNoRows) {
		return Series{}, ErrNotFound
	}
	if err != nil {
		return Series{}, fmt.Errorf("catalog: read series: %w", err)
	}
	s.Origin = Origin(origin)
	return s, nil
}

// SeriesByID reads one series without its instances.
func SeriesByID(ctx context.Context, tx db.Tx, scope identity.Scope, id string) (Series, error) {
	cond, args := scope.SeriesFilter(2)
	return scanSeries(tx.QueryRowContext(ctx, `SELECT `+seriesColumns+` FROM `+seriesTables+`
		WHERE series.id = $1 AND `+cond, append([]any{id}, args...)...))
}

// SeriesWithInstances reads one series with its instances, in order.
func SeriesWithInstances(ctx context.Context, tx db.Tx, scope identity.Scope, id string) (Series, error) {
	s, err := SeriesByID(ctx, tx, scope, id)
	if err != nil {
		return s, err
	}
	cond, args := scope.InstanceFilter(2)
	s.Instances, err = instances(ctx, tx, s.InstanceCount, `SELECT `+instanceColumns+` FROM `+instanceTables+`
		WHERE instances.series_id = $1 AND `+cond, append([]any{id}, args...)...)
	SortInstances(s.Instances)
	return s, err
}

// SeriesOf reads the series of a study with their instances: received ones by
// Series Number, then our own.
func SeriesOf(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string) ([]Series, error) {
	list, err := seriesRows(ctx, tx, scope, studyID)
	if err != nil {
		return nil, err
	}
	expected := 0
	for _, s := range list {
		expected += s.InstanceCount
	}
	all, err := instancesOf(ctx, tx, scope, studyID, expected)
	if err != nil {
		return nil, err
	}
	// Each series gets its part of the one list.
	sortInstances(all, func(a, b *Instance) int { return cmp.Compare(a.SeriesID, b.SeriesID) })
	parts := make(map[string][]Instance, len(list))
	for from, to := 0, 0; from < len(all); from = to {
		for to < len(all) && all[to].SeriesID == all[from].SeriesID {
			to++
		}
		parts[all[from].SeriesID] = all[from:to:to]
	}
	for n := range list {
		list[n].Instances = parts[list[n].ID]
		SortInstances(list[n].Instances)
	}
	slices.SortFunc(list, func(a, b Series) int {
		return cmp.Or(cmp.Compare(own(a), own(b)), cmp.Compare(a.Number, b.Number), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

func own(s Series) int {
	if s.Origin == Dokuei {
		return 1
	}
	return 0
}

func seriesRows(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string) ([]Series, error) {
	cond, args := scope.SeriesFilter(2)
	rows, err := tx.QueryContext(ctx, `SELECT `+seriesColumns+` FROM `+seriesTables+`
		WHERE series.study_id = $1 AND `+cond, append([]any{studyID}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("catalog: series: %w", err)
	}
	defer rows.Close()
	var list []Series
	for rows.Next() {
		s, err := scanSeries(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}
