package dicomweb

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/viewer/preview"
	"github.com/dokuei/dokuei/worklist/ups"
)

// Base is where the routes are mounted.
const Base = "/dicom-web"

// Server answers DICOMweb requests. All fields are required.
type Server struct {
	DB       *db.DB
	Objects  object.Store
	Pictures *preview.Pipeline
	// Store makes an instance durable for a facility; client names who sends.
	Store func(ctx context.Context, facilityID, client string, m ingest.Meta, r io.Reader) (ingest.Result, error)
	// Exported is told, for the audit trail, of originals of one study that go out.
	Exported func(ctx context.Context, who identity.Principal, list []catalog.Instance)
	// Searched is told, for the audit trail, of searches for studies, series or instances.
	Searched func(ctx context.Context, who identity.Principal)
	Log      *slog.Logger
	// Steps are the Workitems of UPS-RS; AETitle is where their images can be had by
	// DICOM.
	Steps   *ups.Steps
	AETitle string
}

// Request is one request of somebody who has the right of its Route.
type Request struct {
	W     http.ResponseWriter
	R     *http.Request
	Who   identity.Principal
	Scope identity.Scope
	// Listen takes the request in among those that last, or says why not.
	Listen func() (Stream, error)

	disguises disguises
}

// disguise is how an instance is changed for who asks, nil where it goes as it is.
func (q *Request) disguise(s *Server, i found) (*deident.Profile, error) {
	if q.disguises == nil {
		q.disguises = disguises{}
	}
	return q.disguises.of(q.R.Context(), s.DB.Read(q.R.Context()), q.Scope, i.Instance)
}

// Route is one way in. Pattern is below Base.
type Route struct {
	Method, Pattern string
	Right           identity.Action
	Handle          func(*Request) error
}

// Error is an answer that is not a success.
type Error struct {
	Status int
	Text   string // for whoever operates the client; holds no patient data
}

func (e *Error) Error() string { return "dicomweb: " + e.Text }

func refuse(status int, format string, args ...any) error {
	return &Error{status, fmt.Sprintf(format, args...)}
}

// Routes is every route there is.
func (s *Server) Routes() []Route {
	const (
		study    = "/studies/{study}"
		series   = study + "/series/{series}"
		instance = series + "/instances/{instance}"
	)
	routes := append(s.workitemRoutes(), []Route{
		{"POST", "/studies", identity.SendStudy, s.store},
		{"POST", study, identity.SendStudy, s.store},
		{"GET", instance + "/frames", identity.ViewImages, s.frames},
		{"GET", instance + "/frames/{frames}", identity.ViewImages, s.frames},
		{"GET", instance + "/frames/{frames}/rendered", identity.ViewImages, s.rendered},
		{"GET", instance + "/rendered", identity.ViewImages, s.rendered},
		{"GET", instance + "/frames/{frames}/thumbnail", identity.ViewImages, s.thumbnail},
		{"GET", instance + "/bulkdata/{path...}", identity.ViewImages, s.bulkdata},
	}...)
	for pattern, level := range map[string]catalog.Level{
		"/studies": catalog.StudyLevel, "/series": catalog.SeriesLevel, study + "/series": catalog.SeriesLevel,
		"/instances": catalog.InstanceLevel, study + "/instances": catalog.InstanceLevel, series + "/instances": catalog.InstanceLevel,
	} {
		routes = append(routes, Route{"GET", pattern, identity.ViewStudy, func(q *Request) error { return s.search(q, level) }})
	}
	for _, pattern := range []string{study, series, instance} {
		routes = append(routes,
			Route{"GET", pattern, identity.ExportStudy, s.objects},
			Route{"GET", pattern + "/metadata", identity.ViewImages, s.metadata},
			Route{"GET", pattern + "/thumbnail", identity.ViewImages, s.thumbnail})
	}
	return routes
}

// found is an instance with the UID of its series.
type found struct {
	catalog.Instance
	series string
}

// instances are those that the path names, in reading order. None is an error.
func (s *Server) instances(q *Request) ([]found, error) {
	for _, name := range []string{"study", "series", "instance"} {
		if u := q.R.PathValue(name); u != "" && !uid.Valid(u) {
			return nil, catalog.ErrNotFound
		}
	}
	return s.inStudy(q, q.R.PathValue("series"), q.R.PathValue("instance"))
}

// inStudy are instances of the study in the path, of a series and by their UID where
// these are not "".
func (s *Server) inStudy(q *Request, series, instance string) ([]found, error) {
	ctx := q.R.Context()
	tx := s.DB.Read(ctx)
	studies, err := catalog.StudiesByUID(ctx, tx, q.Scope, q.R.PathValue("study"))
	if err != nil {
		return nil, err
	}
	var out []found
	for _, id := range studies {
		all, err := catalog.SeriesOf(ctx, tx, q.Scope, id)
		if err != nil {
			return nil, err
		}
		blind, err := reports.Blind(ctx, tx, q.Who, id)
		if err != nil {
			return nil, err
		}
		for _, one := range all {
			if blind && one.Origin != catalog.Received {
				continue
			}
			if series != "" && one.SeriesInstanceUID != series {
				continue
			}
			for _, i := range one.Instances {
				if instance == "" || i.SOPInstanceUID == instance {
					out = append(out, found{i, one.SeriesInstanceUID})
				}
			}
		}
	}
	if len(out) == 0 {
		return nil, catalog.ErrNotFound
	}
	return out, nil
}

// one is the instance that the path names.
func (s *Server) one(q *Request) (found, error) {
	list, err := s.instances(q)
	if err != nil {
		return found{}, err
	}
	return list[0], nil
}

// root is the address of Base as the client knows it.
func (q *Request) root() string {
	scheme := "http"
	if q.R.TLS != nil || strings.EqualFold(q.R.Header.Get("X-Forwarded-Proto"), "https") {
		scheme = "https"
	}
	return scheme + "://" + q.R.Host + Base
}

// lasting says that the answer never changes under its address for this Accept, and
// reports whether the client holds it already, which is then answered.
func (q *Request) lasting(tag string) (held bool) {
	h := q.W.Header()
	h.Set("ETag", `W/"`+tag+`"`)
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	h.Add("Vary", "Cookie, Authorization, Accept")
	if strings.TrimPrefix(q.R.Header.Get("If-None-Match"), "W/") == `"`+tag+`"` {
		q.W.WriteHeader(http.StatusNotModified)
		return true
	}
	return false
}

// unlasting takes lasting back, for an answer that is an error after all.
func (q *Request) unlasting() {
	q.W.Header().Del("ETag")
	q.W.Header().Set("Cache-Control", "no-store")
}

func (q *Request) json(status int, v any) error {
	q.W.Header().Set("Content-Type", jsonType)
	q.W.Header().Set("Cache-Control", "no-store")
	q.W.WriteHeader(status)
	_ = json.NewEncoder(q.W).Encode(v) // a client that has gone is not told
	return nil
}
