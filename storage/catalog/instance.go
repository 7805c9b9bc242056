package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

const instanceColumns = `instances.id, instances.facility_id, instances.study_id, instances.series_id, instances.sop_class_uid,
	instances.sop_instance_uid, instances.transfer_syntax_uid, instances.instance_number, instances.pixel_rows, instances.pixel_columns,
	instances.frames, instances.object_key, instances.sha256, instances.size, instances.origin, instances.header,
	instances.conflicts, instances.received_at, instances.source_ae`

const instanceTables = `instances JOIN studies ON studies.id = instances.study_id`

func scanInstance(row Row) (i Instance, err error) {
	err = i.scan(row)
	return i, err
}

// scan reads instanceColumns in place: an instance is large, and a study has thousands.
func (i *Instance) scan(row Row) error {
	var origin string
	var header sql.RawBytes
	var received int64
	var into any = &header
	if _, one := row.(*sql.Row); one {
		into = (*[]byte)(&header) // a Row has closed what RawBytes would point into
	}
	err := row.Scan(&i.ID, &i.FacilityID, &i.StudyID, &i.SeriesID, &i.SOPClassUID, &i.SOPInstanceUID, &i.TransferSyntaxUID,
		&i.InstanceNumber, &i.Rows, &i.Columns, &i.Frames, &i.ObjectKey, &i.SHA256, &i.Size, &origin, into,
		&i.Conflicts, &received, &i.SourceAE)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("catalog: read instance: %w", err)
	}
	if err := json.Unmarshal(header, &i.Header); err != nil {
		return fmt.Errorf("catalog: header of instance %s: %w", i.ID, err)
	}
	i.Origin, i.ReceivedAt = Origin(origin), db.FromMicros(received)
	return nil
}

// InstanceByID reads one instance.
func InstanceByID(ctx context.Context, tx db.Tx, scope identity.Scope, id string) (Instance, error) {
	cond, args := scope.InstanceFilter(2)
	return scanInstance(tx.QueryRowContext(ctx, `SELECT `+instanceColumns+` FROM `+instanceTables+`
		WHERE instances.id = $1 AND `+cond, append([]any{id}, args...)...))
}

// InstanceByUID reads a facility's instance by its SOP Instance UID.
func InstanceByUID(ctx context.Context, tx db.Tx, scope identity.Scope, facilityID, uid string) (Instance, error) {
	cond, args := scope.InstanceFilter(3)
	return scanInstance(tx.QueryRowContext(ctx, `SELECT `+instanceColumns+` FROM `+instanceTables+`
		WHERE instances.facility_id = $1 AND instances.sop_instance_uid = $2 AND `+cond, append([]any{facilityID, uid}, args...)...))
}

// InstancesAfter reads up to limit instances in order of ID, which is the order of
// arrival but for clocks; after is the last ID seen. For work that catches up.
func InstancesAfter(ctx context.Context, tx db.Tx, scope identity.Scope, after string, limit int) ([]Instance, error) {
	cond, args := scope.InstanceFilter(3)
	return instances(ctx, tx, 0, `SELECT `+instanceColumns+` FROM `+instanceTables+`
		WHERE instances.id > $1 AND `+cond+` ORDER BY instances.id LIMIT $2`, append([]any{after, limit}, args...)...)
}

// InstancesOf reads the instances of a study in one indexed read, unsorted.
func InstancesOf(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string) ([]Instance, error) {
	return instancesOf(ctx, tx, scope, studyID, 0)
}

// instancesOf expects some number of them.
func instancesOf(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string, expected int) ([]Instance, error) {
	cond, args := scope.InstanceFilter(2)
	return instances(ctx, tx, expected, `SELECT `+instanceColumns+` FROM `+instanceTables+`
		WHERE instances.study_id = $1 AND `+cond, append([]any{studyID}, args...)...)
}

func instances(ctx context.Context, tx db.Tx, expected int, q string, args ...any) ([]Instance, error) {
	rows, err := tx.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("catalog: instances: %w", err)
	}
	defer rows.Close()
	var out []Instance
	if expected > 0 {
		out = make([]Instance, 0, expected)
	}
	for rows.Next() {
		out = append(out, Instance{})
		if err := out[len(out)-1].scan(rows); err != nil {
			return nil, err
		}
	}
	return out, rows.Err()
}

// Versions reads what is kept beside an instance, oldest first.
func Versions(ctx context.Context, tx db.Tx, scope identity.Scope, instanceID string) ([]Version, error) {
	if _, err := InstanceByID(ctx, tx, scope, instanceID); err != nil {
		return nil, err
	}
	return versions(ctx, tx, `WHERE instance_id = $1 ORDER BY id`, instanceID)
}

// VersionsAfter reads up to limit of all that is kept beside an instance, in order
// of ID; after is the last ID seen. For the check of the store.
func VersionsAfter(ctx context.Context, tx db.Tx, after string, limit int) ([]Version, error) {
	return versions(ctx, tx, `WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
}

func versions(ctx context.Context, tx db.Tx, tail string, args ...any) ([]Version, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, instance_id, sop_class_uid, transfer_syntax_uid, study_instance_uid,
		series_instance_uid, object_key, sha256, size, received_at, source_ae FROM instance_versions `+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("catalog: versions: %w", err)
	}
	defer rows.Close()
	var out []Version
	for rows.Next() {
		var v Version
		var received int64
		if err := rows.Scan(&v.ID, &v.InstanceID, &v.SOPClassUID, &v.TransferSyntaxUID, &v.StudyInstanceUID,
			&v.SeriesInstanceUID, &v.ObjectKey, &v.SHA256, &v.Size, &received, &v.SourceAE); err != nil {
			return nil, fmt.Errorf("catalog: versions: %w", err)
		}
		v.ReceivedAt = db.FromMicros(received)
		out = append(out, v)
	}
	return out, rows.Err()
}
