package scrub

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
)

// EventDamaged: an object of an instance is not what was stored.
const EventDamaged = "instance.damaged"

const (
	partInstances = "instances"
	partVersions  = "versions" // what is kept beside
	partPictures  = "pictures" // said in rooms
)

var next = map[string]string{partInstances: partVersions, partVersions: partPictures, partPictures: partInstances}

// State is how far a pass has come.
type State struct {
	Part, After  string
	Began, Ended time.Time // of this pass; of the last whole one
	Objects      int
	Bytes        int64
}

func load(ctx context.Context, tx db.Tx) (s State, err error) {
	var began, ended int64
	err = tx.QueryRowContext(ctx, `SELECT part, after_id, began_at, objects, bytes, ended_at FROM scrub WHERE id = 1`).
		Scan(&s.Part, &s.After, &began, &s.Objects, &s.Bytes, &ended)
	if err != nil {
		return s, fmt.Errorf("scrub: %w", err)
	}
	s.Began, s.Ended = db.FromMicros(began), db.FromMicros(ended)
	return s, nil
}

func (s State) save(ctx context.Context, tx db.Tx) error {
	ended := int64(0)
	if s.Ended.Unix() > 0 {
		ended = db.Micros(s.Ended)
	}
	_, err := tx.ExecContext(ctx, `UPDATE scrub SET part = $1, after_id = $2, began_at = $3, objects = $4, bytes = $5, ended_at = $6 WHERE id = 1`,
		s.Part, s.After, db.Micros(s.Began), s.Objects, s.Bytes, ended)
	if err != nil {
		return fmt.Errorf("scrub: %w", err)
	}
	return nil
}

// damage is an object that is not what its row says.
type damage struct {
	row
	missing bool
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// record writes the damage down, with event and audit record, unless it is known.
func (d damage) record(ctx context.Context, tx db.Tx) error {
	open, err := catalog.Damaged(ctx, tx, d.key)
	if err != nil || open {
		return err
	}
	missing := 0
	if d.missing {
		missing = 1
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO damages (object_key, instance_id, message_id, missing, found_at, mended_at, mended_by) VALUES ($1, $2, $3, $4, $5, 0, '')
		ON CONFLICT (object_key) DO UPDATE SET missing = excluded.missing, found_at = excluded.found_at, mended_at = 0, mended_by = ''`,
		d.key, orNull(d.instanceID), orNull(d.messageID), missing, db.Micros(db.Now()))
	if err != nil {
		return fmt.Errorf("scrub: record a damage: %w", err)
	}
	e := catalog.Event{Kind: EventDamaged, Ref: d.owner()}
	err = tx.QueryRowContext(ctx, `SELECT s.id, s.facility_id FROM studies s WHERE s.id = (SELECT study_id FROM instances WHERE id = $1)
		OR s.id = (SELECT study_id FROM room_messages WHERE id = $2)`, d.instanceID, d.messageID).Scan(&e.StudyID, &e.FacilityID)
	if err != nil {
		return fmt.Errorf("scrub: study of a damage: %w", err)
	}
	if err := catalog.AppendEvent(ctx, tx, e); err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Record{
		Actor: "scrub", Action: EventDamaged, Object: e.Ref, FacilityID: e.FacilityID, Outcome: "failure", Detail: fmt.Sprintf("sha256=%s missing=%t", d.sum, d.missing),
	})
}

func (r row) mended(ctx context.Context, tx db.Tx, by string) error {
	if err := catalog.Mended(ctx, tx, r.key, by, db.Now()); err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Record{Actor: "scrub", Action: "instance.mended", Object: r.owner(), Outcome: "success", Detail: "by=" + by + " sha256=" + r.sum})
}
