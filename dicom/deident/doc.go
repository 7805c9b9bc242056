// Package deident takes out of a DICOM object who it is of: the Basic Application
// Level Confidentiality Profile and its options (PS3.15 Annex E).
//
// What happens to each attribute is data: table.tsv is Table E.1-1 of the 2026c
// edition, all 656 rows with their columns of options. Where the table leaves a
// choice to the IOD (X/Z, X/D, Z/D, X/Z/D, X/Z/U*) the action that keeps an
// attribute is taken, so that an object stays valid whether the attribute is of type
// 1, 2 or 3 in it.
//
// Beyond the table: person names of any attribute, and public attributes that the
// dictionary (PS3.6) does not know, are not left as they were, since nobody can say
// what they tell; so are private ones outside E.3.10. What stands behind the pixel
// data (signatures, padding, private groups) is left out.
//
// UIDs, pseudonyms and shifts of dates are keyed (HMAC with SHA-256): the same under
// one key for ever and across objects, and without the key neither reversible nor
// to be found by trying. UIDs that the standard assigns stay.
//
// Burned-in text (E.3.1) is masked in rectangles of the decoded pixels, without loss
// elsewhere; what came compressed goes on compressed. An object that says it has burned-in text (0028,0301) and has no mask is
// refused: a black word on an image is no smaller leak than an element.
//
// Left out: recognising text or faces in pixels (E.3.2 only states that somebody has
// cleaned them), encrypted originals (0400,0500), and curves.
//
// Memory: the header, bounded by stream.Limits, one row of pixels, and for compressed
// pixels that are masked one frame. A Profile may be used by many goroutines at once.
package deident
