package reports

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports/assist"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/worklist"
)

// basis reads what a signature rests on, on one snapshot.
func (k *Desk) basis(ctx context.Context, p identity.Principal, workitemID string) (*basis, error) {
	b := &basis{who: p}
	err := k.deps.DB.View(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		if b.item, err = hold(ctx, tx, p, workitemID); err != nil {
			return err
		}
		if b.draft, err = readDraft(ctx, tx, workitemID); err != nil {
			return err
		}
		if b.marked, err = readAnnotations(ctx, tx, workitemID); err != nil {
			return err
		}
		if b.previous, err = newest(ctx, tx, b.item.StudyID); err != nil {
			return err
		}
		if b.coded, err = b.draft.coded(ctx, tx, p.UserID); err != nil {
			return err
		}
		all, err := catalog.SeriesOf(ctx, tx, p.Scope().Unveiled(), b.item.StudyID)
		if err != nil {
			return err
		}
		for _, s := range all {
			if s.Origin != catalog.Received {
				continue
			}
			b.series = append(b.series, s)
			b.instances = append(b.instances, s.Instances...)
		}
		if b.facility, err = worklist.FacilityByID(ctx, tx, b.item.FacilityID); err != nil {
			return err
		}
		if b.author, err = identity.UserByID(ctx, tx, p.UserID); err != nil {
			return err
		}
		panel, err := worklist.PanelByID(ctx, tx, b.item.PanelID)
		if err != nil {
			return err
		}
		b.trainee, err = worklist.Trainee(ctx, tx, panel.ID, p.UserID)
		if errors.Is(err, worklist.ErrNotOnPanel) { // taken off it while reading
			b.trainee, err = p.Role == identity.Trainee, nil
		}
		if err != nil {
			return err
		}
		b.kind = kindOf(b.item.Workitem, b.previous, b.trainee, panel.Readings)
		if b.trainee && b.kind != Preliminary { // became one, or the study was signed, since the claim
			return worklist.ErrTrainee
		}
		if b.unseen, err = b.unread(ctx, tx); err != nil {
			return err
		}
		b.found, err = review(ctx, tx, b.item, b.draft, b.kind)
		return err
	})
	return b, err
}

// unread lists the engines of whose text a passage stands in the draft unread.
func (b *basis) unread(ctx context.Context, tx db.Tx) ([]string, error) {
	var text strings.Builder
	b.draft.Sections.each(func(_, _ string, s *string) { text.WriteString(*s + "\n") })
	return assist.Unseen(ctx, tx, b.item.ID, text.String(), func(kind, source string) bool {
		return slices.ContainsFunc(b.draft.Marks.Origins, func(o Origin) bool { return o.Seen && o.Kind == kind && o.Source == source })
	})
}

// unchanged makes sure, inside the transaction, that nothing b rests on has
// moved since.
func (b *basis) unchanged(ctx context.Context, tx db.Tx, p identity.Principal, workitemID string, revision int64) error {
	item, err := hold(ctx, tx, p, workitemID)
	if err != nil {
		return err
	}
	draft, err := readDraft(ctx, tx, workitemID)
	if err != nil {
		return err
	}
	if draft.Revision != revision {
		return ErrStale
	}
	marked, err := readAnnotations(ctx, tx, workitemID)
	if err != nil {
		return err
	}
	last, err := newest(ctx, tx, b.item.StudyID)
	if err != nil {
		return err
	}
	switch {
	case marked.Revision != b.marked.Revision,
		!same(item, b.item),
		item.Study.Instances != b.item.Study.Instances,
		(last == nil) != (b.previous == nil),
		last != nil && last.ID != b.previous.ID:
		return errChanged
	}
	return nil
}

// evidence lists the images by their UIDs.
func evidence(series []catalog.Series) []Evidence {
	var out []Evidence
	for _, s := range series {
		for _, i := range s.Instances {
			out = append(out, Evidence{SeriesInstanceUID: s.SeriesInstanceUID, SOPClassUID: i.SOPClassUID, SOPInstanceUID: i.SOPInstanceUID})
		}
	}
	return out
}

// maxSource bounds the header that is read of an image.
const maxSource = 4 << 20

// source reads the header of one of the hospital's own objects, an image if
// there is one. An object that cannot be read is passed over.
func (k *Desk) source(ctx context.Context, instances []catalog.Instance) (*dataset.Dataset, error) {
	order := slices.Clone(instances)
	slices.SortStableFunc(order, func(a, b catalog.Instance) int {
		return rank(a) - rank(b)
	})
	const tries = 8
	for n, i := range order {
		if n == tries {
			break
		}
		o, err := k.deps.Objects.Open(ctx, i.ObjectKey)
		if errors.Is(err, object.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		_, d, _, err := dataset.ReadFile(io.NewSectionReader(o, 0, o.Size()), stream.Limits{MaxHeaderBytes: maxSource})
		_ = o.Close()
		if err == nil && d.String(tag.SOPInstanceUID) == i.SOPInstanceUID {
			return d, nil
		}
	}
	return nil, ErrNoImages
}

func rank(i catalog.Instance) int {
	if i.Displayable() == "image" {
		return 0
	}
	return 1
}

// patientOf is the patient as the study's images name them.
func patientOf(st catalog.Study, source *dataset.Dataset) Patient {
	p := Patient{
		Name: st.Patient.Name, PatientID: st.Patient.PatientID, IssuerOfPatientID: st.Patient.Issuer,
		BirthDate: st.Patient.BirthDate, Sex: st.Patient.Sex,
	}
	if p.Name == "" {
		p.Name = source.String(tag.PatientName)
	}
	return p
}

func studyOf(st catalog.Study, source *dataset.Dataset) Study {
	return Study{
		StudyInstanceUID: st.StudyInstanceUID, StudyID: source.String(tag.StudyID),
		AccessionNumber: st.AccessionNumber, Date: st.StudyDate, Time: st.StudyTime,
		Description: st.Description, Modalities: st.Modalities, BodyPart: st.BodyPart,
		ReferringPhysician: st.ReferringPhysician, Request: st.RequestText,
	}
}
