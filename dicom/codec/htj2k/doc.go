// Package htj2k decodes High-Throughput JPEG 2000 (ITU-T T.814 | ISO/IEC
// 15444-15), the transfer syntaxes 1.2.840.10008.1.2.4.201 to .203 of PS3.5
// §A.4.10. The code-stream is that of Part 1, so the decoder is that of package
// j2k, which tells the kind of a code-block by its style; this package adds the
// check that there are such blocks.
//
// Left out: code-streams with blocks of both kinds in one tile-component, and
// code-blocks of more than one HT set.
//
// What package j2k promises of memory and concurrency holds here.
package htj2k
