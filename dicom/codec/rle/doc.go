// Package rle decodes and encodes the RLE Lossless compression of PS3.5 Annex G:
// a 64-byte header of segment offsets (§G.5), then one PackBits segment (§G.3)
// for each byte plane of the composite pixel code (§G.2), most significant byte
// first, colours one after another.
//
// The stream has no dimensions: codec.Options must carry Width, Height and
// BitsAllocated, and Samples unless it is 1. Bits Allocated of 1, 8, 16, 24 (as
// 32) and 32 are decoded; packed bits come out as one byte per sample.
//
// A segment that ends early is an error, as is a run that passes the end of its
// plane. What follows a full plane within a segment (the pad byte of §G.3.1,
// and the surplus that some encoders leave) is ignored.
//
// Work space: one byte per byte of the frame. A Decoder serves one goroutine.
package rle
