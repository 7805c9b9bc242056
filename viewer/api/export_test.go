package api

import "github.com/dokuei/dokuei/storage/identity"

// Route is a line of the table of routes, for the tests that walk it.
type Route struct {
	Method, Pattern string
	Right           identity.Action
}

// Public is the right of routes that anybody may ask.
const Public = public

// OnTheWay reports whether a right is no action of package identity but a step of
// signing in.
func OnTheWay(a identity.Action) bool {
	return a == public || a == signedIn || a == entering || a == enrolling
}

// Routes is the table of routes.
func Routes() []Route {
	var out []Route
	for _, r := range (&server{}).routes() {
		out = append(out, Route{r.method, r.pattern, r.right})
	}
	return out
}
