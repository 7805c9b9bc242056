// Package mp4 writes a film of a telephone or camera anew, with its pictures and its
// sound and nothing else.
//
// # What comes of a file
//
// A file of the ISO base media file format (ISO/IEC 14496-12, MP4) or QuickTime (MOV)
// is read into a Movie: one track of pictures, at most one of sound, and of each the
// samples in the order in which they are decoded. Movie.WriteTo writes a file of that
// alone. No box is copied: what the model does not hold, positions (©xyz, loci, meta),
// devices, names, times of creation, tracks of timed metadata, bytes between the
// samples, is not in what comes out. The index stands before the samples, so that a
// browser shows the first picture before it has the rest.
//
// Within the samples and the decoder configurations only what pictures are decoded
// from is kept: NAL units of slices and parameter sets (ISO/IEC 14496-10 7.4.1,
// ISO/IEC 23008-2 7.4.2), OBUs of headers and tiles (AV1 5.3). Supplemental enhancement
// information, where some cameras write position and serial number, metadata and
// padding are left out.
//
// # What is taken
//
// Pictures of AVC (avc1), HEVC (hvc1, hev1), AV1 (av01) or VP9 (vp09), sound of AAC
// (mp4a, ISO/IEC 14496-3) or Opus (RFC 6716), self-contained, with at most one edit and a pause before it.
// The samples may be in fragments (ISO/IEC 14496-12 8.8), as browsers record; what comes
// out is not. Everything else is one of the errors of this package.
//
// # Promises
//
// What Open reads into memory is the index and one fragment of it, of MaxIndex bytes
// each, and one sample, of MaxSample bytes, whatever the file says. What is written is never longer than the
// file and the MaxIndex bytes of its index. A file that was written opens again and is
// written as the same bytes.
//
// # Left out
//
// Nothing is decoded: that a decoder can show the pictures is not known. Frames that an
// edit list hides stay hidden and stay there. Elements of an AAC frame that carry data
// are not looked for, nor is the padding of an Opus packet.
package mp4
