package room

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

const messageColumns = `m.id, m.room_id, m.study_id, m.author, m.at, m.body, m.media_type, m.width, m.height, m.size, m.object_key`

func scanMessage(rows interface{ Scan(...any) error }) (m Message, err error) {
	var at int64
	var p Picture
	err = rows.Scan(&m.ID, &m.RoomID, &m.StudyID, &m.Author, &at, &m.Body, &p.MediaType, &p.Width, &p.Height, &p.Size, &p.ObjectKey)
	m.At = db.FromMicros(at)
	if p.ObjectKey != "" {
		m.Picture = &p
	}
	return m, err
}

// one is a message of a room of p's, without mentions and reads.
func one(ctx context.Context, tx db.Tx, p identity.Principal, id string) (Message, error) {
	var a args
	q := `SELECT ` + messageColumns + ` FROM room_messages m WHERE m.id = ` + a.add(id) + ` AND ` + messageSeat(p, &a)
	m, err := scanMessage(tx.QueryRowContext(ctx, q, a...))
	if errors.Is(err, sql.ErrNoRows) {
		return m, ErrNotFound
	}
	if err != nil {
		return m, fmt.Errorf("room: message: %w", err)
	}
	return m, nil
}

// PictureOf is the picture of a message of a room of p's.
func PictureOf(ctx context.Context, tx db.Tx, p identity.Principal, id string) (Picture, error) {
	m, err := one(ctx, tx, p, id)
	if err != nil {
		return Picture{}, err
	}
	if m.Picture == nil {
		return Picture{}, ErrNotFound
	}
	return *m.Picture, nil
}

// History is the page of messages of a room before a message, the newest with
// before empty, in the order in which they were said; more says that there are
// earlier ones. Find has said that the room is the asker's.
func History(ctx context.Context, tx db.Tx, r Room, before string, limit int) (page []Message, more bool, err error) {
	var a args
	cond := `m.room_id = ` + a.add(r.ID)
	if before != "" {
		cond += ` AND (m.at, m.id) < (SELECT b.at, b.id FROM room_messages b WHERE b.id = ` + a.add(before) + ` AND b.room_id = m.room_id)`
	}
	q := `SELECT ` + messageColumns + ` FROM room_messages m WHERE ` + cond + ` ORDER BY m.at DESC, m.id DESC LIMIT ` + a.add(limit+1)
	page, err = collect(ctx, tx, q, a, func(rows *sql.Rows) (Message, error) { return scanMessage(rows) })
	if err != nil {
		return nil, false, err
	}
	if more = len(page) > limit; more {
		page = page[:limit]
	}
	slices.Reverse(page)
	return page, more, details(ctx, tx, page)
}

// details fills mentions and reads of messages of one room.
func details(ctx context.Context, tx db.Tx, page []Message) error {
	const batch = 500
	for part := range slices.Chunk(page, batch) {
		at := make(map[string]*Message, len(part))
		var a args
		in := make([]string, len(part))
		for i := range part {
			at[part[i].ID] = &part[i]
			in[i] = a.add(part[i].ID)
		}
		ids := "(" + strings.Join(in, ", ") + ")"
		type hit struct {
			message, user string
			at            int64
		}
		scan := func(rows *sql.Rows) (h hit, err error) { return h, rows.Scan(&h.message, &h.user, &h.at) }
		mentions, err := collect(ctx, tx, `SELECT message_id, user_id, 0 FROM room_mentions WHERE message_id IN `+ids+` ORDER BY user_id`, a, scan)
		if err != nil {
			return err
		}
		for _, h := range mentions {
			at[h.message].Mentions = append(at[h.message].Mentions, h.user)
		}
		reads, err := collect(ctx, tx, `SELECT message_id, user_id, at FROM room_reads WHERE message_id IN `+ids+` ORDER BY at, user_id`, a, scan)
		if err != nil {
			return err
		}
		for _, h := range reads {
			at[h.message].Reads = append(at[h.message].Reads, Read{h.user, db.FromMicros(h.at)})
		}
	}
	return nil
}

// Summary is a room in a list.
type Summary struct {
	RoomID, StudyID string
	LastAt          time.Time
	Messages        int
	Unread          int // of others, not read by the asker
	Mentions        int // unread ones that name the asker
}

// Mine lists the rooms of p's in which something was said, the latest first.
func Mine(ctx context.Context, tx db.Tx, p identity.Principal) ([]Summary, error) {
	var a args
	u := a.add(p.UserID)
	unread := `m.author <> ` + u + ` AND NOT EXISTS (SELECT 1 FROM room_reads x WHERE x.message_id = m.id AND x.user_id = ` + u + `)`
	q := `SELECT m.room_id, m.study_id, MAX(m.at), COUNT(*), SUM(CASE WHEN ` + unread + ` THEN 1 ELSE 0 END),
 SUM(CASE WHEN ` + unread + ` AND EXISTS (SELECT 1 FROM room_mentions n WHERE n.message_id = m.id AND n.user_id = ` + u + `) THEN 1 ELSE 0 END)
 FROM room_messages m WHERE ` + messageSeat(p, &a) + ` GROUP BY m.room_id, m.study_id ORDER BY MAX(m.at) DESC LIMIT ` + a.add(PageSize)
	return collect(ctx, tx, q, a, func(rows *sql.Rows) (s Summary, err error) {
		var at int64
		err = rows.Scan(&s.RoomID, &s.StudyID, &at, &s.Messages, &s.Unread, &s.Mentions)
		s.LastAt = db.FromMicros(at)
		return s, err
	})
}

var likeSpecial = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Search finds messages of p's rooms in which every word of text stands, the latest
// first.
func Search(ctx context.Context, tx db.Tx, p identity.Principal, text string) ([]Message, error) {
	words := strings.Fields(catalog.Fold(text))
	if len(words) == 0 || len(words) > 8 {
		return nil, ErrText
	}
	var a args
	cond := ""
	for _, w := range words {
		cond += `m.search LIKE ` + a.add("%"+likeSpecial.Replace(w)+"%") + ` ESCAPE '\' AND `
	}
	q := `SELECT ` + messageColumns + ` FROM room_messages m WHERE ` + cond + messageSeat(p, &a) + ` ORDER BY m.at DESC, m.id DESC LIMIT ` + a.add(PageSize)
	return collect(ctx, tx, q, a, func(rows *sql.Rows) (Message, error) { return scanMessage(rows) })
}
