// Package truetype reads just enough of a TrueType font to set text with it and
// to embed the used part of it in a PDF file.
//
// Tables (ISO/IEC 14496-22, Open Font Format): head 5.2.2, hhea 5.2.3, hmtx
// 5.2.4, maxp 5.2.6, OS/2 5.2.8 (ascent and descent only), cmap 5.2.1 formats 4
// and 12, loca 5.3.5, glyf 5.3.4.
//
// Format 12 is what reaches characters beyond U+FFFF: 𠮷 (U+20BB7) is such a
// one, and is in people's names.
//
// Left out: CFF outlines, collections, cmap format 14 (variation sequences show
// the default form), kerning and vertical writing.
//
// Every offset and length of the file is checked before it is used; Parse keeps
// the caller's bytes and copies nothing. A Font is immutable and safe for
// concurrent use; a Subset belongs to one document.
package truetype
