package api

import "github.com/dokuei/dokuei/storage/identity"

// Route is a line of the table of routes, for the tests that walk it.
type Route struct {
	Method, Pattern string
	Right           identity.Action
}

// Rights that are no action of package identity.
const (
	Public   = public
	SignedIn = signedIn
)

// Routes is the table of routes.
func Routes() []Route {
	var out []Route
	for _, r := range (&server{}).routes() {
		out = append(out, Route{r.method, r.pattern, r.right})
	}
	return out
}
