// Package api is the web door: the JSON API under /api/v1, the live events, the
// images, DICOMweb (package dicomweb behind the same door), and the embedded pages.
//
// # Shape
//
// routes.go is the table of every route with the right it asks for; there is no
// other way in, and a test walks the table. A handler gets a call: the principal,
// the scope that every read is given, and the request. What lies outside the
// scope is answered 404, exactly like what does not exist. Errors go through one
// map (problem.go) into application/problem+json with a stable code that the
// pages translate.
//
// # Browsers
//
// Sessions are HttpOnly SameSite cookies; http.CrossOriginProtection refuses
// state changes from other origins; the Content-Security-Policy allows nothing
// inline and nothing from elsewhere. Machines use a bearer token.
//
// # Patient data
//
// URLs of the JSON API hold random identifiers only; what the pages search by goes
// in a body. DICOMweb demands UIDs and search keys in URLs: they are not logged. The
// access log names route patterns, status and account, never a path or a query.
// JSON of people is not cached; images are cached by the browser alone, and signing
// out empties its cache.
//
// # Memory and concurrency
//
// Request bodies are bounded, answers are paged, frames are decoded into pooled
// buffers, the number of live event streams is bounded, in all and by account.
// The handler may be used from any goroutine.
//
// # Left out
//
// Limits of requests other than sign-ins, editing the directory (the apply command does it).
package api
