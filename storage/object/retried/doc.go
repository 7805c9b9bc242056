// Package retried asks an object.Store again what it could not answer for the moment.
//
// # What is asked again
//
// Everything that failed with an object.UnavailableError, since every method of the
// contract may be repeated: Create, Open, Stat, Delete, Commit, and reads of an open
// object. A List goes on behind the last key that was told. A Delete whose answer was
// lost finds nothing the second time, which is what was asked for. What is refused for
// good (no space, no object, no right) is returned at once, and Write is never
// repeated: it is a stream.
//
// # How often
//
// Pauses double from 100 ms to 5 s, each with jitter over its upper half so that nodes
// which failed together do not come back together. No attempt begins when
// Options.Patience is over, counted from the start of the first; where the store got
// further in between (the parts of a large upload, the pages of a list) it counts anew.
// The end of the context ends the wait.
//
// # Memory and concurrency
//
// Nothing but counters. A Store, its Objects and Pendings are as safe as those they
// stand before; the Collector shows the attempts that were repetitions.
package retried
