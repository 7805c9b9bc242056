// Package trace prints what two DICOM peers say to each other: every PDU of an
// association with direction and time (PS3.8 §9.3), presentation contexts, headers of
// presentation data values (PS3.8 Annex E), command sets in words (PS3.7 §6.3) and data
// set elements with tag, VR and length (PS3.5 §7).
//
// It is pure: bytes of each direction in, text out. An Association has a Writer for each
// side; what a Write completes is printed when it returns. Bytes that make no sense are
// reported and never an error, so that whoever relays them is not disturbed: framing that
// is lost ends the decoding of that side, not the writing to it.
//
// Patient data are masked by what may be shown, not by what must not: see Mask. UIDs, AE
// titles and coded technical values are shown; names, identifiers, dates, free text,
// private elements, everything of group 0010, error comments, user identities and bulk
// data are not. UIDs can still be traced to a patient by whoever has the archive.
//
// Memory: for each side at most one A-ASSOCIATE body (1 MiB) or command set (64 KiB) and
// the bounds of stream.Limits; a data set is never held. Concurrency: the two writers
// may be used from two goroutines.
//
// Left out: TLS, which cannot be looked into from the middle, and pixels.
package trace
