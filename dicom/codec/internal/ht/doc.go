// Package ht is the block coder of High Throughput JPEG 2000 (ITU-T T.814 |
// ISO 15444-15, clause 7 and Annex C): it decodes the cleanup, significance
// propagation and magnitude refinement passes of an HT set and encodes the
// cleanup pass. It knows one code-block at a time and nothing of the
// code-stream around it (package j2k).
//
// A block is decoded in quads of 2 × 2 samples. Three bit-streams are read side
// by side: MEL (runs of insignificant quads) and VLC (significance patterns and
// exponents) share the end of the cleanup segment, running towards each other;
// MagSgn (magnitudes and signs) fills its beginning. Bit-stuffing is taken out
// of the latter two before, so that they are read by position alone.
//
// Work space: the bytes of the segment and some kilobytes. A Decoder or Encoder
// serves one goroutine at a time.
package ht
