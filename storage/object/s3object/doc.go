// Package s3object is the object store on a bucket of S3, or of anything that
// speaks its protocol (REST API of 2006-03-01, signature version 4).
//
// # Writing
//
// An object is spooled on local disk while it is hashed. Commit then sends it with
// its size, its SHA-256 in the signature and in x-amz-checksum-sha256, and
// If-None-Match: *, so the server refuses what a faulty line has changed and keeps
// what it has. Answers of 412 mean that the object is there; its size is compared.
// Servers that do not know the condition are written to without it: keys name
// content. More than 64 MiB go up in parts of 16 MiB, each signed with its own
// hash. Parts that never became an object are removed when the service can be reached,
// those of a crash after a day, at Open.
// Durability is what the service promises for an acknowledged PUT.
//
// # Reading
//
// Open fetches the first MiB, which for most images is all. Later reads fetch
// ranges, with a read-ahead that grows from 1 to 8 MiB while they are sequential,
// always of the version that was opened. An object of up to 1 MiB stays readable
// after it is deleted; of a larger one, what was not read yet is ErrNotFound unless
// the bucket keeps versions.
//
// # Failure
//
// Every request has a time limit that depends on its size. What may pass (no
// connection, 5xx, 429, a body cut short) is an object.UnavailableError, for package
// retried to ask again; a Commit that is called again goes on with the part that
// failed. A request that was answered late is harmless: nothing here is other than
// idempotent.
//
// # Retention
//
// In a bucket with object lock every object is put under COMPLIANCE retention: for
// Options.Retain, or until the time that Options.Until gives for its key. Nobody, not
// even the owner of the account, can remove that version before. Delete then hides the
// object and frees nothing. Where neither says more, a default retention of the bucket
// applies, and it is never shortened. Where Options.Until says it, Store.Lock lengthens
// the retention of an object that is there. Asking for Retain in a bucket without object
// lock is an error of Open, not a promise broken silently.
//
// # Left out
//
// Server-side encryption is the bucket's own default; nothing is sent about it.
//
// # Memory and concurrency
//
// 1 to 8 MiB for an open object, a copy buffer for a commit. A Store is safe for
// concurrent use, an Object too, a Pending belongs to one goroutine.
package s3object
