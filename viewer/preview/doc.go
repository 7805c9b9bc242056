// Package preview makes the pictures that a page shows before it has the real
// frames: for each instance a thumbnail of at most 128 pixels a side, a scroll
// preview of at most 256 and, when somebody asks, a preview of at most 512. All are
// JPEG, windowed as the header asks or by what the pixels hold (PS3.3 C.11), with
// the aspect of the pixels kept.
//
//	arrival ── Notify ──┐
//	start ──── Backlog ─┤─ one flight per instance ─ budget of bytes ─ decode ─ reduce ─┐
//	request ── Get ─────┘                                                               ├─ window ─ JPEG ─ pack
//	arriving ─ Take ─ See (reduce) ─ Stored ────────────────────────────────────────────┘
//
// The two small ones are made of every instance at once, because a page needs all
// of a series. They cost a third of what the large one costs, which is needed of few
// and takes a millisecond or two: it is made on demand, and the latest are held in
// memory. One pass over the frame averages it to half, the next works on that half.
// JPEG 2000, HTJ2K and JPEG are only decoded to the size that is needed.
//
// Originals are never touched. The small pictures of an instance are one value in the
// pack of its series (package pack) and may be deleted at any time: the next Get makes
// them again. An instance that has no picture gets a note there instead, which names
// why (Placeholder), and Get answers with a drawn sign. The note of a missing decoder
// is forgotten once there is a decoder.
//
// Pictures are less urgent than receiving: while Options.Busy says so one worker
// goes on and the others rest. Who asks with Get never waits for that.
//
// # Arriving
//
// The pixels of an image of one frame, uncompressed, in RLE, lossless JPEG or JPEG-LS, grey,
// in colour or of a palette, are averaged while they come, row by row
// (Take, See), and so is the frame in the middle of several uncompressed ones: all that is left to do once it is stored is the window and the JPEG, of
// a frame an eighth of a megabyte large. MaxTaken bounds how much of that is under way,
// MaxAhead how many stored instances may wait for it: beyond, Stored waits, and with it
// the sender of the instance, though never long. What comes in planes, of colours or of the
// bytes of RLE, is held until the last plane comes, RLE as it is coded: no pixel is whole
// before. The values of a frame that brings no window are counted as they come. Nobody sees a picture before its
// instance is durable. Everything else (several frames in a code,
// or each with functional groups of its own, codes that are by resolution or block,
// components of lossless JPEG and JPEG-LS in scans of their own, look-up tables, cells of 1 or
// 32 bits) is made right after, of the object as it is still in memory (package fsobject, Warm).
//
// Left out: series bundles (package bundle).
//
// Memory: what is decoded at one time is bounded by Options.MaxBytes, whatever
// the number of requests and workers, and what callers of Frame hold while they
// send it by Options.MaxServing; a frame larger than Options.MaxFrameBytes
// is not decoded. The queue of Notify is bounded too: what overflows it is found
// again by a walk over the Backlog.
//
// Concurrency: every method may be called by any number of goroutines. Run owns
// the workers; goroutines that Get began are waited for by Close.
package preview
