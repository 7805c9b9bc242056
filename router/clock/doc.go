// Package clock watches the limits of open Workitems: until when one must be
// claimed and signed, and what happens on the way there.
//
//	created                     claim limit                 deadline
//	   |------------|------------|---- - - - ---|------------|
//	            half: warned,            three quarters:  escalated
//	            offer reaches further    warned
//	                         escalated
//
// Of a STAT those who may take it are told when it is made, and when it is offered
// anew: its reader, or who of the panel is on duty or on call. When all have declined
// an item the coordinator is called at once.
//
// Timers are rows: [Plan] says which an item has, the row of one is fired by the
// transaction that first marks it, so each has its effect once whatever the number
// of processes and however often they die. Items that have no timers (replacements,
// items of an older version, of a restored backup) are given theirs by every look.
//
// What a timer says reaches the pages as an event. People elsewhere are told by
// notices, e-mail or webhook, which are rows too: whoever holds the lease sends,
// and it is sent until it is taken. A notice holds the hospital, the priority, the
// limit and a link; never anything of the patient.
//
// Readers are not told of anything but STAT in their quiet hours. What is not STAT
// waits until they end: of each item the last word, and only if the reader may still
// take it or has it. Coordinators are told always.
//
// [Keeper.Run] sleeps until the next timer. It may run in several processes.
package clock
