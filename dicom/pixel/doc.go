// Package pixel turns the Pixel Data of a DICOM object into pictures.
//
// Sections of the standard: PS3.3 C.7.6.3 (Image Pixel: bit cells, planar
// configuration, photometric interpretations, palettes and C.7.9.2 segmented
// palettes), PS3.5 8.1 and 8.2 (cells in native and encapsulated form, bit
// packing, byte order), PS3.3 C.11.1 (Modality LUT), C.11.2 (VOI LUT and its
// three functions), C.7.6.16 (functional groups of multi-frame objects),
// C.7.6.2 (image plane), C.7.5.1.1.2 (pixel padding), C.9.2 and C.9.3 (overlays, those
// in free bits of the cells too).
//
// The way of a frame:
//
//	Open ── Reader.Stored(n) ── samples as stored, interleaved, little endian
//	            └── Reader.Frame(n) ── colour made RGB with 8 bits; grey as stored
//	                     └── Table.Set(frame, Presentation) ── window table
//	                             ├── Render   same size
//	                             └── Reduce   box average and table in one pass
//
// Everything but Reader is a pure function of its arguments. Left out: float
// and double float pixel data, supplemental palettes, ICC profiles, Presentation
// LUTs other than their shape, and YBR_PARTIAL_420.
//
// Memory: a frame larger than Limits.MaxFrameBytes is refused before anything
// is allocated, a native frame is allocated only after its bytes are known to
// be in the file. With a reused Frame no call of the hot path allocates.
//
// Vectors: `GOEXPERIMENT=simd go build` on amd64 adds the boxes of reductions by 2 and
// 4 with AVX2 where the processor has it; every other build uses the plain loops, and
// a test holds that both agree. The window is a look-up in a table of bytes, for which
// there is no such instruction.
//
// Concurrency: a Reader serves one goroutine at a time; Tables and Frames
// belong to whoever made them; the rest is safe for any number of goroutines.
package pixel
