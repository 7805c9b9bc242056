package api

import (
	"strings"

	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/viewer/dicomweb"
)

// path is the whole pattern of a route: DICOMweb and FHIR have bases of their own.
func (r route) path() string {
	if strings.HasPrefix(r.pattern, dicomweb.Base+"/") || r.pattern == fhirBase || strings.HasPrefix(r.pattern, fhirBase+"/") {
		return r.pattern
	}
	return "/api/v1" + r.pattern
}

// dicomWeb are the routes of package dicomweb, behind our door.
func (s *server) dicomWeb() []route {
	var out []route
	for _, one := range s.DICOMweb.Routes() {
		out = append(out, route{one.Method, dicomweb.Base + one.Pattern, one.Right, func(c *call) error {
			return one.Handle(&dicomweb.Request{W: c.w, R: c.r, Who: c.who, Scope: c.scope, Listen: func() (dicomweb.Stream, error) { return s.stream(c) }})
		}})
	}
	return out
}

// stream is a place among those who listen, as for the events.
func (s *server) stream(c *call) (dicomweb.Stream, error) {
	wake, leave, ok := s.feed.listen(c.who.UserID)
	if !ok {
		return dicomweb.Stream{}, errBusy
	}
	who := func() (identity.Principal, error) {
		err := c.still()
		return c.who, err
	}
	return dicomweb.Stream{Wake: wake, Leave: leave, Who: who, Ending: s.closing}, nil
}
