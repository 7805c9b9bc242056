// Package jpegll decodes lossless JPEG: ITU-T T.81 Annex H with Huffman coding
// (process 14), all selection values, 2 to 16 bits, point transform, restart
// intervals, up to four components interleaved or in scans of their own. It
// encodes selection value 1. These are the transfer syntaxes
// 1.2.840.10008.1.2.4.57 and .70 of PS3.5 §A.4.2.
//
// Left out: arithmetic coding (process 15, retired), hierarchical frames.
//
// Being lossless, the decoder takes no chance: a sample beyond the declared
// precision, data that end early and data left over after the last sample of
// an interval are errors, not pictures. A missing end of image is tolerated.
//
// Work space: the entropy-coded segment without stuffing (at most the stream),
// a few rows, 70 KB of tables. A Decoder serves one goroutine at a time.
package jpegll
