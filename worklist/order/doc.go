// Package order keeps what hospitals have ordered and answers their modalities
// with it: the Modality Worklist.
//
//	PS3.4 K.4.1, K.6.1    C-FIND of the worklist, Table K.6-1 its attributes
//	PS3.3 C.4.10          the scheduled procedure step
//	PS3.3 C.4.11          the requested procedure
//	PS3.5 Table 6.2-1     what a value may be
//
// An [Order] is one scheduled procedure step of one requested procedure for one
// patient. It belongs to the hospital that made it and is shown to that
// hospital's callers only; for others it does not exist. It leaves the worklist
// when a study with its Study Instance UID or its accession number has become
// complete, and stays off when that study is reopened. The row stays until it is
// deleted.
//
// # Promises
//
// The functions take the caller's transaction and keep no state. A query holds
// one page of orders in memory, whatever it matches. Values are checked when an
// order is made, so what is answered can be encoded.
//
// A study that has become complete is joined with its order ([Join]): by the Study
// Instance UID, the accession number, or patient, modality and day. Where these do not
// agree somebody is asked, and nothing is joined.
//
// Left out: codes of protocols, visits and other attributes of type 2 that nobody has
// told us (they are returned empty); what a Modality Performed Procedure Step says of a step.
package order
