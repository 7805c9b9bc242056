package api

import (
	"net/http"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/lint"
	"github.com/dokuei/dokuei/storage/identity"
)

type draftView struct {
	Revision int64            `json:"revision"`
	Sections reports.Sections `json:"sections"`
	Marks    reports.Marks    `json:"marks"`
	Template string           `json:"template"`
	Language string           `json:"language"`
	Answers  reports.Answers  `json:"answers,omitempty"`
	SavedAt  *time.Time       `json:"savedAt"`
}

// draft answers with the text the principal is writing; one never saved is empty,
// at revision 0.
func (s *server) draft(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	d, err := reports.OpenDraft(c.r.Context(), s.DB, c.who, id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, draftView{d.Revision, d.Sections, d.Marks, d.Template, d.Language, d.Answers, moment(d.SavedAt)})
}

// saveDraft keeps the text if its revision is still the newest. Another window
// that saved first makes it a conflict, and nothing is lost on either side.
func (s *server) saveDraft(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var in draftView
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Revision < 0 {
		return errBadRequest.with("revision is the number the draft was read with")
	}
	d, err := reports.SaveDraft(c.r.Context(), s.DB, c.who, reports.Draft{
		WorkitemID: id, Revision: in.Revision, Sections: in.Sections, Marks: in.Marks, Template: in.Template, Language: in.Language, Answers: in.Answers,
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, struct {
		Revision int64     `json:"revision"`
		SavedAt  time.Time `json:"savedAt"`
	}{d.Revision, d.SavedAt})
}

// lint answers with what the rules ask about a text, saved or not.
func (s *server) lint(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var in struct {
		Sections reports.Sections `json:"sections"`
		Marks    reports.Marks    `json:"marks"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	found, err := reports.Lint(c.r.Context(), s.DB, c.who, reports.Draft{WorkitemID: id, Sections: in.Sections, Marks: in.Marks})
	if err != nil {
		return err
	}
	if found == nil {
		found = []lint.Finding{}
	}
	return c.json(http.StatusOK, found)
}

type previewView struct {
	Revision int64            `json:"revision"`
	Kind     reports.Kind     `json:"kind"`
	Language string           `json:"language"`
	Sections reports.Sections `json:"sections"`
	Marks    reports.Marks    `json:"marks"`
	Keys     int              `json:"keys"`  // key images that go with it
	Drawn    int              `json:"drawn"` // marks on images that do
	Shown    reports.Shown    `json:"shown"`
}

// previewReport answers with the saved draft as it would be signed, and the hashes that a
// signature of just this carries.
func (s *server) previewReport(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	p, err := s.Desk.Preview(c.r.Context(), c.who, id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, previewView(p))
}

// sign turns the saved draft into a report. A password, when one is sent, is
// checked again: whoever sits there must be who signed in.
func (s *server) sign(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var in struct {
		Revision int64 `json:"revision"`
		// Shown is what the reader was shown, as the preview gave it; left out, the
		// revision alone binds the signature.
		Shown    reports.Shown `json:"shown"`
		Password string        `json:"password"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	ctx := c.r.Context()
	if in.Password != "" {
		user, err := identity.UserByID(ctx, s.DB.Read(ctx), c.who.UserID)
		if err != nil {
			return err
		}
		if len(in.Password) > maxPassword || !identity.VerifyPassword(user.PasswordHash, in.Password) {
			return errBadPassword
		}
	}
	r, err := s.Desk.SignShown(ctx, c.who, id, in.Revision, in.Shown)
	if err != nil {
		return err
	}
	return s.showReport(c, r.ID)
}

// maxPassword bounds what is hashed.
const maxPassword = 1024
