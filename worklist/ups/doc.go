// Package ups gives Workitems over DICOM: the Unified Procedure Step service of
// PS3.4 Annex CC as SCP, classes Push, Pull, Watch and Query. viewer/dicomweb gives
// the same over HTTP (PS3.18 §11).
//
//	N-CREATE                  a hospital asks for a reading (CC.2.5)
//	N-SET                     what a step says beyond our rows (CC.2.6)
//	C-FIND                    the steps the caller may see (CC.2.8)
//	N-GET                     one step, never its Transaction UID (CC.2.7)
//	N-ACTION 1                Change UPS State (CC.2.1): IN PROGRESS claims, with the
//	                          performer's Transaction UID; CANCELED by its holder gives
//	                          the reading back to the panel as a new step
//	N-ACTION 2                Request UPS Cancel (CC.2.2)
//	N-ACTION 3, 4, 5          subscribe, unsubscribe, suspend (CC.2.3): by a hospital, for
//	                          an AE that is one of its destinations
//	N-EVENT-REPORT            what changes, to subscribers (CC.2.4), by Herald
//
// A hospital sees the steps of its own studies and performs none. What it asks for
// is a worklist.StepRequest until its study is complete, and then the Workitem of the
// same UID; it may change what it says and take it back until somebody begins it. A
// reader's workstation sees what the reader sees on our pages and claims in the reader's
// name, by the same transaction as the page does: of both at once one wins, the
// other hears C302.
//
// COMPLETED is not for the performer to set: a step is completed by signing its
// report, which is the Output Information the final state requires, and until then
// the answer is C304. A study is never on nobody's list: what is taken back when its
// study is here goes to the coordinator, and what is being read is not taken back
// (C313; the coordinator is told).
//
// Steps are built from rows for each request and hold no state. A C-FIND reads
// a page of the list at a time.
//
// Left out: another priority by N-SET.
package ups
