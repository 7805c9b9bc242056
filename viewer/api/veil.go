package api

import (
	"context"
	"net/http"

	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/pdf"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/viewer/dicomweb"
)

// words are what must not stand in texts about a study that the asker reads, nil where
// they may know the patient.
func (b *book) words(studyID string) (*deident.Words, error) {
	if len(b.scope.Veiled()) == 0 {
		return nil, nil
	}
	if w, known := b.veils[studyID]; known {
		return w, nil
	}
	st, err := catalog.StudyByID(b.ctx, b.tx, identity.Everything(), studyID)
	if err != nil {
		return nil, err
	}
	var w *deident.Words
	if _, veiled := b.scope.Veil(st.FacilityID); veiled {
		w = st.Words()
	}
	if b.veils == nil {
		b.veils = map[string]*deident.Words{}
	}
	b.veils[studyID] = w
	return w, nil
}

// clean takes out of texts that others have written about a study who it is of.
func (b *book) clean(studyID string, texts ...*string) error {
	w, err := b.words(studyID)
	if err != nil || w == nil {
		return err
	}
	for _, t := range texts {
		*t = w.Clean(*t)
	}
	return nil
}

// known is the patient of a study as the asker may know them; ok is false where that is
// as they are.
func (b *book) known(studyID, facilityID string) (st catalog.Study, ok bool, err error) {
	if _, veiled := b.scope.Veil(facilityID); !veiled {
		return st, false, nil
	}
	if st, err = catalog.StudyByID(b.ctx, b.tx, identity.Everything(), studyID); err == nil {
		catalog.Hide(b.scope, &st)
	}
	return st, true, err
}

// disguised answers with an original that its reader must not know the patient of.
// done is false where they may.
func (s *server) disguised(c *call, i catalog.Instance) (done bool, err error) {
	p, err := dicomweb.Disguise(c.r.Context(), s.DB.Read(c.r.Context()), c.scope, i.FacilityID, i.StudyID)
	if p == nil || err != nil {
		return false, err
	}
	o, err := s.Objects.Open(c.r.Context(), i.ObjectKey)
	if err != nil {
		return true, err
	}
	defer o.Close()
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: "instance.exported", Object: i.ID, FacilityID: i.FacilityID, Detail: "pseudonymised"})
	h := c.w.Header()
	h.Set("Content-Type", "application/dicom")
	h.Set("Content-Disposition", `attachment; filename="`+i.ID+`.dcm"`)
	h.Set("Cache-Control", "private, no-cache")
	s.patience(c, o.Size())
	return true, dicomweb.WriteDisguised(c.w, p, o)
}

// disguisedPDF prints a report for a reader who must not know the patient, with its key
// images, masked and without words that name somebody.
func (s *server) disguisedPDF(c *call, id string) (file []byte, done bool, err error) {
	if len(c.scope.Veiled()) == 0 {
		return nil, false, nil
	}
	var r *reports.Report
	var w *deident.Words
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) (err error) {
		if r, err = reports.ForReader(ctx, tx, c.scope, c.who, id); err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		if w, err = b.words(r.StudyID); err != nil {
			return err
		}
		st, veiled, err := b.known(r.StudyID, r.Facility.ID)
		if err != nil || !veiled {
			return err
		}
		done = true
		if err := b.cleanReport(r); err != nil {
			return err
		}
		r.Patient = reports.Patient{Name: st.Patient.Name, PatientID: st.Patient.PatientID, Sex: st.Patient.Sex}
		r.Study.AccessionNumber, r.Study.StudyID, r.Study.ReferringPhysician = "", "", ""
		r.Study.Description, r.Study.Request = st.Description, st.RequestText
		return nil
	})
	if err != nil || !done {
		return nil, false, err
	}
	figures, err := s.Desk.Figures(c.r.Context(), s.DB.Read(c.r.Context()), r)
	if err != nil {
		return nil, true, err
	}
	for i := range figures {
		figures[i].Text = w.Clean(figures[i].Text)
		for j := range figures[i].Marks {
			figures[i].Marks[j].Text = w.Clean(figures[i].Marks[j].Text)
		}
		if figures[i].Over != nil {
			cleanState(figures[i].Over, w)
		}
	}
	file, err = pdf.Render(r, s.Desk.Organization(), figures...)
	return file, true, err
}

// changes is reports.Compare of texts the asker may see.
func (b *book) changes(id string) ([]reports.SectionDiff, error) {
	if _, err := reports.ForReader(b.ctx, b.tx, b.scope, b.who, id); err != nil {
		return nil, err
	}
	if len(b.scope.Veiled()) == 0 {
		return reports.Compare(b.ctx, b.tx, b.scope, id)
	}
	after, err := reports.ByID(b.ctx, b.tx, b.scope, id)
	if err != nil {
		return nil, err
	}
	if after.PredecessorID == "" {
		return []reports.SectionDiff{}, nil
	}
	before, err := reports.ByID(b.ctx, b.tx, b.scope, after.PredecessorID)
	if err != nil {
		return nil, err
	}
	for _, r := range []*reports.Report{before, after} {
		if err := b.cleanReport(r); err != nil {
			return nil, err
		}
	}
	return reports.Diff(before, after), nil
}

// cleanReport takes out of the texts of a report who it is of.
func (b *book) cleanReport(r *reports.Report) error {
	sections := append([]reports.Section(nil), r.Sections...)
	r.Sections = sections
	for n := range sections {
		if err := b.clean(r.StudyID, &sections[n].Text); err != nil {
			return err
		}
	}
	return nil
}

var errDisguise = problem(http.StatusUnprocessableEntity, "not_pseudonymised", "This object cannot be shown without the patient's identity: its image has burned-in text. Ask the hospital for a mask.")
