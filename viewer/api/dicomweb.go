package api

import (
	"strings"

	"github.com/dokuei/dokuei/viewer/dicomweb"
)

// path is the whole pattern of a route: DICOMweb has a base of its own.
func (r route) path() string {
	if strings.HasPrefix(r.pattern, dicomweb.Base+"/") {
		return r.pattern
	}
	return "/api/v1" + r.pattern
}

// dicomWeb are the routes of package dicomweb, behind our door.
func (s *server) dicomWeb() []route {
	var out []route
	for _, one := range s.DICOMweb.Routes() {
		out = append(out, route{one.Method, dicomweb.Base + one.Pattern, one.Right, func(c *call) error {
			return one.Handle(&dicomweb.Request{W: c.w, R: c.r, Who: c.who, Scope: c.scope})
		}})
	}
	return out
}
