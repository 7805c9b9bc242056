// Package htj2k decodes and encodes High Throughput JPEG 2000 (ITU-T T.814 |
// ISO 15444-15), the transfer syntaxes 1.2.840.10008.1.2.4.201 to .203 of PS3.5
// §A.4.10. The code-stream around the blocks is that of Part 1: [Decoder] is
// that of package j2k, which tells the two kinds of code-blocks apart.
//
// Encode writes lossless frames for all of them: progression RPCL with TLM
// marker segments, so that a prefix of the bytes is a lower resolution.
package htj2k
