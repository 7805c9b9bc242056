// Package performed takes what modalities say of their work: the Modality
// Performed Procedure Step service of PS3.4 Annex F as SCP, N-CREATE and N-SET of
// class F.7 and N-GET of the retrieve class F.8.
//
//	(none) -- N-CREATE --> IN PROGRESS -- N-SET --> COMPLETED | DISCONTINUED
//
// A step belongs to the hospital that calls and is durable before it is answered.
// One that has ended is not changed any more (0110H, Error ID A710H).
//
// The images a step lists when it ends are what the study consists of: when every
// known step of a study has ended, the sum is its declared number of instances
// (catalog.Declare), also when the images come after the step. Many modalities
// send no steps, so it is a hint that shortens a wait and nothing depends on it.
//
// Of the attributes of Table F.7.2-1 only those without which a step means nothing
// are required: status, step ID and the study; what else comes is kept as it is. A
// step is read and written whole, at most MaxAttributes bytes.
//
// Left out: notification (F.9), and N-GET of attributes within sequences.
package performed
