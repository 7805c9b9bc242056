// Package db keeps the rows: one type over SQLite (the embedded default) and
// PostgreSQL (several nodes on one database).
//
// # What a caller writes
//
// Portable SQL only: $1 placeholders, text UUIDv7 keys (NewID), times as INTEGER
// microseconds since 1970 UTC set in Go (Micros, FromMicros), booleans as
// INTEGER 0 and 1, RETURNING and ON CONFLICT but no engine function.
//
// # Promise of Write
//
// When Write returns nil the rows are durable: the write-ahead log has been
// flushed to the medium (SQLite synchronous=FULL, PostgreSQL
// synchronous_commit=on). There is one writer. Functions that wait while it is
// busy share the next transaction, each inside its own SAVEPOINT (in SQLite all but the
// first, which is alone until it has run), and one COMMIT
// makes all of them durable (group commit): an error rolls back only the
// function that returned it. A function may therefore run more than once and
// must have no effect outside its transaction.
//
// One writer per database, also across processes (SQLite's write lock,
// PostgreSQL's advisory lock), makes order of commit equal order of the event
// and audit sequences: whoever reads "after sequence n" misses nothing.
//
// # Promise of Read
//
// Read gives a pool of readers that are not blocked by the writer (WAL). Each
// statement sees the last commit; View gives several statements one snapshot.
//
// # A server that does not answer
//
// PostgreSQL may hang, or vanish without a word. Every query, view and write gets an
// answer within ten seconds: statements have limits in the server, connections on
// which nothing moves are closed, and whoever waits behind is told ErrSilent at the
// same time. Nothing has to be done for it to go on when the server does.
//
// # Several nodes
//
// What only one node should do at a time it does under Hold.
//
// # Memory and concurrency
//
// DB is safe for concurrent use. The queue of waiting writers is bounded; Write
// blocks, and honours its context, while the queue is full.
//
// # Left out
//
// Downward migrations: the schema only goes forward. A database that a newer program
// has used is refused (ErrNewer).
package db
