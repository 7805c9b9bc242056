// Package assign turns a complete study into a reading task: it asks the rules,
// keeps their answer with its reasons, and makes, renews or leaves the Workitem.
//
//	study becomes complete, and …        outcome
//	no item was ever made                Created   an interpretation
//	it arrives, and is a STAT            Created   an interpretation, INCOMPLETE ([Early])
//	an item is open                      Kept      its images are READY, or again
//	  untaken, and the whole study goes
//	  to another panel                   Created   an interpretation instead of it
//	the last one was completed           Addendum  late images after the report
//	all were canceled, none replaced     Created   an interpretation
//	its order comes late, and is more
//	urgent ([Ordered]), nobody reads     Created   where the rules send it now
//	  somebody reads it                  raised in its place
//
// The worklist's index allows one open item a study, so there are never two
// open interpretations. Everything is written in the caller's transaction:
// the study is released together with its task or not at all.
//
// By the rule an item is offered to its panel, of whom one may have it some minutes before
// the others, or to a reader and a deputy. They are
// chosen ([Choose]): those against whom no hard constraint speaks (licence, modality,
// own hospital, declared conflict, subspecialties of the rule, language, duty, capacity), by a score (preferred,
// subspecialty, continuity, load, fair share of the month). The choice is a function
// of what was on the desks and is kept with everybody who was considered. Who declines
// an item ([Decline]) is not chosen for it again. Limits are
// those of the contract with the hospital ([LimitsOf]). The package keeps no state.
package assign
