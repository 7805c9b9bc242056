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
// An addendum repeats the sections of its predecessor unchanged, adds its own text
// below them, says who wrote which, and refers to the predecessor. Rows are only
// ever inserted; the table has triggers that refuse UPDATE and DELETE.
//
// A trainee's report is preliminary until another reader of the panel has verified
// it; where a panel reads twice, both readings are preliminary, the second is blind
// to the first ([Blind]), and a consensus follows. A correction takes the place of
// the text and says why, a retraction takes it back.
//
// # Around the text
//
// What an engine of the house has written is not signed unread (reports/assist).
// Key images are drawn into the printed report as they were looked at ([Deps.Draw],
// [KeyView]): window, part, flips and turns, with what was drawn on them. A template's answers
// stay with the draft. [Deps.Also] is done with each version in its transaction.
//
// A line that a template's answers wrote is in codes too ([Coded]), as long as it stands
// as it was written; the writers say which line a code is of ([Report.Parts]).
//
// Safe for concurrent use; no goroutines.
package reports
