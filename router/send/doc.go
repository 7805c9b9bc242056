// Package send is the engine of `dokuei send`: files, folders and DICOMDIRs go
// to an application entity by C-STORE (PS3.4 Annex B) over several associations
// at once.
//
// First all files are looked at (their SOP class, SOP instance and transfer
// syntax), so that one association can propose what all of them need: one
// presentation context for each pair of SOP class and transfer syntax, and the
// two uncompressed little endian syntaxes, which any peer takes. Then they are
// sent as they are; a file whose syntax the peer did not accept is rewritten, and
// decoded when it is compressed, on the way (package dicom/transcode).
//
// What fails is tried again where that can help: a lost association is opened
// anew with growing pauses, a peer out of resources (A7xx) is given time. What
// cannot be sent is reported with the reason and what to do next; it never
// stops the rest, unless the peer refuses us altogether.
//
// A journal remembers what the peer acknowledged, so that the same command
// after an interruption, a kill or a change to some files sends only the rest.
//
// Memory: one line for each file plus a buffer for each association; data sets
// are streamed. Run owns its goroutines and returns when they have ended.
//
// With Options.Commit the receiver is asked, at the end, to commit what it has
// acknowledged (PS3.4 Annex J), and the report says what it does not.
//
// Left out: deleting what was sent.
package send
