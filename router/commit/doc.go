// Package commit answers requests for storage commitment, PS3.4 Annex J, as
// SCP: a hospital that has sent images asks whether they are safe before it
// deletes its own.
//
//	N-ACTION -----> requested -----> verified -----> reported
//	 (answered        every object      N-EVENT-REPORT on the association that
//	  0000H once      read again,       asked while it lasts, else on one we open
//	  it is a row)    its hash          to the AE that asked, until it answers
//	                  compared
//
// # Promises
//
// A request is durable before it is accepted. An instance is committed only
// after its object has been read to the end and has the SHA-256 of its row; what
// cannot be found out (database or store out of reach) is tried again, not
// answered. Requests and answers are rows: a process that dies verifies and
// reports again, and the peer may hear an answer twice, never not at all.
//
// The list is also what the study consists of in its sender's eyes: it becomes
// the declared number of instances (catalog.Declare). A list within one study
// counts whole, one over several studies counts what is found of each.
//
// The address of an AE that is gone is that of the hospital's destination with
// its AE title. While there is none the answer waits, and the row says so.
//
// Answers to different AEs do not wait for each other: at most
// [Options].Concurrent are worked on at once, one for each AE that does not
// answer. Memory is one list at a time for each of those.
//
// Failure reasons: 0110 the object is damaged or missing here, 0112 no such
// instance of this hospital, 0119 it is of another SOP class, 0122 no storage
// class, 0131 the Transaction UID belongs to another request. A list beyond
// commitment.MaxItems is refused with 0213. The same request again, from the same
// AE, is verified and answered again.
//
// Left out: the SCU's side for reports we deliver.
package commit
