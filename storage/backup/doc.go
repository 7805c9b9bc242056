// Package backup copies catalog and images to another object.Store (a folder, a
// bucket; encrypted or not) and back, while the service runs.
//
// # Layout
//
//	images/<key>                     every image that a generation names
//	catalogs/<time>/dokuei.db        the catalog at that time
//	catalogs/<time>/manifest.json    its hash, and what belongs to it; written last
//
// # Order
//
// The catalog is copied first, as one consistent state; then the images its rows
// name. An image is durable before its row exists, so none that the copy names is
// missing. A generation counts once its manifest is there.
//
// # Incremental and verified
//
// Images never change and are named by their content, so one that is in the target
// in its full length is not copied again. What is copied is hashed on the way and
// compared with its row; a damaged image is reported, and neither kept nor allowed
// to replace a good one. Check reads a whole generation again.
//
// # Restore
//
// Images first, each hashed, then the catalog, so that a restore that broke off has
// no catalog and is not mistaken for one that is whole. It may be run again.
//
// # Left out
//
// Previews (they are made again), certificates and configuration files.
//
// # PostgreSQL
//
// The copy of a catalog is a file of SQLite with the same tables, whatever engine it
// came from (db.Snapshot), so that a second site needs no PostgreSQL. It is restored to
// either: RestoreInto fills a new database.
//
// # Concurrency and memory
//
// One backup at a time to a target. Memory is a page of rows and a copy buffer.
package backup
