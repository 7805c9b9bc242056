// Package retention decides how long studies are kept and takes them away in the end.
//
// # Retention
//
// Every hospital has a Policy; Default is what the law of Japan asks for. A study that
// has become complete is kept for Policy.Images after its last image, one with a
// signed report for Policy.Reports after the last signature, whichever is later. A
// legal hold keeps it for as long as it stands. Until then nobody deletes it. The
// database says so too: reports and messages refuse to be deleted but with a study
// that is being swept.
//
// # Deletion
//
//	requested ──▶ refused
//	    │  another person decides
//	    ▼
//	 trashed ──▶ restored      by a person, or because its hospital sends it again
//	    │  Policy.Trash
//	    ▼
//	sweeping ──▶ swept
//
// One person asks with a reason, another one agrees. The study is out of sight then
// (catalog.Trash) and nothing of it is gone. The grace time is over when the clock says
// so and a service has run for as long, counted without the clock: one that jumps
// forward deletes nothing, and neither does a time in which nobody could take a study
// back. Retention is looked at once more then, and one transaction
// takes all its rows, whatever table they are in (db.DeleteTree), and notes what is
// left: objects, and pictures made of them. Those go next; what breaks off goes on.
// The row of the deletion stays, with the Study Instance UID and no patient, and so
// does the audit trail.
//
// # Locks
//
// Where the objects lie in a bucket with object lock each is locked as it comes. A Locker
// lengthens the locks of a study's objects when it is to be kept for longer.
//
// # Copies
//
// Pictures are forgotten by each node on its own (Sweeper.Forget). Backups and mirrors
// are copies that nobody writes to: a study leaves them with the generations that
// name it. Bytes under Object Lock outlast their deletion until the lock ends.
//
// # Concurrency
//
// One Sweeper and one Locker in all nodes; Forget on every node.
package retention
