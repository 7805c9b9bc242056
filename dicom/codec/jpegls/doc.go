// Package jpegls decodes and encodes JPEG-LS (ITU-T T.87 | ISO 14495-1),
// lossless and near-lossless, 2 to 16 bits, one to four components in all three
// interleave modes, preset parameters, mapping tables and restart intervals. These are
// the transfer syntaxes 1.2.840.10008.1.2.4.80 and .81 of PS3.5 §A.4.3.
//
// Restart intervals count lines, as the known writers have it.
//
// Samples with a mapping table (LSE types 2 and 3) are decoded to its entries: one or
// two bytes each, or three, red, green and blue, of a single component, unless the data
// set says that there is one sample per pixel and so has the colours of its own.
// Subsampled components are brought to the size of the frame by repetition.
//
// Left out: mapping tables or restart intervals of subsampled components, the colour
// transforms of the HP extension (APP8 "mrfx").
//
// A code that no encoder makes, data that end early and data left over after
// the last line are errors.
//
// Work space: the entropy-coded segment without stuffing (at most the stream),
// two rows per component, 150 KB of tables. A Decoder serves one goroutine at a
// time.
package jpegls
