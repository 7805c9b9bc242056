// Package assign turns a complete study into a reading task: it asks the rules,
// keeps their answer with its reasons, and makes, renews or leaves the Workitem.
//
//	study becomes complete, and …        outcome
//	no item was ever made                Created   an interpretation
//	an item is open                      Kept      its images are READY again
//	the last one was completed           Addendum  late images after the report
//	all were canceled, none replaced     Created   an interpretation
//
// The worklist's index allows one open item a study, so there are never two
// open interpretations. Everything is written in the caller's transaction:
// the study is released together with its task or not at all.
//
// Left out so far: choosing a single reader (shifts, load, fairness), double
// reading. The package keeps no state.
package assign
