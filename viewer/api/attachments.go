package api

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/viewer/dicomweb"
	"github.com/dokuei/dokuei/worklist/room"
)

// showIn adds a message that is a picture or a film: the body is the file.
func (s *server) showIn(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	ctx := c.r.Context()
	if _, err := room.Find(ctx, s.DB.Read(ctx), c.who, id); err != nil {
		return err // before anything of it is read
	}
	out, err := s.Objects.Create(ctx)
	if err != nil {
		return err
	}
	defer out.Abort() //nolint:errcheck // nothing to do after Commit
	body := bufio.NewReader(http.MaxBytesReader(c.w, io.NopCloser(dicomweb.Steady(c.w, c.r.Body)), room.MaxFilm))
	head, err := body.Peek(room.Head)
	if err != nil && !errors.Is(err, io.EOF) {
		return unread(err)
	}
	var picture room.Picture
	if room.IsFilm(head) {
		picture, err = s.recut(ctx, out, body)
	} else {
		picture, err = redraw(out, body)
	}
	if err != nil {
		return err
	}
	m := room.Message{ID: db.NewID(), Picture: &picture}
	picture.ObjectKey = room.ObjectPrefix + m.ID
	if err := out.Commit(ctx, picture.ObjectKey); err != nil {
		return err
	}
	return s.say(c, m)
}

// unread is why a body could not be read to its end.
func unread(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return errTooLarge
	}
	return errBadRequest
}

func redraw(out io.Writer, body io.Reader) (room.Picture, error) {
	file, err := io.ReadAll(io.LimitReader(body, room.MaxPicture+1))
	if err != nil {
		return room.Picture{}, unread(err)
	}
	drawn, picture, err := room.Redraw(file)
	if err != nil {
		return room.Picture{}, err
	}
	_, err = out.Write(drawn)
	return picture, err
}

// recut keeps what came of a film in the store's spool while it is written anew: in
// memory is its index and one picture.
func (s *server) recut(ctx context.Context, out object.Pending, body io.Reader) (room.Picture, error) {
	spool, err := s.Objects.Create(ctx)
	if err != nil {
		return room.Picture{}, err
	}
	defer spool.Abort() //nolint:errcheck // it was never to be kept
	in := &arriving{r: body}
	if _, err := io.Copy(spool, in); err != nil {
		if in.err != nil {
			return room.Picture{}, unread(in.err)
		}
		return room.Picture{}, err
	}
	return room.Recut(out, spool)
}

// arriving remembers what went wrong with what is read, which io.Copy does not tell
// from what went wrong with where it goes.
type arriving struct {
	r   io.Reader
	err error
}

func (a *arriving) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		a.err = err
	}
	return n, err
}

// attachmentPolicy is for what people have put into a room, should a browser open it
// by itself: it is shown, and nothing more.
const attachmentPolicy = "default-src 'none'; img-src 'self'; media-src 'self'; sandbox; frame-ancestors 'none'"

// messagePicture serves a picture or a film as that and nothing else, of a film any
// part.
func (s *server) messagePicture(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	ctx := c.r.Context()
	p, err := room.PictureOf(ctx, s.DB.Read(ctx), c.who, id)
	if err != nil {
		return err
	}
	o, err := s.Objects.Open(ctx, p.ObjectKey)
	if err != nil {
		return err
	}
	defer o.Close()
	s.patience(c, o.Size())
	h := c.w.Header()
	h.Set("Content-Type", p.MediaType)
	h.Set("Content-Security-Policy", attachmentPolicy)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Etag", `"`+id+`"`) // a message never changes
	http.ServeContent(c.w, c.r, "", time.Time{}, object.Seeker(o))
	return nil
}
