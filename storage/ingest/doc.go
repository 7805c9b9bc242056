// Package ingest makes an arriving instance durable: one step from a stream of
// bytes to an object with its rows (PS3.4 annex B, Storage Service Class).
//
// # The step
//
//	data set ──┬─▶ spool of the object store (hashed while written)
//	           └─▶ stream.Scanner: the whole structure is checked to its end, the
//	               attributes the catalog wants are kept
//	at the end ──▶ object committed (fsync) ─▶ one transaction: rows, ledger,
//	               event, audit (fsync) ─▶ nil: the sender may be told Success
//
// An error anywhere leaves no row and nothing visible; at worst an object without
// a row, which Sweep removes. The stored object is a PS3.10 file: a deterministic
// meta group of ours and the data set's bytes exactly as they came. Its key is
// facility, day of arrival (UTC) and the SHA-256 of the file.
//
// # Again, and otherwise
//
// The same bytes again, or another encoding of the same values (stream.Equal), are
// a Duplicate and change nothing. Other content under a known SOP Instance UID is
// kept beside the first and flagged: Conflict. Both are successes for the sender.
//
// # Memory and concurrency
//
// One Store holds about 200 KiB whatever the size of the object: buffers of
// scanner and spool (the local object store lends a few dozen larger ones), and at
// most headerMax bytes of attributes. An Ingester is
// safe for concurrent use; concurrent Stores of one instance give one instance.
//
// # Left out
//
// Coercion of attributes, storage commitment. Deletion is package retention's.
package ingest
