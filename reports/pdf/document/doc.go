// Package document writes PDF files (ISO 32000-1) of set text and rules: pages,
// embedded subset fonts, document information, nothing else.
//
// Text is written with a Type 0 font over a CIDFontType2 program (§9.7), glyph
// numbers as codes (Identity-H), and a ToUnicode map (§9.10.3) in UTF-16BE, so
// that characters beyond U+FFFF are printed and can also be searched and copied.
//
// The file is tagged (§14.8): what [Document.Tag] draws is a heading, a paragraph or a
// figure with its words, in the order of reading; all else is an artifact.
//
// The same calls give the same bytes: dates and the file identifier come from
// the caller. A Document holds its pages in memory until Write; it is not safe
// for concurrent use.
package document
