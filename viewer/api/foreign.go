package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/softcopy"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
)

// Bounds of what is read of a study at once: objects, bytes of one, bytes of all. A
// state with a look-up table has some hundred kilobytes.
const (
	maxForeign      = 500
	maxForeignBytes = 16 << 20
	maxForeignTotal = 64 << 20
)

var foreignLimits = stream.Limits{MaxDepth: 64, MaxElements: 1 << 19, MaxHeaderBytes: maxForeignBytes, MaxValueBytes: maxForeignBytes, MaxInflate: maxForeignBytes}

// refusal is an object that came with the study and is not shown.
type refusal struct {
	ID   string `json:"id"`
	Code string `json:"code"` // unreadable, too_large
}

type stateView struct {
	ID       string `json:"id"`
	Instance string `json:"instance"` // SOP Instance UID
	*softcopy.State
}

// states lists the presentation states that came with a study.
func (s *server) states(c *call) error {
	out := struct {
		States  []stateView `json:"states"`
		Refused []refusal   `json:"refused"`
	}{States: []stateView{}, Refused: []refusal{}}
	var err error
	out.Refused, err = s.foreign(c, map[string]bool{uid.GrayscaleSoftcopyPresentation: true}, func(i catalog.Instance, d *dataset.Dataset, w *deident.Words) error {
		st, err := softcopy.Parse(d, softcopy.DefaultLimits)
		if err == nil {
			cleanState(st, w)
			out.States = append(out.States, stateView{i.ID, i.SOPInstanceUID, st})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}

// structured are the SOP classes of documents that may measure (PS3.3 A.35).
var structured = map[string]bool{
	"1.2.840.10008.5.1.4.1.1.88.22": true, // Enhanced SR
	sr.ComprehensiveUID:             true,
	"1.2.840.10008.5.1.4.1.1.88.34": true, // Comprehensive 3D SR
	"1.2.840.10008.5.1.4.1.1.88.35": true, // Extensible SR
}

type measuredView struct {
	ID string `json:"id"`
	*sr.Measured
}

// measurements lists what others have measured on the images of a study.
func (s *server) measurements(c *call) error {
	out := struct {
		Documents []measuredView `json:"documents"`
		Refused   []refusal      `json:"refused"`
	}{Documents: []measuredView{}, Refused: []refusal{}}
	var err error
	out.Refused, err = s.foreign(c, structured, func(i catalog.Instance, d *dataset.Dataset, w *deident.Words) error {
		m, err := sr.ParseMeasured(d, sr.DefaultMeasuredLimits)
		if errors.Is(err, sr.ErrNotMeasured) || errors.Is(err, sr.ErrNotReport) {
			return nil // a report in words
		}
		if err == nil {
			cleanMeasured(m, w)
			out.Documents = append(out.Documents, measuredView{i.ID, m})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}

// foreign reads the received objects of some SOP classes of the study in the path, one
// after another. What take or the reading refuses is listed. Words are what must not be
// said of the patient, nil where the asker may know them.
func (s *server) foreign(c *call, classes map[string]bool, take func(catalog.Instance, *dataset.Dataset, *deident.Words) error) ([]refusal, error) {
	refused := []refusal{}
	id, err := c.id()
	if err != nil {
		return nil, err
	}
	var list []catalog.Instance
	var words *deident.Words
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		if _, err := catalog.StudyByID(ctx, tx, c.scope, id); err != nil {
			return err
		}
		if list, err = catalog.InstancesOf(ctx, tx, c.scope, id); err != nil {
			return err
		}
		words, err = newBook(ctx, tx, c).words(id)
		return err
	})
	if err != nil {
		return nil, err
	}
	number, room := 0, int64(maxForeignTotal)
	for _, i := range list {
		if !classes[i.SOPClassUID] || i.Origin != catalog.Received {
			continue
		}
		number++
		if room -= i.Size; number > maxForeign || i.Size > maxForeignBytes || room < 0 {
			refused = append(refused, refusal{i.ID, "too_large"})
			continue
		}
		d, err := s.document(c.r.Context(), i.ObjectKey)
		if err == nil {
			err = take(i, d, words)
		}
		switch {
		case err == nil:
		case c.r.Context().Err() != nil:
			return nil, c.r.Context().Err()
		case errors.Is(err, softcopy.ErrLimit), errors.Is(err, sr.ErrTooMuch), errors.Is(err, stream.ErrLimit):
			refused = append(refused, refusal{i.ID, "too_large"})
		default:
			s.Log.LogAttrs(c.r.Context(), slog.LevelWarn, "an object of a study is not shown", slog.String("instance", i.ID), slog.Any("error", err))
			refused = append(refused, refusal{i.ID, "unreadable"})
		}
	}
	return refused, nil
}

// document reads a small object whole.
func (s *server) document(ctx context.Context, key string) (*dataset.Dataset, error) {
	o, err := s.Objects.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	_, d, _, err := dataset.ReadFile(io.NewSectionReader(o, 0, o.Size()), foreignLimits)
	return d, err
}

// cleanState takes who the patient is out of the texts of a state.
func cleanState(st *softcopy.State, w *deident.Words) {
	if w == nil {
		return
	}
	clean := func(texts ...*string) {
		for _, t := range texts {
			*t = w.Clean(*t)
		}
	}
	clean(&st.Label, &st.Description, &st.Creator)
	for i := range st.Layers {
		clean(&st.Layers[i].Description)
	}
	for _, a := range st.Annotations {
		for i := range a.Texts {
			clean(&a.Texts[i].Value)
		}
	}
	// Nobody knows what is written in a bitmap: those that only hide stay.
	st.Planes = slices.DeleteFunc(st.Planes, func(p softcopy.Plane) bool {
		return !slices.ContainsFunc(st.Shutters, func(sh softcopy.Shutter) bool { return sh.Plane == p.Group })
	})
	for i := range st.Planes {
		st.Planes[i].Layer, st.Planes[i].Label = "", ""
	}
}

// cleanMeasured takes who the patient is out of the texts of measurements.
func cleanMeasured(m *sr.Measured, w *deident.Words) {
	if w == nil {
		return
	}
	m.Title, m.Observer, m.Device = w.Clean(m.Title), w.Clean(m.Observer), w.Clean(m.Device)
	for i := range m.Groups {
		g := &m.Groups[i]
		g.Tracking, g.Finding, g.Site = w.Clean(g.Tracking), w.Clean(g.Finding), w.Clean(g.Site)
		for k := range g.Notes {
			g.Notes[k] = w.Clean(g.Notes[k])
		}
	}
}
