// Package runner works on queues that are rows: it asks what is due, does several
// things at once, no two of them of one key, and sleeps until the next is due, it is
// woken, or another process may have left something.
//
// What is due, what a lease on it is, when it is tried again and when it is given up is
// written down by the work itself, in the rows; [Runner.Backoff] says when. So nothing
// is lost with the process, and the same queue may be worked on by many.
//
// A [Loop] is the rhythm alone, of what looks at all its rows by itself.
package runner
