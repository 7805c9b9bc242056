package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/dokuei/dokuei/reports/template"
	"github.com/dokuei/dokuei/storage/db"
)

// templateView is a template as pages have it: one that comes with the program,
// or one a reader has made. Normal is its text with every normal answer.
type templateView struct {
	template.Template
	Normal   template.Sections `json:"normal"`
	Own      bool              `json:"own"`
	Shared   bool              `json:"shared"`
	Owner    *named            `json:"owner"` // null: it comes with the program
	Revision int64             `json:"revision"`
}

func viewTemplate(t template.Template) templateView {
	if t.Items == nil {
		t.Items = []template.Item{}
	}
	if t.BodyPart == nil {
		t.BodyPart = []string{}
	}
	return templateView{Template: t, Normal: t.Normal()}
}

type macroView struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Text     string    `json:"text"`
	Language string    `json:"language"`
	Shared   bool      `json:"shared"`
	Own      bool      `json:"own"`
	Owner    named     `json:"owner"`
	Revision int64     `json:"revision"`
	SavedAt  time.Time `json:"savedAt"`
}

// templates lists the templates of a language, of all without one: a reader's own,
// those others share, those that come with the program.
func (s *server) templates(c *call) error {
	lang := c.r.URL.Query().Get("lang")
	view := []templateView{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		b := newBook(ctx, tx, c)
		list, err := template.Shelf(ctx, tx, c.who.UserID)
		if err != nil {
			return err
		}
		for _, x := range list {
			if x.Macro || lang != "" && x.Language != lang {
				continue
			}
			owner, err := b.user(x.OwnerID)
			if err != nil {
				return err
			}
			v := viewTemplate(*x.Template)
			v.ID, v.Own, v.Shared, v.Owner, v.Revision = x.ID, x.OwnerID == c.who.UserID, x.Shared, &owner, x.Revision
			view = append(view, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	all, err := template.All(lang)
	if err != nil {
		return err
	}
	for _, t := range all {
		view = append(view, viewTemplate(t))
	}
	return c.json(http.StatusOK, view)
}

// exportTemplate answers with a template as a file of the IHE MRRT profile.
func (s *server) exportTemplate(c *call) error {
	q := c.r.URL.Query()
	id, lang := q.Get("id"), q.Get("lang")
	t, err := s.templateOf(c, id, lang)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := template.WriteMRRT(&b, &t); err != nil {
		return err
	}
	h := c.w.Header()
	// To be kept as a file: a template of another person is no page of ours.
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="template.html"`)
	h.Set("Content-Security-Policy", documentPolicy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Cache-Control", "no-store")
	_, _ = c.w.Write(b.Bytes()) // a client that has gone is not told
	return nil
}

func (s *server) templateOf(c *call, id, lang string) (template.Template, error) {
	if id == "" {
		return template.Template{}, errBadRequest.with("id and lang name a template")
	}
	all, err := template.All(lang)
	if err != nil {
		return template.Template{}, err
	}
	if i := slices.IndexFunc(all, func(t template.Template) bool { return t.ID == id }); i >= 0 {
		return all[i], nil
	}
	list, err := template.Shelf(c.r.Context(), s.DB.Read(c.r.Context()), c.who.UserID)
	if err != nil {
		return template.Template{}, err
	}
	for _, x := range list {
		if x.ID == id && !x.Macro {
			return *x.Template, nil
		}
	}
	return template.Template{}, errNotFound
}

// importTemplate reads a file of the profile and shows what came of it. It is kept
// by PUT /texts, after somebody has looked at it.
func (s *server) importTemplate(c *call) error {
	file, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, template.MaxMRRT))
	if err != nil {
		return errTooLarge
	}
	t, err := template.ParseMRRT(file, c.language())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, viewTemplate(t))
}

// texts lists the macros a reader may use.
func (s *server) texts(c *call) error {
	view := []macroView{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		b := newBook(ctx, tx, c)
		list, err := template.Shelf(ctx, tx, c.who.UserID)
		if err != nil {
			return err
		}
		for _, x := range list {
			if !x.Macro {
				continue
			}
			owner, err := b.user(x.OwnerID)
			if err != nil {
				return err
			}
			view = append(view, macroView{x.ID, x.Name, x.Text, x.Language, x.Shared, x.OwnerID == c.who.UserID, owner, x.Revision, x.SavedAt})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

// keepText saves a macro or a template of the reader's own, new when it names
// none.
func (s *server) keepText(c *call) error {
	var in struct {
		ID       string             `json:"id"`
		Revision int64              `json:"revision"`
		Shared   bool               `json:"shared"`
		Name     string             `json:"name"`
		Text     string             `json:"text"`
		Language string             `json:"language"`
		Template *template.Template `json:"template"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if c.who.UserID == "" {
		return errNoAccount
	}
	if in.Revision < 0 || in.Revision > 0 && !db.ValidID(in.ID) {
		return errBadRequest.with("id and revision are those the text was read with")
	}
	kept := template.Saved{
		ID: in.ID, OwnerID: c.who.UserID, Macro: in.Template == nil, Name: in.Name, Language: in.Language, Shared: in.Shared,
		Template: in.Template, Text: in.Text, Revision: in.Revision,
	}
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) (err error) {
		kept, err = template.Keep(ctx, tx, kept)
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, struct {
		ID       string `json:"id"`
		Revision int64  `json:"revision"`
	}{kept.ID, kept.Revision})
}

// removeText takes a text of the reader's own away.
func (s *server) removeText(c *call) error {
	var in struct {
		ID string `json:"id"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error { return template.Discard(ctx, tx, c.who.UserID, in.ID) })
	if err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
