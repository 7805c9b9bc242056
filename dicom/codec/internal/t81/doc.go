// Package t81 reads what the JPEG processes have in common: the marker segments
// of ITU-T T.81 Annex B, the Huffman tables of Annex C and the entropy-coded
// segments with their stuffing (§B.1.1.5, §F.1.2.3). T.87 uses the same marker
// segments.
//
// Nothing here allocates but the buffer that Unstuff appends to, which never
// exceeds the stream.
package t81
