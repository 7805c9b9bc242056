// Package hl7 is the syntax of HL7 v2 messages in their vertical bar encoding:
// bytes to segments, fields, repetitions, components and subcomponents, and back.
// It knows no segment but MSH and MSA.
//
//	HL7 v2.5 2.5      delimiters, read from MSH-1 and MSH-2
//	HL7 v2.5 2.7      escape sequences \F\ \S\ \T\ \R\ \E\ \.br\ \Xhh\
//	HL7 v2.5 2.9      acknowledgement: MSH and MSA
//	HL7 table 0211    the character sets of MSH-18
//	JAHIS 放射線データ交換規約 3.1C  ISO-2022-JP, yen sign as escape character
//
// The second byte of a kanji of JIS X 0208 may look like any delimiter, so each
// line is decoded to Unicode before it is split; a line begins in ASCII whatever
// the one before ended in. In the Roman set of JIS X 0201 the byte 5C is drawn as a
// yen sign and means the escape character: it is read as a backslash. A message
// without MSH-18 is taken for ISO-2022-JP when it has its escapes, else for UTF-8
// when it is valid, else for Shift JIS, and [Message.Guessed] says so.
//
// # Promises
//
// Parse copies what it keeps and is bounded by [MaxBytes], [MaxSegments] and
// [MaxValues]; it never panics, whatever the bytes are. Functions keep no state.
//
// Left out: batches (BHS, FHS), XML encoding, continuation (DSC, ADD), locally
// defined escapes (\Z..\), which are dropped.
package hl7
