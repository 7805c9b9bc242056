// Package object keeps immutable byte strings under keys: the DICOM files as they
// came, and previews derived from them.
//
// # Contract
//
// Every Store keeps the promises written at the methods of Store and Pending, and
// proves it by passing object/objecttest. object/fsobject is the local disk,
// object/s3object a bucket. Decorators stand before either and pass the same suite:
// object/retried asks again, object/limited keeps within bounds, object/sealed
// encrypts, object/metered counts.
//
// # Keys
//
// A key is 1 to 16 segments joined by "/", each of 1 to 128 characters out of
// [a-z0-9._-] that does not begin with a dot or a dash, at most 512 bytes in all
// (CheckKey). No key can therefore name a parent folder, a hidden file, a
// drive or a device, and keys mean the same on file systems that fold case.
//
// # Concurrency
//
// A Store is safe for concurrent use. A Pending belongs to one goroutine.
package object
