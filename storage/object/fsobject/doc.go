// Package fsobject is the object store on a local disk.
//
// # Layout
//
//	ROOT/spool/<random>.part   objects being written
//	ROOT/objects/<key>         objects, the key's segments being folders
//	ROOT/lock                  held by the process that may sweep the spool
//
// The caller's keys spread objects over folders (ingest: one for each hospital and
// day). Few folders are made on purpose: on a journalling file system a new folder
// costs more than a new file, and each has to be synced into its parent.
//
// # Durability
//
// Commit syncs the file, makes missing folders and syncs their parents, renames
// the file into place and syncs the folder. The order makes a visible name imply
// whole content at any moment of a power cut. With Options.NameFirst the file has its
// name before it is synced, unless the name is taken: a journalling file system then
// flushes once, and only a nil from Commit implies whole content. Commits of many associations run
// side by side, which lets a journalling file system flush them together, and
// share the syncs of a folder.
//
// # Memory
//
// Objects are written past the page cache where the system can (O_DIRECT), most in
// one write from a buffer of a MiB, of which there are at most largeMost; beyond,
// an object takes 128 KiB whatever its size. The newest objects stay in memory
// for those who make things of them (Warm).
//
// # Space
//
// Create and long Writes answer object.ErrNoSpace before the reserve is touched,
// so that the database beside the objects keeps room.
//
// # Windows
//
// Folders cannot be synced there; NTFS journals names. A committed object that is
// open cannot be replaced: the one there is kept.
package fsobject
