// Package loop closes the loop between a signed report and the doctor who asked
// for it. A report that somebody has opened is not a report that the right
// person has read (JCQHC Medical Safety Information No. 225, No. 138).
//
//	delivered ──► opened ──► acknowledged ──► acted on
//	              (each by the ordering doctor, each for one version)
//
// The ordering doctor is the account the hospital has named for the study, else
// the one of the hospital whose name is that of the Referring Physician
// (0008,0090). What anybody else opens is kept and never counts. Each version is
// acknowledged by itself: an addendum after an acknowledged report is unread.
//
// Versions nobody acknowledges are reminded of, the important ones sooner, at
// growing intervals: as events, and by notices that are rows: to the ordering doctor
// by their e-mail and to the hospital by those of its routes that take notices
// ([Reminding]). Each is sent until it is taken, once a step whatever the number of
// processes, not in the hospital's quiet hours unless it is about a critical finding,
// and not at all when the version was acknowledged meanwhile.
//
// # Critical findings
//
// A version signed with a critical finding has a deadline by its level (ACR
// Actionable Reporting Work Group). It is closed by a contact that was read back
// or by the ordering doctor's acknowledgement of the version or of a correction of it.
// One still open at its deadline is escalated to the coordinator: an event, a mark on
// the board and an e-mail, once.
//
// [Watch] does what time brings. It may run in several processes: every step is
// one UPDATE that names the state it expects. Texts of findings stay in rows;
// events and audit records hold none.
package loop
