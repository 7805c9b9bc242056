// Package limited keeps what is asked of an object.Store at the same time within
// bounds.
//
// # Why
//
// A store at the end of a line has a time limit for every request. When a hundred
// images share a thin line, each takes a hundred times as long, all of them miss the
// limit, all are sent again, and nothing ever arrives. Here what is too much waits its
// turn before its time begins, in order of arrival.
//
// # What is bounded
//
//   - Options.Calls: calls that are under way: Open, Stat, Delete, Commit, and reads of
//     open objects. A List is not among them: what its caller does with each key may be
//     another call.
//   - Options.Bytes: the sizes of objects under way in Commit, together. One of more than
//     half of that counts as a half, and such large ones go one after the other, so that
//     the small ones pass beside them.
//   - Options.Size: the bytes of one object: a Write beyond gives object.ErrTooLarge.
//
// A call whose context ends while it waits gives the context's error and has done
// nothing.
//
// # Memory and concurrency
//
// Nothing but the waiting callers. A Store, its Objects and Pendings are as safe as
// those they stand before.
package limited
