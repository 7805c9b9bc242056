package dicomweb

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/worklist"
)

// disguise is what of an object goes to a reader who must not know its patient: what a
// reading needs. UIDs stay, so that reports and images name each other; dates stay, for
// comparison; sex, age, size and weight stay.
var disguise = []deident.Option{
	deident.RetainUIDs, deident.RetainFullDates, deident.RetainPatientChars, deident.RetainDeviceIdentity, deident.RetainInstitutionIdentity,
	deident.RetainSafePrivate, deident.CleanDescriptors, deident.CleanStructuredContent, deident.CleanGraphics,
}

// Disguise is how objects of a study are changed before they go to who has the scope;
// nil where they go as they are.
func Disguise(ctx context.Context, tx db.Tx, scope identity.Scope, facilityID, studyID string) (*deident.Profile, error) {
	key, veiled := scope.Veil(facilityID)
	if !veiled {
		return nil, nil
	}
	st, err := catalog.StudyByID(ctx, tx, identity.Everything(), studyID)
	if err != nil {
		return nil, err
	}
	agreed, err := worklist.ProfileOfFacility(ctx, tx, facilityID)
	if err != nil {
		return nil, err
	}
	catalog.Hide(scope, &st)
	called := deident.Subject{Name: st.Patient.Name, ID: st.Patient.PatientID}
	return deident.New(deident.Config{
		Options: disguise, Key: key, Masks: agreed.Masks, Subject: func(string, string) deident.Subject { return called },
	})
}

// WriteDisguised writes an object changed by a profile. When it fails before anything is
// written the error says why; afterwards the answer is cut off.
func WriteDisguised(w io.Writer, p *deident.Profile, o object.Object) error {
	out := &counted{w: w}
	_, err := p.File(out, io.NewSectionReader(o, 0, o.Size()))
	if err != nil && out.n > 0 {
		panic(http.ErrAbortHandler)
	}
	if errors.Is(err, deident.ErrBurnedIn) {
		return refuse(http.StatusConflict, "the image says that it has burned-in text, and no mask is known for its device")
	}
	return err
}

type counted struct {
	w io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// disguises are the profiles of the studies of one answer.
type disguises map[string]*deident.Profile

func (d disguises) of(ctx context.Context, tx db.Tx, scope identity.Scope, i catalog.Instance) (*deident.Profile, error) {
	if _, veiled := scope.Veil(i.FacilityID); !veiled {
		return nil, nil
	}
	if p, known := d[i.StudyID]; known {
		return p, nil
	}
	p, err := Disguise(ctx, tx, scope, i.FacilityID, i.StudyID)
	d[i.StudyID] = p
	return p, err
}

// header is what of a header the asker may read.
func (q *Request) header(s *Server, i found, d *dataset.Dataset) (*dataset.Dataset, error) {
	p, err := q.disguise(s, i)
	if p == nil || err != nil {
		return d, err
	}
	own := dataset.New() // d is the reader's of the frames
	for _, t := range d.Tags() {
		own.Set(t, d)
	}
	p.Dataset(own)
	return own, nil
}
