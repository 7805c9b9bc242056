// Package htj2k decodes and encodes High-Throughput JPEG 2000 (ITU-T T.814 |
// ISO/IEC 15444-15), the transfer syntaxes 1.2.840.10008.1.2.4.201 to .203 of
// PS3.5 §A.4.10. The code-stream is that of Part 1, so the work is done by
// package j2k, which tells the kind of a code-block by its style, and the blocks
// by internal/ht. The decoder takes Part 1 frames under these names too.
//
// Encoder writes lossless frames in progression RPCL, a tile-part for each
// resolution, with TLM: the bytes before tile-part n + 1 (see Prefix of the Decoder) are the
// frame at the n lowest resolutions.
//
// Left out: code-streams with blocks of both kinds in one tile-component; lossy
// encoding.
//
// What package j2k promises of memory and concurrency holds here.
package htj2k
