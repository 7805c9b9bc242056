// Package jpeg decodes the DCT processes of ITU-T T.81 with Huffman coding:
// baseline (process 1), extended sequential with 8 and 12 bits (2, 4) and
// progressive (6, 8, 10, 12), of which DICOM uses the first two (PS3.5 §A.4.1)
// and retired the others, which archives still hold.
//
// The inverse DCT is the integer form of the algorithm of Loeffler, Ligtenberg
// and Moschytz (ICASSP 1989) with constants of 13 fractional bits, the one the
// common libraries default to, so that samples agree with theirs. Components
// with half the resolution across, down, or both are interpolated with a triangle
// filter; other sampling factors are replicated. libjpeg-turbo does the same, bit by bit.
//
// A reduced frame (codec.Options.Reduce) is made by smaller transforms of the lowest
// frequencies of each block.
//
// GrayEncoder writes grey baseline pictures; the rest of the package does not need it.
//
// Colours stay as coded: see codec.Image.Color and codec.YBRToRGB.
//
// Left out: arithmetic coding, hierarchical frames, more than four components.
//
// Work space: the entropy-coded data without stuffing (at most the stream), one
// plane per component, and for progressive frames two bytes per coefficient. A
// Decoder serves one goroutine at a time.
package jpeg
