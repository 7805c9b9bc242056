// Package scrub reads the whole image store over and over at a low rate, so that an
// image that has rotted is known, and mended, before somebody needs it.
//
// A pass reads every object that a row points at and compares its SHA-256 with the
// row. After each page it writes down how far it has come; a restart, or another
// node, goes on from there. An object that is missing or has other bytes becomes a row of
// damages, an event, a record of the audit trail and a number in Open. If there is a
// replica (a backup or mirror) that has the object whole, it is put back at once,
// hashed on the way. The next pass sees whether a damage is still there.
//
// An error of the store itself (no network, no right) ends a pass until the next
// try: it says nothing about the object.
//
// # Left out
//
// Objects without a row; ingest.Sweep removes those.
//
// # Concurrency and memory
//
// One Scrubber at a time on a catalog. A page of rows and a copy buffer.
package scrub
