// Package stream reads DICOM data sets element by element from an io.Reader
// (PS3.5 §7), and the file meta information before them (PS3.10 §7.1).
//
// A Scanner pulls: each Next gives one element header, item or delimiter; the value
// is then taken with Value (small, in a reused buffer), read with ValueReader
// (large), or left, and is skipped. Nothing is allocated from a length field;
// values grow only as their bytes arrive. Implicit and explicit VR little endian,
// explicit VR big endian and deflated streams are read (PS3.5 Annex A), with
// sequences and items of defined and undefined length (§7.5), UN of undefined length
// (§6.2.2 note 4), encapsulated Pixel Data (§A.4), and private and unknown VRs kept as they
// are.
//
// Files as they are met are read like the best toolkits do: missing preamble or
// meta group, a declared transfer syntax that the bytes contradict, elements without
// a VR in an explicit stream, odd lengths, stray or missing item delimiters, zero
// padding at the end, Pixel Data without its delimiter (which Unclosed tells). Whatever would need a guess about where a value ends is a
// FormatError with offset and element path.
//
// IndexFrames finds the bytes of each frame of a Part 10 file. Equal compares two
// files by meaning.
//
// Left out: decoding of values (package dataset), of text (package charset) and of
// pixels (package codec); digital signatures.
//
// Memory: one Scanner holds a 16 KiB buffer, a stack of at most 2×MaxDepth frames
// and, after a large Value, that value. A Scanner belongs to one goroutine at a
// time; different Scanners share nothing.
package stream
