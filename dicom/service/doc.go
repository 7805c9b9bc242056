// Package service holds the service classes of PS3.4 as providers and users
// over dicom/ul and dicom/dimse: Verification (Annex A), Storage (Annex B) and,
// as provider, Query/Retrieve at patient and study root (Annex C).
//
// SCP accepts every storage SOP class and every transfer syntax of PS3.6, each
// context with the first proposed transfer syntax that is known, so that what
// the sender prefers is what arrives: an instance is never re-encoded on the
// way in. Client is the user's side.
//
// What there is to find and to retrieve is behind Finder and Retriever; where a
// C-MOVE may go, behind Destinations. Queries and retrievals are relational: keys
// of the levels above may be missing. An instance goes out in the transfer syntax
// it is kept in when the peer takes that, else rewritten, and decoded when it
// is compressed, to an uncompressed one (package transcode), else it counts as failed.
//
// Memory: a data set is a stream from socket to handler through one pooled
// buffer; what an association costs does not depend on what it carries.
//
// Concurrency: one goroutine per association calls the handlers, so a handler
// runs concurrently with itself; with an asynchronous operations window the rest of
// each C-STORE (StoreBeginner) has one of its own. During a C-FIND, C-GET or C-MOVE a second one
// listens for C-CANCEL. A Client belongs to one goroutine at a time.
//
// The normalized services (N-*) and worklists (C-FIND without levels) are behind
// handlers by abstract syntax; their data sets are small, are read whole and are
// bounded. A Reporter sends N-EVENT-REPORT on an association a peer has opened,
// from any goroutine, while the one that serves it goes on. Requests of classes
// without a handler are answered with 0211H.
//
// Left out: retrieval as user. The
// retired Patient/Study Only model, composite instance retrieval (Annexes Y, Z).
package service
