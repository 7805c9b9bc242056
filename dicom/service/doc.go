// Package service holds the service classes of PS3.4 as providers and users
// over dicom/ul and dicom/dimse: Verification (Annex A) and Storage (Annex B).
//
// SCP accepts every storage SOP class and every transfer syntax of PS3.6, each
// context with the first proposed transfer syntax that is known, so that what
// the sender prefers is what arrives: an instance is never re-encoded on the
// way in. Client is the user's side.
//
// Memory: a data set is a stream from socket to handler through one pooled
// buffer; what an association costs does not depend on what it carries.
//
// Concurrency: one goroutine per association calls the handlers, so a handler
// runs concurrently with itself. A Client belongs to one goroutine at a time.
//
// Left out: query/retrieve, worklist, storage commitment and the normalized
// services are not offered; their commands are answered with 0211H.
package service
