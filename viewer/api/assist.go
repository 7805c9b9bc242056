package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/assist"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// recordings are the types of what browsers record.
var recordings = []string{"audio/webm", "audio/ogg", "audio/mp4", "audio/wav", "audio/x-wav", "audio/mpeg"}

// helps lists which engines the house has, for the pages.
func (s *server) helps() []string {
	out := []string{}
	if s.Dictation != nil {
		out = append(out, "dictation")
	}
	if s.Drafting != nil {
		out = append(out, "drafting")
	}
	return out
}

// held is the item whose report the asker writes.
func (s *server) held(c *call) (worklist.Entry, error) {
	id, err := c.id()
	if err != nil {
		return worklist.Entry{}, err
	}
	return reports.Held(c.r.Context(), s.DB.Read(c.r.Context()), c.who, id)
}

// dictate sends a recording, the body, to the house's engine and answers with its
// text.
func (s *server) dictate(c *call) error {
	item, err := s.held(c)
	if err != nil {
		return err
	}
	if s.Dictation == nil {
		return assist.ErrOff
	}
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(recordings, kind) {
		return errBadRequest.with("a recording is webm, ogg, mp4, wav or mpeg audio")
	}
	audio, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, assist.MaxAudio))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return errTooLarge
	case err != nil:
		return errBadRequest
	}
	t, err := s.Dictation.Dictation(c.r.Context(), bytes.NewReader(audio), c.r.Header.Get("Content-Type"), c.language())
	if err != nil {
		return s.engineFailed(c, "dictation", err)
	}
	text := reports.CleanText(t.Text)
	if err := s.given(c, item.ID, "report.dictated", assist.Given{Kind: "dictation", Source: t.Engine, Text: text}); err != nil {
		return err
	}
	return c.json(http.StatusOK, struct {
		Text   string `json:"text"`
		Source string `json:"source"`
	}{text, t.Engine})
}

// propose asks the house's model for a draft. It is told what the hospital asks,
// cleaned of who the patient is, and what is written so far.
func (s *server) propose(c *call) error {
	item, err := s.held(c)
	if err != nil {
		return err
	}
	var in struct {
		Language string            `json:"language"`
		Sections map[string]string `json:"sections"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if s.Drafting == nil {
		return assist.ErrOff
	}
	st := item.Study
	var w deident.Words
	w.AddName(st.Patient.Name)
	w.AddName(st.ReferringPhysician)
	w.AddID(st.Patient.PatientID)
	w.AddID(st.AccessionNumber)
	w.AddDate(st.Patient.BirthDate)
	q := assist.Question{Language: in.Language, Modalities: st.Modalities, BodyPart: st.BodyPart, Request: w.Clean(st.RequestText), Sections: map[string]string{}}
	if q.Language != "en" {
		q.Language = reports.DefaultLanguage
	}
	for name, text := range in.Sections {
		if len(name) < 32 && len(text) <= reports.MaxText {
			q.Sections[name] = w.Clean(text)
		}
	}
	p, err := s.Drafting.Draft(c.r.Context(), q)
	if err != nil {
		return s.engineFailed(c, "drafting", err)
	}
	var all []string
	for name, text := range p.Sections {
		p.Sections[name] = reports.CleanText(text)
		all = append(all, p.Sections[name])
	}
	if err := s.given(c, item.ID, "report.proposed", assist.Given{Kind: "draft", Source: p.Engine, Text: strings.Join(all, "\n")}); err != nil {
		return err
	}
	return c.json(http.StatusOK, struct {
		Sections map[string]string `json:"sections"`
		Source   string            `json:"source"`
	}{p.Sections, p.Engine})
}

// given writes down what an engine gave, before anybody has it.
func (s *server) given(c *call, workitemID, action string, g assist.Given) error {
	return s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		if _, err := reports.Held(ctx, tx, c.who, workitemID); err != nil {
			return err
		}
		if err := assist.Keep(ctx, tx, workitemID, c.who.UserID, g); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{Actor: c.who.UserID, Action: action, Object: workitemID, Detail: g.Source})
	})
}

// engineFailed logs why an engine of the house gave nothing.
func (s *server) engineFailed(c *call, which string, err error) error {
	s.Log.WarnContext(c.r.Context(), "an engine of the house gave no text", "engine", which, "error", err)
	return err
}
