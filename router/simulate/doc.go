// Package simulate plays weeks of a reading network in virtual time through what a
// server runs, on a scratch database: studies arrive in the catalog, the ledger
// releases them ([completeness.Ledger]), rules and choice give them their Workitems
// (package assign), the keeper of the clocks fires timers and sends notices
// ([clock.Keeper]), readers claim and complete ([worklist.Claim], [worklist.Complete]).
// Only time is played ([db.WithNow]) and the people are: the directory is written as
// `dokuei apply` writes it.
//
// Hospitals and readers are invented, by the figures of the region: studies arrive
// as a Poisson process with the hours of an outpatient day, hospitals differ in size
// by Zipf's law, readings take a lognormal time. What people do is a model: how soon
// a reader sees what is on the screen or hears a mail, that a STAT interrupts what is
// being read. They hear of nothing but what the events and notices of the service say.
//
// Three policies see the same arrivals and the same readers:
//
//	ours         by the rules, with scores, offers, deputies and the clock
//	round robin  each study to the next reader on the roster, whoever is there
//	first claim  one pool; whoever is free takes what looks easy, STAT when they see it
//
// Under ours a coordinator is told of what nobody has taken in time and telephones
// those on duty or on call. The others have no clock that could tell anybody: the
// hospital telephones about a STAT.
//
// Turnaround is that of the rows, and the figures of the service ([worklist.Figures])
// must count the same reads. Fairness is of the minutes read for each hour of a
// reader's week. What a rule offers to a whole panel goes to who is at the desk when
// most arrives, and is then as unfair as the roster; where one of them has it first
// (alone of the rule), to whom the choice finds.
//
// A run is a function of its Config: the same seed gives the same outcome. Disk: some
// kilobytes a study, until the run ends.
//
// Left out: late images, releases, double readings, travel of images.
package simulate
