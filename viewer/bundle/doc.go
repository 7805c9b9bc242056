// Package bundle makes one byte string of a series: what a page needs to show it,
// in the order in which it needs it, so that one request brings a whole series.
//
//	"DKB1"
//	head   what every frame is and how it is shown, gzip of JSON (Head)
//	indx   lengths of the records below, so that a Range can begin anywhere
//	prev   × frames: scroll previews, JPEG of at most 256 pixels a side, in slice order
//	       × frames: lossless frames from the middle of the series outwards
//	done   the end
//
// Each is a record: four letters that say what it is, the frame it belongs to
// (uint32, from 0 in slice order; 0 where there is none), the length of the payload
// (uint32), the payload. Numbers are big endian. A frame's letters say how it is
// coded, Kind lists them; a frame without picture has a record too, which names why.
// Unknown letters are to be passed over.
//
// The payload of indx has three numbers (uint32) a frame, in slice order: the length
// of its prev record, that of its frame record, and how many bytes of the latter
// suffice for half the resolution (0: it has no such prefix; the shorter prefixes
// stand in the TLM marker of the code-stream, T.800 A.7.1). Lengths are of the whole
// record, head of 12 bytes included. The first prev record begins where indx ends,
// the first frame record where the last prev ends; frame records follow each other in
// the order of Head.Order.
//
// Lossless frames are HTJ2K (T.814), progression RPCL with TLM, so that a prefix is
// the frame at a lower resolution. Streams that a browser decodes by itself (JPEG
// baseline) or that are HTJ2K already are passed on as they are stored; samples no
// HTJ2K encoder here takes (more than 16 bits) are deflated.
//
// # Making
//
// A bundle is made by whoever asks first, or by Run after a study is complete, and
// everybody who asks meanwhile reads along from the same file as it grows. Such a
// stream has an index of zeros, and no Range. The bundle of a series that has got
// another instance has another revision; it takes over the coded frames of the one
// before. Nothing here is an original: any bundle may be deleted at any time.
//
// # Encryption
//
// With Options.Key what a file holds is sealed, in chunks of package sealed, from the
// first byte that is written; a bundle that is cut, changed or under another key is
// made anew when it is opened, one with a changed chunk in the middle breaks off
// where that is read and is made anew the next time.
//
// Left out: palettes kept as such (they are RGB here), overlay planes, streams of
// video.
//
// Memory: a build holds one frame as stored, decoded (within the budget of
// preview.Pipeline) and coded, and the head, about 100 bytes a frame; sealed, three chunks of 64 KiB more. Disk: the Shelf
// keeps to Options.MaxBytes and drops what has not been read for longest.
//
// Concurrency: a Maker serves any number of goroutines.
package bundle
