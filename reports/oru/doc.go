// Package oru writes a signed report as an HL7 v2.5 unsolicited observation
// message and reads one back.
//
//	HL7 v2.5 7.3.1     ORU^R01: MSH PID PV1 ORC OBR OBX…
//	HL7 v2.5 4.5.3     OBR-25 Result Status, table 0123: P F C X
//	HL7 v2.5 7.4.2     OBX, OBX-11 table 0085
//	HL7 v2.5 2.A.24    ED: the report as PDF, base64
//	JAHIS 放射線データ交換規約  names in ideographic and phonetic repetitions
//
// The sections follow each other as OBX of type FT under their LOINC codes; a
// section of several lines has \.br\ between them. The number of the section is its
// OBX-4. A line that is in codes is an OBX of its own, its OBX-4 numbered below the
// section's, and the OBX of its codes have that number too (7.4.2.4). Text is escaped by
// internal/hl7, so that a report may hold any delimiter. The control ID (MSH-10)
// is a function of the version's content hash: a message sent twice is one
// message to its receiver.
//
// Left out: images (they are named in the SR, whose UID stands in an OBX of type RP).
// Pure functions; memory in proportion to the report.
package oru
