// Package reports is the life of a reading report: a draft that is saved while
// it is written, one signature, and immutable versions after it.
//
// # One value, many writers
//
// A signed report is one [Report] value. Every form it leaves the house in
// (DICOM SR in reports/sr, Encapsulated PDF in reports/pdf) is written from
// that value by a [Writer], and all of them carry the same [Report.ContentHash]:
// the SHA-256 of the value's canonical form (see canonical.go). The words of
// PS3.3 C.17.2 are used for the states of a document: a version is COMPLETE and
// VERIFIED when it is signed, and a later version names its predecessors.
//
// # Drafts
//
// A draft belongs to a workitem and to the reader who claimed it. Saving is a
// compare-and-set on its revision: the second of two windows that save the same
// revision gets [ErrStale] and its own text back, so nothing is overwritten
// unseen.
//
// # Signing
//
//	draft ──► objects durable ──► one transaction ──► report
//	          (SR, PDF)           report row, own instances, workitem
//	                              COMPLETED, deliveries, event, audit
//
// The objects are made durable first because a file cannot join a database
// transaction: a crash between the two leaves files that nothing refers to, and
// never a report without its documents. UIDs and bytes are functions of the
// report's id, so a signature tried again writes the same objects.
//
// # Versions
//
// Version 1 of a study's report has the kind "final". Every later version is an
// addendum: it repeats the sections of its predecessor unchanged, adds its own
// text below them, says who wrote which, and refers to the predecessor. Rows are only ever inserted;
// the table has triggers that refuse UPDATE and DELETE.
//
// # Left out
//
// Preliminary reports and their verification by a second reader, retraction,
// coded findings and measurements. Safe for concurrent use; no goroutines.
package reports
