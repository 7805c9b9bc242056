package room

import (
	"context"
	"fmt"
	"slices"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Say adds m to a room: text, or a picture that is already in the object store.
// Author and time are set here. A message of the same ID, room and author is there
// already: it is what is answered.
func Say(ctx context.Context, tx db.Tx, p identity.Principal, roomID string, m Message) (Message, error) {
	r, err := Find(ctx, tx, p, roomID)
	if err != nil {
		return Message{}, err
	}
	if r.Private != nil && r.Private.State != Open && r.Private.State != Accepted {
		return Message{}, ErrClosed
	}
	if m.ID == "" {
		m.ID = db.NewID()
	}
	before, err := one(ctx, tx, p, m.ID)
	switch {
	case err == nil && before.RoomID == r.ID && before.Author == p.UserID:
		return before, nil
	case err == nil:
		return Message{}, ErrTaken
	}
	if m.Body, err = clean(m.Body, m.Picture != nil); err != nil {
		return Message{}, err
	}
	if err := mentionable(ctx, tx, r, m.Mentions); err != nil {
		return Message{}, err
	}
	m.RoomID, m.StudyID, m.Author, m.At, m.Reads = r.ID, r.StudyID, p.UserID, db.Now(), nil
	if err := insert(ctx, tx, m); err != nil {
		return Message{}, err
	}
	return m, record(ctx, tx, r, EventMessage, p.UserID, m.ID)
}

func insert(ctx context.Context, tx db.Tx, m Message) error {
	pic := Picture{}
	if m.Picture != nil {
		pic = *m.Picture
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO room_messages (id, room_id, study_id, author, at, body, search, media_type, width, height, size, sha256, object_key)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING`,
		m.ID, m.RoomID, m.StudyID, m.Author, db.Micros(m.At), m.Body, catalog.Fold(m.Body), pic.MediaType, pic.Width, pic.Height, pic.Size, pic.SHA256, pic.ObjectKey)
	if err != nil {
		return fmt.Errorf("room: say: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrTaken // in a room the asker does not see
	}
	for _, u := range m.Mentions {
		if _, err := tx.ExecContext(ctx, `INSERT INTO room_mentions (message_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, m.ID, u); err != nil {
			return fmt.Errorf("room: mention: %w", err)
		}
	}
	return nil
}

func mentionable(ctx context.Context, tx db.Tx, r Room, users []string) error {
	if len(users) == 0 {
		return nil
	}
	if len(users) > MaxMentions {
		return ErrNoMember
	}
	there, err := Members(ctx, tx, r)
	if err != nil {
		return err
	}
	for _, u := range users {
		if !slices.ContainsFunc(there, func(m Member) bool { return m.ID == u }) {
			return ErrNoMember
		}
	}
	return nil
}

// MarkRead records that p has had every message of a room up to upTo in front of
// them.
func MarkRead(ctx context.Context, tx db.Tx, p identity.Principal, roomID, upTo string) error {
	r, err := Find(ctx, tx, p, roomID)
	if err != nil {
		return err
	}
	last, err := one(ctx, tx, p, upTo)
	if err != nil {
		return err
	}
	if last.RoomID != r.ID {
		return ErrNotFound
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO room_reads (message_id, user_id, at)
 SELECT m.id, u.id, $1 + 0 * u.created_at FROM room_messages m, users u WHERE u.id = $2 AND m.room_id = $3 AND m.at <= $4 AND m.author <> u.id
 AND NOT EXISTS (SELECT 1 FROM room_reads x WHERE x.message_id = m.id AND x.user_id = u.id)`,
		db.Micros(db.Now()), p.UserID, r.ID, db.Micros(last.At))
	if err != nil {
		return fmt.Errorf("room: read: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return record(ctx, tx, r, EventRead, p.UserID, upTo)
}

// record writes event and audit record of a change. Neither holds what was said.
// The event names the study and no private room: who may see the study, but not the
// room, looks again and finds nothing new.
func record(ctx context.Context, tx db.Tx, r Room, event, actor, detail string) error {
	err := catalog.AppendEvent(ctx, tx, catalog.Event{Kind: event, FacilityID: r.FacilityID, StudyID: r.StudyID, Ref: r.StudyID})
	if err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Record{Actor: actor, Action: event, Object: r.ID, FacilityID: r.FacilityID, Detail: detail})
}
