// Package worklist holds the reading task and the directory it is read from.
//
// A [Workitem] is one reading of one study by one reader. Its names and states
// are those of the Unified Procedure Step:
//
//	PS3.4 CC.1.1    the states and the table of transitions (transitions.go)
//	PS3.4 CC.2.1    Change UPS State: the Transaction UID is the key of the holder
//	PS3.4 CC.2.5    attributes of a step; priority, readiness, replaced step
//	PS3.16 CID 9231 the kinds of step: interpretation (110005), addendum (128001)
//
//	           Create                Claim                  Complete
//	  (none) ---------> SCHEDULED ---------> IN PROGRESS ------------> COMPLETED
//	                        |                     |
//	                        | Reassign            | Release, Reassign
//	                        v                     v
//	                    CANCELED  <---------------+     each leaves a replacement SCHEDULED
//
// A step never goes back to SCHEDULED (the standard has no "un-claim"): giving
// a task up cancels it and makes a new one that names the old one in its
// Replaced Procedure Step Sequence.
//
// The directory is who takes part: facilities with their AE titles and
// destinations, panels, and the readers who sit on them. router/site writes it
// from a file; router/rule keeps its rules beside it.
//
// # Promises
//
// Every function takes the caller's transaction. A change of state is one
// UPDATE that names the state and version it expects, so of any number of
// readers who claim one item exactly one wins and the others get
// [ErrAlreadyClaimed]. The event, the audit record and the right of the panel
// to see the study are written in the same transaction as the change. Two open
// Workitems of one study cannot exist: a unique index says so. Reads are
// limited to the caller's identity.Scope. Lists are paged by key, never by
// offset: at most [MaxPage] rows are held in memory. The functions keep no
// state and may be called from any goroutine.
//
// The package ups below gives the items as steps over DICOM.
//
// A [StepRequest] is a reading that a hospital has asked for before its study is here.
package worklist
