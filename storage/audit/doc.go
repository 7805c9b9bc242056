// Package audit keeps the trail of who did what (PS3.15 A.5; the guideline's
// demand for an access log that cannot be rewritten).
//
// Append adds a record in the caller's transaction: an act and its record are
// durable together or not at all. Records are numbered without gaps and chained:
// each carries the SHA-256 over its own fields and the hash before it, so that a
// change, a removal or a new order breaks Verify at the first record touched.
// Removal of the newest records cannot be seen from the trail alone: keep Head
// somewhere else from time to time and pass it to VerifyFrom.
//
// A Signer does that by itself: it signs heads with a key that is not in the database
// (golang.org/x/mod/sumdb/note), and VerifyNotes holds the trail against them.
//
// Records are kept until Prune takes away the oldest, which were archived before; the
// trail then begins at a head of its own. The database refuses UPDATE, and DELETE of
// what lies after that beginning. The only writer
// is db.DB.Write, which is one at a time: the chain needs no lock of its own.
//
// Detail is for codes, UIDs and counts. Names of patients do not belong there.
//
// Message tells a record as PS3.15 A.5 does; WriteSyslog frames it for syslog over
// TLS (RFC 5424, 5425). Find answers who has seen a patient and what a person has
// done.
//
// An Exporter sends every record on as it comes and remembers how far it was; syslog
// has no receipts, so that after a broken connection the last ones are sent again, each
// with its number.
//
// Left out: messages of the modality side of A.5 (network entry).
package audit
