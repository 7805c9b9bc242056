// Package dimse is the DICOM message service element of PS3.7: command sets
// (clause 6.3, Annex E), the composite services C-STORE, C-FIND, C-GET,
// C-MOVE, C-ECHO and C-CANCEL (clause 9), the normalized services N-* (clause
// 10), status codes (Annex C) and the exchange of messages as fragments over
// an association (PS3.7 clause 8, PS3.8 Annex E).
//
// Memory: a command set is buffered, at most MaxCommandLength bytes. A data
// set never is: it is an io.Reader over the association.
//
// Concurrency: one goroutine receives and any number send on a Conn; message
// values and decoders hold no shared state.
//
// Left out: the retired elements of PS3.7 E.2, which are skipped.
package dimse
