package archive

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/object"
)

// Archive is safe for concurrent use.
type Archive struct {
	DB      *db.DB
	Objects object.Store
	// Asker is whom a peer speaks for; false sees nothing.
	Asker func(ctx context.Context, peer any) (Asker, bool, error)
	// Disguise is how the objects of a study are changed before they go to who has the
	// scope, nil where they go as they are. nil: all go as they are.
	Disguise func(ctx context.Context, scope identity.Scope, facilityID, studyID string) (*deident.Profile, error)
	// Limit is the most matches a query is answered with, Patience how long the
	// database may look for them. Defaults 10,000 and 30 s.
	Limit    int
	Patience time.Duration
	Log      *slog.Logger // nil: discarded
}

// Asker is a hospital, or a reader at a workstation of their own.
type Asker struct {
	// Facility keeps to the studies of one; empty for a reader, to whom Scope says what
	// there is.
	Facility string
	Scope    identity.Scope
	// Blind reports whether what was made of a study here, by the first of two readers, is
	// kept from the asker. nil: nothing is.
	Blind func(ctx context.Context, studyID string) (bool, error)
}

// errNobody: the peer belongs to no facility and reads for none.
var errNobody = &service.Refusal{Status: dimse.NotAuthorized, Comment: "not a registered hospital or reader"}

func (a *Archive) asker(ctx context.Context, q service.Query) (Asker, error) {
	who, ok, err := a.Asker(ctx, q.Peer)
	if err != nil {
		return Asker{}, err
	}
	if !ok {
		return Asker{}, errNobody
	}
	return who, nil
}

// blinds remembers what Blind has said while one request is answered.
type blinds map[string]bool

func (b blinds) of(ctx context.Context, who Asker, studyID string) (bool, error) {
	if who.Blind == nil {
		return false, nil
	}
	blind, known := b[studyID]
	if known {
		return blind, nil
	}
	blind, err := who.Blind(ctx, studyID)
	b[studyID] = blind
	return blind, err
}

var levels = map[service.Level]catalog.Level{
	service.PatientLevel: catalog.PatientLevel, service.StudyLevel: catalog.StudyLevel,
	service.SeriesLevel: catalog.SeriesLevel, service.ImageLevel: catalog.InstanceLevel,
}

// Find implements service.Finder.
func (a *Archive) Find(ctx context.Context, q service.Query, match func(*dataset.Dataset) error) error {
	who, err := a.asker(ctx, q)
	if err != nil {
		return err
	}
	a.trail(ctx, q, audit.Record{Action: "study.queried", FacilityID: who.Facility, Detail: "C-FIND"})
	blind := blinds{}
	limit, patience := a.Limit, a.Patience
	if limit <= 0 {
		limit = 10_000
	}
	if patience <= 0 {
		patience = 30 * time.Second
	}
	want := catalog.Query{Level: levels[q.Level]}
	for _, t := range q.Identifier.Tags() {
		if _, ok := catalog.LookupAttribute(t); ok {
			want.Keys = append(want.Keys, catalog.Key{Tag: t, Values: q.Identifier.Strings(t)})
		}
	}
	// The database's time is bounded; the peer's, to take the answers, is the
	// association's affair.
	looking, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	timer := time.AfterFunc(patience, func() { stop(errSlow) })
	defer timer.Stop()
	more, err := catalog.Find(looking, a.DB.Read(ctx), who.Scope, who.Facility, want, limit, func(m *catalog.Match) error {
		timer.Stop()
		if m.Level >= catalog.SeriesLevel && m.Series.Origin == catalog.Dokuei {
			if kept, err := blind.of(ctx, who, m.Study.ID); err != nil || kept {
				return err
			}
		}
		defer timer.Reset(patience)
		return match(a.answer(q, m))
	})
	if err == nil && more {
		return errMore
	}
	return explain(looking, err)
}

var (
	errSlow = &service.Refusal{Status: dimse.OutOfResources, Comment: "the query takes too long: narrow it"}
	errMore = &service.Refusal{Status: dimse.OutOfResources, Comment: "more matches than are answered: narrow the query"}
)

// explain turns an error of the catalog into what the peer may hear.
func explain(ctx context.Context, err error) error {
	var key *catalog.KeyError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &key):
		return &service.Refusal{Status: dimse.DataSetMismatchesSOPClass, Comment: key.Tag.String() + " " + key.Reason}
	case errors.Is(context.Cause(ctx), errSlow):
		return errSlow
	}
	return err
}

// answer says of a match what the request asks.
func (a *Archive) answer(q service.Query, m *catalog.Match) *dataset.Dataset {
	d := dataset.New()
	for _, t := range q.Identifier.Tags() {
		if t == tag.InstanceAvailability {
			d.SetString(t, "CS", "ONLINE")
			continue
		}
		at, ok := catalog.LookupAttribute(t)
		switch {
		case !ok || at.Level > m.Level, at.Level == catalog.PatientLevel && m.Level > at.Level && counts[t]:
		case at.VR == "US":
			d.SetInt(t, at.VR, whole(at.Value(m))...)
		default:
			d.SetString(t, at.VR, at.Value(m)...)
		}
	}
	d.SetString(tag.RetrieveAETitle, "AE", q.Association.CalledAE)
	return d
}

// counts of a patient are told at the level of the patient only.
var counts = map[tag.Tag]bool{
	tag.NumberOfPatientRelatedStudies: true, tag.NumberOfPatientRelatedSeries: true, tag.NumberOfPatientRelatedInstances: true,
}
