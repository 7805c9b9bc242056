// Package simulate plays weeks of a reading network in virtual time, through the
// code that runs it: rules ([rule.Compiled]), limits and choice of readers
// ([assign.LimitsOf], [assign.Pick]), timers ([clock.Plan]), offers and the states
// of Workitems ([worklist.OfferTo], [worklist.Transition]), duty and holidays
// ([worklist.ReaderProfile.DutyAt], calendar).
//
// Hospitals and readers are invented, by the figures of the region: studies arrive
// as a Poisson process with the hours of an outpatient day, hospitals differ in size
// by Zipf's law, readings take a lognormal time. What people do is a model: how soon
// a reader looks at an alert, that a STAT interrupts what is on the screen.
//
// Three policies see the same arrivals and the same readers:
//
//	ours         by the rules, with scores, offers, deputies and the clock
//	round robin  each study to the next reader on the roster, whoever is there
//	first claim  one pool; whoever is free takes what looks easy, STAT when they see it
//
// Ours also has a coordinator: when the clock escalates what nobody has taken, those
// on duty are telephoned. The other policies have no clock that could tell anybody.
// Fairness is of the minutes read for each hour of a reader's week.
//
// A run is a function of its Config: the same seed gives the same outcome. Memory:
// some hundred bytes a study.
//
// Left out: late images, releases, double readings, travel of images.
package simulate
