// Package peer is the second look at signed reports: some are chosen at random,
// some by rules, and a reader of the same panel who did not write them says
// whether they agree (RADPEER scores, American College of Radiology).
//
//	signed ──► chosen ──► reviewed ──► seen by the first reader
//
// Which reports are chosen follows from their IDs, so that nobody can try again
// for another draw. A score is about a report and stays between its reader and the
// coordinator: the reader is not told who gave it, and nobody else is told of it.
// A score does not change the report; what is wrong in it is corrected as a new
// version.
//
// Beside it stand outcomes: what the hospital tells the reader about the patient
// later. [Figures] are the numbers of one reader, or of all for the coordinator.
package peer
