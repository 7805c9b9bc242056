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
// The file is PDF/A-2a (ISO 19005-2) and PDF/UA-1 (ISO 14289-1): all fonts embedded
// with their characters, colours under a profile, metadata as XMP, tagged for who has
// it read out: title and headings, paragraphs, key images with their captions as words,
// the language. TestArchivalForm reads a file and holds it against what both ask, and
// asks qpdf where it is installed; pdfcpu's strict validation passes ten kinds of report.
// No validator of PDF/A itself (veraPDF) has judged it.
//
// A character no typeface has, or that only the hospital knows (private use), is
// printed as 〓, and its code point is named at the foot of the report: a name must
// never lose a character unseen.
//
// Render and Writer.Write are pure: the same report gives the same bytes.
// Memory is in proportion to the report. Left out: vertical writing.
package pdf
