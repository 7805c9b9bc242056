package api

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist/room"
)

// exportKinds are what a room can be given away as.
var exportKinds = map[string]string{"json": "application/json", "csv": "text/csv; charset=utf-8", "zip": "application/zip"}

// exportRoom gives a whole room away: what was said as JSON or CSV, or both and the
// pictures and films as a ZIP.
func (s *server) exportRoom(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	format := c.r.URL.Query().Get("format")
	if format == "" {
		format = "json"
	}
	kind, ok := exportKinds[format]
	if !ok {
		return errBadRequest.with("format is json, csv or zip")
	}
	var table, list bytes.Buffer
	var said []room.Message
	var facility string
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		r, err := room.Find(ctx, tx, c.who, id)
		if err != nil {
			return err
		}
		facility = r.FacilityID
		var more bool
		if said, more, err = room.History(ctx, tx, r, "", room.MaxExport); err != nil {
			return err
		}
		if more {
			return errTooLarge
		}
		b := newBook(ctx, tx, c)
		v := []messageView{}
		for n := range said {
			one, err := b.message(said[n])
			if err != nil {
				return err
			}
			said[n].Body = one.Body // as the asker may read it
			v = append(v, one)
		}
		err = json.NewEncoder(&list).Encode(struct {
			Room     string        `json:"room"`
			StudyID  string        `json:"studyId"`
			Messages []messageView `json:"messages"`
		}{r.ID, r.StudyID, v})
		if err != nil {
			return err
		}
		return room.WriteCSV(&table, said, func(user string) string {
			n, err := b.user(user)
			if err != nil {
				return user
			}
			return n.Name
		})
	})
	if err != nil {
		return err
	}
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: "room.exported", Object: id, FacilityID: facility, Detail: format})
	h := c.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="room-%s.%s"`, id, format))
	h.Set("Cache-Control", "no-store")
	switch format {
	case "json":
		_, err = c.w.Write(list.Bytes())
	case "csv":
		_, err = c.w.Write(table.Bytes())
	default:
		err = s.packRoom(c, list.Bytes(), table.Bytes(), said)
	}
	if err != nil && c.r.Context().Err() == nil {
		// The client must not take the half for the whole.
		panic(http.ErrAbortHandler)
	}
	return nil
}

// extensions of what is shown in rooms.
var extensions = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "video/mp4": ".mp4"}

// packRoom writes a room as a ZIP; the name of a picture is the ID of its message.
func (s *server) packRoom(c *call, list, table []byte, said []room.Message) error {
	z := zip.NewWriter(c.w)
	for _, f := range []struct {
		name string
		b    []byte
	}{{"room.json", list}, {"room.csv", table}} {
		w, err := z.Create(f.name)
		if err != nil {
			return err
		}
		if _, err := w.Write(f.b); err != nil {
			return err
		}
	}
	for _, m := range said {
		if m.Picture == nil {
			continue
		}
		if err := s.packPicture(c, z, m); err != nil {
			return err
		}
	}
	return z.Close()
}

func (s *server) packPicture(c *call, z *zip.Writer, m room.Message) error {
	o, err := s.Objects.Open(c.r.Context(), m.Picture.ObjectKey)
	if err != nil {
		return err
	}
	defer o.Close()
	s.patience(c, o.Size())
	// They are compressed as they are.
	w, err := z.CreateHeader(&zip.FileHeader{Name: "attachments/" + m.ID + extensions[m.Picture.MediaType], Method: zip.Store, Modified: m.At})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, io.NewSectionReader(o, 0, o.Size()))
	return err
}
