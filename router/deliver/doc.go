// Package deliver brings what was written here to the hospitals: an outward
// queue of C-STORE requests (PS3.4 Annex B, as SCU) that does not give up.
//
//	Enqueue          pending ----> sending ----> delivered
//	(signer's tx)       ^  next_at    |
//	                    +-------------+   failed attempt: back-off, reason kept
//	                    |             |
//	                    +-- failed <--+   refused, or many attempts in vain: parked,
//	                          |           shown, tried on at the longest interval
//	                       given-up       by a coordinator, with a reason
//
// # Promises
//
// A delivery is made in the transaction that signs the report, so a signed
// report and the duty to deliver it are durable together. The queue is in the
// database: attempts, the time of the next one and the last reason survive a
// restart; what was being sent when the process died is sent again, under the
// same SOP Instance UID, which the receiver recognises (at least once on the
// wire, once in effect).
//
// Each destination has one worker, so a dead destination holds up no other. What is
// due goes over one association, as many objects at once as the receiver's asynchronous
// operations window has room for (PS3.7 D.3.3.3), each accounted for on its own.
// Objects of one study go to a destination in the order they were enqueued, each after
// the answer to the one before. An
// object the receiver refuses for good leaves the order: a PACS that knows no
// SR still gets the PDF, and one that chokes on a first report its addendum.
//
// An unreachable destination is tried with one object at a time, at growing
// intervals with jitter up to [Options].Longest, without end. Nothing is dropped
// and nothing fails silently: state and reason, in plain words, are rows.
//
// Objects stream from the store to the wire. A receiver that accepts only
// another transfer syntax than the object's gets it rewritten, and decoded when it is
// compressed, on the way; Implicit VR Little Endian every receiver takes (PS3.5 §10.1).
//
// A destination that is to commit (PS3.4 Annex J) has an object delivered when it
// has accepted and committed it; until then the attempt is repeated.
//
// A destination with a route is reached by its URL ([Router]; reports/dispatch): the
// same queue, order, back-off and states. What the receiver of either kind said when
// it took the object is kept as a receipt.
//
// One process delivers for a database at a time. Left out: several associations to one destination.
package deliver
