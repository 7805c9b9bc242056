// Package pdf prints a signed report on A4 and wraps it as a DICOM Encapsulated
// PDF object (SOP class 1.2.840.10008.5.1.4.1.1.104.1, PS3.3 A.45.1).
//
// The page has the reading organization's letterhead, whom the report is for,
// the patient and study as the hospital named them, the sections, and a box
// with the reader's name and licence number, the time of signing in JST and the
// content hash. Pages are numbered, and each names the patient. Key images stand
// before the box, windowed as they were looked at, whole and not turned, with what
// was measured on them.
//
// The file has the form of PDF/A-2b (ISO 19005-2): all fonts embedded, colours
// under a profile, metadata as XMP. No validator of that standard has judged it.
//
// A character no typeface has is printed as 〓, and its code point is named at
// the foot of the report: a name must never lose a character unseen.
//
// Render and Writer.Write are pure: the same report gives the same bytes.
// Memory is in proportion to the report. Left out: vertical
// writing, PDF/A-2a and 2u.
package pdf
