// Package transcode rewrites a data set from one transfer syntax to another
// without changing what it says: implicit VR little endian, explicit VR little
// endian, explicit VR big endian and deflated (PS3.5 Annex A.1, A.2, A.3, A.5)
// are read, the first two are written. That is what a sender needs so that any
// peer takes any uncompressed object.
//
// Sequences and items are written with undefined length (PS3.5 §7.5.2), so
// nothing has to be known before it is written; group lengths (gggg,0000) are
// left out, as they would be wrong and are retired (PS3.5 §7.2).
//
// Memory: one buffer of 32 KiB, whatever the size of the object. Reader adds one
// goroutine, which ends when the reader is read to its end or closed.
//
// Left out: compressed pixel data, for which there is ErrEncapsulated.
package transcode
