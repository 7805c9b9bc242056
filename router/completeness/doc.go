// Package completeness releases studies that have become whole.
//
// The ledger is the studies table itself: storage/ingest writes, in the
// transaction that makes an instance durable, when the study will have been
// quiet for long enough (release_at), or the present when the declared number
// of instances has come. Nothing about a waiting study lives in memory, so a
// process that dies with kill -9 between the last image and the release
// releases the study when it next starts (field report, N1).
//
//	receiving --- release_at passes ---> complete       Release, one transaction:
//	    ^                                   |           state, decision, Workitem,
//	    +------ an instance comes ----------+           grant, event, audit
//
// An instance that comes late takes the study back to receiving; the loop then
// marks an open Workitem INCOMPLETE (its event tells the reader) until the
// study is complete again.
//
// [Ledger.Run] sleeps until the next study is due or [Ledger.Wake] is called,
// and looks at most once each [Options].Pause: a thousand arrivals a second
// cost a few index look-ups. A clock stepped backwards would leave studies due
// in a far future; they are given their quiet time anew from the present.
//
// Run may run in several processes on one database: the release is a
// compare-and-set, the loser does nothing. Memory: a batch of IDs.
package completeness
