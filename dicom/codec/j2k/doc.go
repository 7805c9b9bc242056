// Package j2k decodes and encodes JPEG 2000 code-streams: Part 1 (ITU-T T.800 | ISO 15444-1)
// and, for the blocks that are so coded, High Throughput (T.814 | ISO 15444-15).
// These are the transfer syntaxes 1.2.840.10008.1.2.4.90 and .91 (PS3.5 §A.4.4)
// and, through package htj2k, .201 to .203 (§A.4.10).
//
// Both transformations, all five progressions and their changes, tiles and
// tile-parts, precincts, layers, all code-block styles, regions of interest,
// packed packet headers, SOP and EPH, offsets, subsampled components (they are
// replicated), signed and unsigned components of 1 to 16 bits, up to 1024 of them,
// code-blocks of Part 1 and HT ones in one tile-component, and the JP2 wrapping
// that is met in the wild although PS3.5 §8.2.4 does not allow it. The component
// transformations are undone. Options.Reduce leaves the highest resolution levels
// out, undecoded; packets behind those of the levels that are kept need not be
// there (see Prefix). Components that are no samples of the same pixels come from
// DecodePlanes.
//
// Encoder writes lossless frames: the 5-3 transformation, one tile, one layer,
// Part 1 or High Throughput code-blocks.
//
// Left out: Part 2 (multi-component transformations of .92 and .93, arbitrary kernels), precisions above 16 bits,
// palettes of JP2 (refused) and its channel definitions (not looked at: the data
// set says what samples are), code-blocks of more than 30 bit-planes, lossy
// encoding, encoding of frames with a side above 32768.
//
// Data that end before the last packet are an error. So is a file whose
// segmentation symbols are wrong, but where a block's data have run out; a code-stream without them has no redundancy
// that would reveal a changed byte.
//
// Work space, all proportional to a tile: four bytes per sample, about 100 bytes
// per code-block and precinct, whose number is limited in relation to the tile's
// samples; 24 bytes per contribution of a packet to a code-block. An Encoder
// needs the same and the bytes that it writes. Each serves one goroutine at a
// time and allocates nothing for frames after the first of a size.
package j2k
