package archive

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/object"
)

// Archive is safe for concurrent use.
type Archive struct {
	DB      *db.DB
	Objects object.Store
	// Facility is the facility a peer was recognised as; false sees nothing.
	Facility func(peer any) (string, bool)
	// Limit is the most matches a query is answered with, Patience how long the
	// database may look for them. Defaults 10,000 and 30 s.
	Limit    int
	Patience time.Duration
	Log      *slog.Logger // nil: discarded
}

// errNobody: the peer belongs to no facility.
var errNobody = &service.Refusal{Status: dimse.NotAuthorized, Comment: "not a registered hospital"}

func (a *Archive) scope(q service.Query) (string, identity.Scope, error) {
	facility, ok := a.Facility(q.Peer)
	if !ok || facility == "" {
		return "", identity.Scope{}, errNobody
	}
	return facility, identity.Scope{FacilityID: facility}, nil
}

var levels = map[service.Level]catalog.Level{
	service.PatientLevel: catalog.PatientLevel, service.StudyLevel: catalog.StudyLevel,
	service.SeriesLevel: catalog.SeriesLevel, service.ImageLevel: catalog.InstanceLevel,
}

// Find implements service.Finder.
func (a *Archive) Find(ctx context.Context, q service.Query, match func(*dataset.Dataset) error) error {
	facility, scope, err := a.scope(q)
	if err != nil {
		return err
	}
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
	more, err := catalog.Find(looking, a.DB.Read(ctx), scope, facility, want, limit, func(m *catalog.Match) error {
		timer.Stop()
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
