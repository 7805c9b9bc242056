// Package transcode rewrites a data set from one transfer syntax to another
// without changing what it says: implicit VR little endian, explicit VR little
// endian, explicit VR big endian and deflated (PS3.5 Annex A.1, A.2, A.3, A.5)
// are read, the first two are written. Compressed pixel data (PS3.5 A.4) of the
// syntaxes that package codec/registry knows is decoded on the way, with the
// attributes that describe it (PS3.3 C.7.6.3): Photometric Interpretation of a
// colour space that exists only compressed becomes RGB, Planar Configuration 0, and
// Lossy Image Compression stays, or is added behind a DCT process. That is what a
// sender needs so that any peer takes any object.
//
// Sequences and items are written with undefined length (PS3.5 §7.5.2), so
// nothing has to be known before it is written; group lengths (gggg,0000) are
// left out, as they would be wrong and are retired (PS3.5 §7.2).
//
// Memory: one buffer of 32 KiB, whatever the size of the object, and for compressed
// pixel data one frame, compressed and decoded (at most 128 MiB each). Reader adds one
// goroutine, which ends when the reader is read to its end or closed.
//
// Left out: video, JPEG XL and cells of one bit, for which there is ErrEncapsulated
// or an error; compressing.
package transcode
