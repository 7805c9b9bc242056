// Package assist lets engines of the house help with a report: one writes down
// what is dictated, one proposes a draft. Both are off until the house names one,
// and both are somebody else's program behind a small HTTP interface (docs/ASSIST.md).
//
// What is said about a patient does not leave the house: an engine is reached on
// this machine or at a private address (RFC 1918, RFC 4193), whatever its name
// resolves to, and is told no name, identifier or date of a patient.
//
// Text of an engine is nobody's word. Each answer is kept, and a report with a
// passage of one cannot be signed before its reader has said of that engine's text
// that they have read it ([Unseen]): the page shows it as a draft, and the rule
// does not depend on the page. The origin is signed with the report.
package assist
