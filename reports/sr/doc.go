// Package sr writes a signed report as a DICOM Basic Text or Enhanced SR document
// and reads such a document back.
//
//	PS3.3 A.35.1       Basic Text SR IOD, SOP class 1.2.840.10008.5.1.4.1.1.88.11
//	PS3.3 A.35.2       Enhanced SR IOD, SOP class 1.2.840.10008.5.1.4.1.1.88.22
//	PS3.3 C.17.1       SR Document Series
//	PS3.3 C.17.2       SR Document General: flags, verifying and author observers,
//	                   predecessors, referenced request, evidence
//	PS3.3 C.17.3       SR Document Content
//	PS3.16 TID 2000    Basic Diagnostic Imaging Report, with TID 1204 (language),
//	                   TID 1001 to 1003 (observer) and TID 2002 (narrative)
//	PS3.16 CID 7000 to 7002  titles, headings, elements
//
// A document is COMPLETE and VERIFIED: it is written when its reader signs, and
// the Verifying Observer is that reader. An addendum names every earlier
// document in its Predecessor Documents Sequence and repeats their text.
//
// A line that is in codes is a TEXT item of its own, and the codes are its properties
// (TEXT HAS PROPERTIES CODE, with site and side as TID 1419 has them).
//
// The Enhanced form has the same text, what was measured as numbers with units that
// the findings are inferred from (TID 1400, 1401, 1404), and the key images under
// their heading, each the best illustration of its caption. It is written where a
// destination of the hospital wants it.
//
// What the reader has measured is a document of its own, which others can load:
//
//	PS3.3 A.35.3, PS3.16 TID 1500  Comprehensive SR: marks as measurement groups
//	                               (TID 1410 regions, TID 1501 the rest)
//	PS3.3 A.35.4, PS3.16 TID 2010  Key Object Selection: the key images
//
// Left out: presentation states for key images, whose window and arrows are kept in
// the catalog only. Reading accepts any by-value tree of headings and texts, old DCM
// headings among them. Pure functions; memory in proportion to the report.
package sr
