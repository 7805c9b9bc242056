// Package codec is the contract between compressed DICOM frames and the rest of
// the house (PS3.5 §8.2, §A.4, Annex G). A [Decoder] turns the joined fragments
// of one frame into samples; the packages below it, one per standard, keep the
// contract and codectest holds the suite that each of them passes:
//
//	rle     PS3.5 Annex G               decode, encode
//	jpeg    ITU-T T.81 DCT processes    decode (baseline, extended, progressive)
//	jpegll  ITU-T T.81 process 14       decode, encode (selection value 1)
//	jpegls  ITU-T T.87                  decode, encode
//	j2k     ITU-T T.800                 decode, encode (lossless)
//	htj2k   ITU-T T.814                 decode, encode (lossless; the code-stream is that of j2k)
//
// Package registry maps a Transfer Syntax UID to a Decoder.
//
// # What a decoder returns
//
// Samples as the stream holds them, interleaved by pixel whatever the planar
// configuration of the data set, little endian, one byte each up to 8 bits, two
// up to 16, four above. Component transforms that belong to the stream itself
// (RCT and ICT of T.800) are undone. The YCbCr of a DCT stream is kept, for
// whether it is YCbCr at all is known to the data set's Photometric
// Interpretation and only hinted at by JFIF and Adobe markers: Image.Color
// carries the hint and [YBRToRGB] does the conversion.
//
// # Promises
//
// Input is hostile. A decoder checks the size that the stream declares against
// [Options] before it allocates; it never panics, never loops longer than its
// input and its declared frame warrant, and gives an *[Error] with the offset
// and reason for a stream that is truncated, corrupt or beyond the limits. The
// samples in Image.Pix are meaningless after an error.
//
// Memory is the frame's Pix plus work space proportional to it (stated by each
// package) plus a constant. A Decoder keeps its work space between frames, and
// Image.Pix is reused when its capacity suffices, so that frames after the first
// are decoded without allocation. A Decoder and its Image therefore belong to
// one goroutine at a time; the packages have no state outside of them.
//
// A [RowDecoder] gives the rows of a frame while its stream comes.
//
// Left out here: photometric conversion other than YBRToRGB, LUTs and sign
// extension of narrow samples (dicom/pixel).
package codec
